from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from pydantic import JsonValue

from agents.songwriter import NO_REWRITES, RewriteBudget, check_written, write_lyrics
from agents.songwriter.layout import places_of, stanzas_of, taken_apart
from agents.songwriter.openings import openings
from agents.songwriter.point_of_view import opens_for, persons_of
from agents.songwriter.scoring import LineContext, line_problem
from agents.songwriter.song import sentence_case
from domain.genre import GenrePack
from domain.profile import Profile
from domain.report import Report
from domain.score import LyricSection
from domain.work import Concept
from media.lyrics.gates import check_lyrics
from media.lyrics.review import Aim, Review, review
from media.lyrics.scorers.hook import hook_share
from media.lyrics.scorers.rhyming import rhyme_coverage, rhyme_kind
from tests.agents.house import CONCEPT, EMBEDDER, FORM, PACK, PROFILE, SCOPE, House
from tests.support.scripts import lyric_endings, lyric_lines

Lyrics = tuple[LyricSection, ...]


def sung_with(scheme: str) -> GenrePack:
    lexicon = PACK.lexicon.model_copy(update={"rhyme_schemes": {scheme: 1.0}})
    return PACK.model_copy(update={"lexicon": lexicon})


async def words(
    house: House,
    seed: int = 1,
    *,
    pack: GenrePack = PACK,
    profile: Profile = PROFILE,
    concept: Concept = CONCEPT,
    budget: RewriteBudget | None = None,
    earlier: Sequence[str] = (),
) -> tuple[Lyrics, Report]:
    return await write_lyrics(
        house.gateway,
        EMBEDDER,
        profile=profile,
        pack=pack,
        concept=concept,
        form_sections=FORM,
        seed=seed,
        scope=SCOPE,
        earlier_lines=earlier,
        budget=budget,
    )


def seen(lyrics: Lyrics, report: Report) -> Review:
    scheme = next(c.chosen for c in report.choices if c.name == "lyrics.scheme")
    aim = Aim(scheme, PACK.lexicon.syllables_per_line, CONCEPT.title, persons=persons_of(CONCEPT))
    return review(taken_apart(FORM, lyrics), aim)


@pytest.mark.parametrize("small", [True, False])
async def test_a_critique_never_makes_a_song_worse(small: bool) -> None:
    gained = []
    for seed in range(4):
        draft, report = await words(House(small=small), seed, budget=NO_REWRITES)
        after, written = await words(House(small=small), seed)
        gained.append(seen(after, written).score - seen(draft, report).score)
    assert min(gained) >= 0
    assert small or max(gained) > 0, "the script has better lines to offer"


async def test_what_was_considered_is_written_down() -> None:
    _, report = await words(House(small=False), 1)
    rewrites = [q for q in report.considered if q.what.startswith("lyrics.rewrite/")]
    assert rewrites
    assert all(sum(c.chosen for c in q.candidates) <= 1 for q in rewrites)
    assert all(c.refused for q in rewrites for c in q.candidates if c.score < 0)
    assert report.notes[-1].startswith("after critique the song scores")
    assert any(note.startswith("draft scores") for note in report.notes)


@pytest.mark.parametrize("small", [True, False])
async def test_a_critique_stays_within_its_budget(small: bool) -> None:
    budget = RewriteBudget(calls=5, tokens=10**6, candidates=3)
    _, draft = await words(House(small=small), 2, budget=NO_REWRITES)
    _, report = await words(House(small=small), 2, budget=budget)
    extra = len(report.calls) - len(draft.calls)
    # A strong model reads the whole song once a pass; that call is not a candidate.
    assert 0 < extra <= 5 + (0 if small else budget.passes)


async def test_no_tokens_left_means_no_rewriting() -> None:
    _, draft = await words(House(), 2, budget=NO_REWRITES)
    _, report = await words(House(), 2, budget=RewriteBudget(calls=99, tokens=0))
    assert len(report.calls) == len(draft.calls)


async def test_only_bad_candidates_change_nothing() -> None:
    junk: list[JsonValue] = ["#rain www.x.com", "Visit me at 9"]
    house = House({"lyrics.rewrite": junk}, small=False)
    draft, _ = await words(House(small=False), 1, budget=NO_REWRITES)
    after, report = await words(house, 1)
    assert after == draft
    rewrites = [q for q in report.considered if q.what.startswith("lyrics.rewrite/")]
    assert rewrites
    assert all(c.refused for q in rewrites for c in q.candidates)


async def test_a_strong_model_names_lines_and_code_decides() -> None:
    named: JsonValue = {"weak": [{"line": 1, "reason": "flat"}, {"line": 399, "reason": "unclear"}]}
    house = House({"lyrics.critique": [named]}, small=False)
    _, report = await words(house, 3)
    assert any("line 399, which does not exist" in note for note in report.notes)
    assert any("it shows nothing" in q.what for q in report.considered)
    asked = house.asked("lyrics.critique")[0]
    assert "1. " in asked
    assert "12. " in asked


async def test_a_small_model_is_asked_for_no_critique() -> None:
    house = House()
    await words(house)
    assert not house.asked("lyrics.critique")
    assert not house.asked("lyrics.rewrite")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_chorus_begins_with_the_title(seed: int) -> None:
    lyrics, _ = await words(House(), seed)
    chorus = next(s.lines for s in lyrics if s.section == "chorus")
    assert hook_share(chorus, CONCEPT.title) == 1.0
    assert chorus[0].startswith("Between floors")
    assert check_lyrics(lyrics, PACK).passed


async def test_a_title_too_long_for_a_line_is_no_hook() -> None:
    title = "The Municipal Telephone Directory of Rotterdam"
    lyrics, _ = await words(House(), concept=CONCEPT.model_copy(update={"title": title}))
    assert not any("municipal" in line.lower() for s in lyrics for line in s.lines)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Letters to Anna", "Letters to Anna"),
        ("Where I Wait", "Where I wait"),
        ("Cold Thermos", "Cold thermos"),
    ],
)
def test_a_title_becomes_the_beginning_of_a_sentence(title: str, said: str) -> None:
    assert sentence_case(title, "I write to Anna. A cold thermos waits.") == said


@pytest.mark.parametrize("scheme", ["AAAA", "AABB", "XXXX"])
async def test_the_packs_scheme_is_kept(scheme: str) -> None:
    lyrics, report = await words(House(), 1, pack=sung_with(scheme))
    assert next(c.chosen for c in report.choices if c.name == "lyrics.scheme") == scheme
    covered = [rhyme_coverage(s.lines, scheme) for s in lyrics]
    if scheme == "XXXX":
        assert covered == [None] * len(lyrics)
    else:
        assert sum(c or 0.0 for c in covered) / len(covered) > 0.6


def test_every_scheme_lays_out_its_partners() -> None:
    stanza = stanzas_of(FORM)[0]
    assert [p.rhymes_with for p in places_of(stanza, "AAAA")] == [None, 0, 0, 0]
    assert [p.rhymes_with for p in places_of(stanza, "XXXX")] == [None] * 4


def test_a_song_is_told_by_and_about_the_people_of_its_scene() -> None:
    def scene(story: str) -> Concept:
        return CONCEPT.model_copy(update={"story": story})

    assert persons_of(scene("I read my sister's letter on the stairs.")) == ("i", "she")
    assert persons_of(scene("We wash the boat and he sings.")) == ("we", "he")
    assert persons_of(scene("The rain falls on the roof.")) == ("i", "you")


def test_lines_begin_with_nobody_else() -> None:
    persons = persons_of(CONCEPT.model_copy(update={"story": "I wait for her."}))
    found = openings(CONCEPT.images, PACK, 4, persons)[:40]
    assert len(set(found)) == 40
    assert all(opens_for(opening, persons) for opening in found)
    assert not {"He", "You", "We"} & set(found)
    assert {"He", "You", "We"} <= set(openings(CONCEPT.images, PACK, 4))


async def test_words_the_artist_avoids_and_its_taboos_are_not_said() -> None:
    voice = PROFILE.voice.model_copy(update={"avoided_words": ("train", "door")})
    profile = PROFILE.model_copy(update={"voice": voice})
    lyrics, report = await words(House(), profile=profile)
    said = " ".join(line for s in lyrics for line in s.lines)
    assert "train" not in said
    assert "door" not in said
    assert any("does not say" in (c.refused or "") for q in report.considered for c in q.candidates)


async def test_a_small_model_writes_english_and_says_so() -> None:
    german = PROFILE.model_copy(update={"languages": ("de", "en")})
    _, report = await words(House(), profile=german)
    assert any("'de'" in note for note in report.notes)
    assert report.snapshot["language"] == "en"


async def test_a_strong_model_writes_in_the_artists_language() -> None:
    rng = Random(1)
    things = [
        "Der Mond",
        "Die Uhr",
        "Mein Haus",
        "Das Boot",
        "Ein Zug",
        "Der Schnee",
        "Dein Mantel",
    ]
    doings = ["schläft", "wartet", "wandert", "leuchtet", "zittert", "schweigt", "brennt"]
    ends = ["über der Stadt", "hinter dem Tor", "unter dem Dach", "an der Wand", "neben dem Fluss"]
    lines = sorted(f"{a} {b} {c}" for a in things for b in doings for c in ends)
    pool: list[JsonValue] = list(rng.sample(lines, 120))
    house = House(
        {"lyrics.song": [{"sections": [{"section": "verse", "lines": []}]}],
         "lyrics.line": pool, "lyrics.rewrite": pool},
        small=False,
    )  # fmt: skip
    german = PROFILE.model_copy(update={"languages": ("de",)})
    lyrics, _ = await words(house, profile=german, pack=sung_with("XXXX"))
    assert all(line in pool for s in lyrics for line in s.lines)
    report = check_lyrics(lyrics, PACK, scheme="XXXX", language="de")
    # The script's few words return often, which is not what is tested here.
    assert {gate.gate for gate in report.failures} <= {"lyrics_vocabulary"}
    assert not check_lyrics(lyrics, PACK, scheme="XXXX").passed
    assert "Language (ISO 639-1): de" in house.systems()


async def test_phrases_of_earlier_songs_count_against_a_line() -> None:
    earlier = [f"Under the{ending}" for ending in lyric_endings()[:24]]
    lyrics, report = await words(House(), earlier=[*earlier, *lyric_lines()[:50]])
    parts = [c.parts["original"] for q in report.considered for c in q.candidates if c.parts]
    assert min(parts) < 1.0
    assert lyrics


@pytest.mark.parametrize("scheme", ["XXXX", "ABAB"])
async def test_words_are_judged_as_they_were_meant(scheme: str) -> None:
    pack = sung_with(scheme)
    lyrics, report = await words(House(), pack=pack)
    checked = check_written(lyrics, report, profile=PROFILE, pack=pack, concept=CONCEPT)
    verdicts = {gate.gate: gate.verdict for gate in checked.gates}
    assert verdicts["lyrics_rhyme"] == ("not_applicable" if scheme == "XXXX" else "pass")
    assert verdicts["lyrics_avoided"] == "pass"
    angry = PROFILE.personality.model_copy(update={"taboos": (lyrics[0].lines[0].split()[-1],)})
    other = PROFILE.model_copy(update={"personality": angry})
    refused = check_written(lyrics, report, profile=other, pack=pack, concept=CONCEPT)
    assert "lyrics_avoided" in {gate.gate for gate in refused.failures}


async def test_rhyming_lines_are_hinted_at_words_that_rhyme() -> None:
    house = House()
    lyrics, _ = await words(house, pack=sung_with("AABB"), budget=NO_REWRITES)
    asked = [text for text in house.asked("lyrics.line") if " Rhymes: " in text]
    assert asked
    first = next(text for text in asked if text.rstrip().count("\n") == asked[0].count("\n"))
    hints = first.split(" Rhymes: ")[1].split(".")[0].split(", ")
    assert all(rhyme_kind(lyrics[0].lines[0], word) in ("perfect", "slant") for word in hints)
    unrhymed = House()
    await words(unrhymed, pack=sung_with("XXXX"), budget=NO_REWRITES)
    assert not any(" Rhymes: " in text for text in unrhymed.asked("lyrics.line"))


def test_a_line_may_not_recite_its_hints() -> None:
    context = LineContext(pack=PACK, before=(), sources=(), hints=("gold", "old", "sold"))
    assert line_problem("The clouds are gold and sold and old", context)
    assert line_problem("The clouds above the road are gold", context) is None
