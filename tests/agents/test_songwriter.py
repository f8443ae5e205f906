from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import pytest
from pydantic import JsonValue

from agents.seeds import derive_seed
from agents.songwriter import (
    NO_REWRITES,
    RewriteBudget,
    conceive,
    lyric_sources,
    write_lyrics,
)
from agents.songwriter.layout import places_of, stanzas_of
from agents.songwriter.openings import openings
from domain.errors import InvalidInput, UnusableAnswer
from domain.genre import FormSection
from domain.quality import GateResult, QualityReport
from domain.report import Report
from domain.score import LyricSection
from domain.work import Concept
from media.lyrics.gates import check_lyrics
from media.lyrics.scorers.metre import regularity
from media.lyrics.scorers.rhyming import SCHEMES
from media.lyrics.scorers.singability import singability
from prompts import SHIPPED
from tests.agents.house import CONCEPT, EMBEDDER, FORM, PACK, PROFILE, SCOPE, House, mood
from tests.support.scripts import lyric_endings, lyric_lines

Lyrics = tuple[LyricSection, ...]


async def words(
    house: House,
    seed: int = 1,
    *,
    form: Sequence[FormSection] = FORM,
    earlier: Sequence[str] = (),
    previous: Lyrics = (),
    failing: QualityReport | None = None,
    attempt: int = 0,
    budget: RewriteBudget | None = None,
) -> tuple[Lyrics, Report]:
    return await write_lyrics(
        house.gateway,
        EMBEDDER,
        profile=PROFILE,
        pack=PACK,
        concept=CONCEPT,
        form_sections=form,
        seed=seed,
        scope=SCOPE,
        earlier_lines=earlier,
        previous=previous,
        failing=failing,
        attempt=attempt,
        budget=budget,
    )


def unique(lyrics: Lyrics) -> list[str]:
    return list(dict.fromkeys(line for section in lyrics for line in section.lines))


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_lyrics_pass_the_gates_and_follow_the_form(small: bool, seed: int) -> None:
    lyrics, report = await words(House(small=small), seed)
    assert [s.section for s in lyrics] == ["verse", "chorus", "verse", "chorus"]
    assert [len(s.lines) for s in lyrics] == [4, 4, 4, 2]
    checked = check_lyrics(lyrics, PACK, [t for p in SHIPPED for t in p.own_words])
    assert checked.passed, checked.failures
    assert len(unique(lyrics)) == 12
    assert report.models == ("scripted",)


async def test_the_chorus_returns_word_for_word() -> None:
    lyrics, _ = await words(House())
    first, second = (s.lines for s in lyrics if s.section == "chorus")
    assert second == first[: len(second)]
    verses = [s.lines for s in lyrics if s.section == "verse"]
    assert not set(verses[0]) & set(verses[1])


async def test_same_seed_same_words_other_seed_other_words() -> None:
    first, _ = await words(House(), 5)
    again, _ = await words(House(), 5)
    other, _ = await words(House(), 6)
    assert first == again
    assert len(set(unique(first)) & set(unique(other))) <= 2


EMPTY_DRAFT: JsonValue = {"sections": [{"section": "verse", "lines": []}]}


@pytest.mark.parametrize(
    ("junk", "why"),
    [
        ("Visit www.lyrics.com for more of this song", "web address"),
        ("Rain rain rain rain on the window", "repeated"),
        ("Verse: the kettle hums beside the door", "colon"),
        ("El tren de las flores para los que no", "language"),
        ("A mechanic eats alone in a stopped lift", "copies"),
        ("We chase the neon lights across the bay", "worn-out"),
        ("Yes", "sing"),
        ("The kettle hums and hums and the window is open and nobody ever comes home", "sing"),
    ],
)
async def test_bad_lines_are_refused_and_never_replaced_by_a_canned_one(
    junk: str, why: str
) -> None:
    house = House({"lyrics.song": [EMPTY_DRAFT], "lyrics.line": [junk]}, small=False)
    with pytest.raises(UnusableAnswer) as caught:
        await words(house)
    assert any(why in reason for reason in caught.value.facts["reasons"])


@pytest.mark.parametrize("copied", [" call my name, just leave it", " packed while my mother #x"])
async def test_a_continuation_may_not_copy_an_example(copied: str) -> None:
    with pytest.raises(UnusableAnswer) as caught:
        await words(House({"lyrics.line": [copied]}))
    assert {"copies its prompt", "a hashtag or mention"} & set(caught.value.facts["reasons"])


@pytest.mark.parametrize(
    "copied",
    [
        "Some other window, some other train",  # an example of the line's prompt
        "A chorus people remember after one hearing",  # what a strong model is told
        "I read my brother's letter on the stairs",  # an example of a scene
        "Blue ink, smudged, the third stair",  # an example of a scene's things
        "Find a single scene, particular people, a place",  # how a concept is asked for
        "Alone in a stopped lift with soup",  # the song's own scene
        "I know every building by its cables",  # the artist's voice
        "She records in a stairwell all night",  # the artist's biography
        "We dance beneath the palest moon of all",  # the lexicon
    ],
)
def test_nothing_on_the_way_to_a_lyric_may_be_copied(copied: str) -> None:
    lexicon = PACK.lexicon.model_copy(update={"avoid": ("dance beneath the palest moon",)})
    pack = PACK.model_copy(update={"lexicon": lexicon})
    sections = (LyricSection(section="verse", lines=(copied,)),)
    report = check_lyrics(sections, pack, lyric_sources(PROFILE, pack, CONCEPT))
    assert "lyrics_copied" in {gate.gate for gate in report.failures}


async def test_junk_between_good_lines_is_passed_over() -> None:
    lines: list[JsonValue] = []
    for line in lyric_endings()[::3]:
        lines += [line, f"{line} #{len(lines)}", "http://x.io"]
    lyrics, report = await words(House({"lyrics.line": lines}))
    assert check_lyrics(lyrics, PACK).passed
    assert any(c.refused for q in report.considered for c in q.candidates)


async def test_a_word_the_model_finishes_is_joined_to_the_opening() -> None:
    rest = [f"ful of rain {end.strip()}" for end in ("by the train", "on the lane", "in chains")]
    house = House({"lyrics.line": [*lyric_endings(), *rest]})
    lyrics, _ = await words(house)
    assert not any(" ful of" in line for line in unique(lyrics))


async def test_one_line_cannot_fill_a_song() -> None:
    with pytest.raises(UnusableAnswer):
        await words(House({"lyrics.line": [lyric_lines()[0]]}))


async def test_lines_of_earlier_songs_do_not_return() -> None:
    earlier = lyric_lines()[:300]
    lyrics, _ = await words(House(), earlier=earlier)
    assert not {x.lower() for x in unique(lyrics)} & {x.lower() for x in earlier}


def test_openings_differ_within_a_song_and_between_seeds() -> None:
    lists = [openings(CONCEPT.images, PACK, seed) for seed in range(10)]
    for found in lists:
        assert len(set(found[:40])) == 40
        assert all(len(opening.split()) <= 4 for opening in found)
        assert {"A wet rope", "A thermos", "A lamp"} <= set(found)
    assert lists[0] == openings(CONCEPT.images, PACK, 0)
    assert len({tuple(found[:12]) for found in lists}) == 10


async def test_every_line_begins_as_it_was_opened_and_is_sung_whole() -> None:
    house = House()
    lyrics, _ = await words(house)
    begun = {call.messages[-1].content.splitlines()[-1] for call in house.endpoint.calls}
    assert all(any(line.startswith(b) for b in begun) for line in unique(lyrics))
    assert len({" ".join(line.split()[:2]) for line in unique(lyrics)}) >= 11


def test_places_rhyme_inside_their_stanza() -> None:
    stanza = stanzas_of(FORM)[0]
    assert [p.rhymes_with for p in places_of(stanza, "ABAB")] == [None, None, 0, 1]


def test_schemes_point_back_only() -> None:
    for scheme in SCHEMES.values():
        assert len(scheme) == 4
        assert all(own is None or own < place for place, own in enumerate(scheme))


async def test_a_strong_draft_keeps_good_lines_and_mends_bad_ones() -> None:
    lines: list[JsonValue] = list(lyric_lines(12))
    lines[2] = "Check out https://song.example.org"
    draft: JsonValue = {
        "sections": [
            {"section": "verse 1", "lines": lines[0:4]},
            {"section": "chorus", "lines": lines[4:8]},
            {"section": "verse 2", "lines": lines[8:12]},
        ]
    }
    spare = lyric_lines()[100:160]
    house = House({"lyrics.song": [draft], "lyrics.line": list(spare)}, small=False)
    lyrics, report = await words(house, budget=NO_REWRITES)
    kept = unique(lyrics)
    assert kept[0] == lines[0]
    assert kept[2] in spare
    assert len(set(kept) & {str(x) for x in lines}) == 11
    assert any("web address" in note for note in report.notes)


async def test_a_revision_rewrites_only_weak_lines() -> None:
    lyrics, _ = await words(House())
    spoilt = tuple(
        LyricSection(section=s.section, lines=("Rain #rain 99", *s.lines[1:])) if n == 0 else s
        for n, s in enumerate(lyrics)
    )
    report = check_lyrics(spoilt, PACK)
    assert not report.passed
    mended, _ = await words(House(), previous=spoilt, failing=report, attempt=1)
    assert check_lyrics(mended, PACK).passed
    assert mended[0].lines[1:] == lyrics[0].lines[1:]
    assert mended[1:] == lyrics[1:]


async def test_a_failed_rhyme_gate_moves_the_rhyming_lines() -> None:
    lines = [line for line in lyric_lines() if line.endswith(("store", "phone", "lane", "white"))]
    flat = tuple(
        LyricSection(section=s.name, lines=tuple(lines[n * 4 : n * 4 + s.bars // 2]))
        for n, s in enumerate(f for f in FORM if f.sung)
    )
    failing = QualityReport(
        subject="lyrics", gates=(GateResult(gate="lyrics_rhyme", verdict="fail", reason="low"),)
    )
    mended, _ = await words(House(), previous=flat, failing=failing, attempt=1)
    assert unique(mended) != unique(flat)
    assert mended[0].lines[0] == flat[0].lines[0]


async def test_a_failed_vocabulary_gate_moves_the_lines_that_repeat() -> None:
    lyrics, _ = await words(House())
    verse = lyrics[0].lines
    echo = f"{verse[0].rsplit(' ', 1)[0]} again"
    echoing = (*lyrics[:2], LyricSection(section="verse", lines=(echo, *lyrics[2].lines[1:])))
    failing = QualityReport(
        subject="lyrics",
        gates=(GateResult(gate="lyrics_vocabulary", verdict="fail", reason="low"),),
    )
    mended, _ = await words(House(), previous=(*echoing, lyrics[3]), failing=failing, attempt=2)
    assert echo not in unique(mended)
    assert mended[0] == lyrics[0]


@pytest.mark.parametrize(
    ("subject", "gate", "scorer"),
    [("score", "stress", regularity), ("audio", "words", singability)],
)
async def test_what_the_singer_stumbles_over_is_written_anew(
    subject: Literal["score", "audio"], gate: str, scorer: Callable[[str], float]
) -> None:
    lyrics, _ = await words(House())
    failing = QualityReport(
        subject=subject, gates=(GateResult(gate=gate, verdict="fail", reason="low"),)
    )
    mended, _ = await words(House(), previous=lyrics, failing=failing, attempt=1)
    gone = set(unique(lyrics)) - set(unique(mended))
    assert 0 < len(gone) <= 3
    assert max(map(scorer, gone)) <= sorted(map(scorer, unique(lyrics)))[2]


async def test_a_report_that_points_nowhere_moves_the_last_stanza() -> None:
    lyrics, _ = await words(House())
    failing = QualityReport(
        subject="lyrics", gates=(GateResult(gate="other", verdict="fail", reason="x"),)
    )
    mended, _ = await words(House(), previous=lyrics, failing=failing, attempt=1)
    assert mended[:2] == lyrics[:2]
    assert mended[2] != lyrics[2]


async def test_another_attempt_draws_other_candidates() -> None:
    house = House()
    await words(house)
    first = {call.sampling.seed for call in house.endpoint.calls}
    house.endpoint.calls.clear()
    await words(house, attempt=1)
    assert not first & {call.sampling.seed for call in house.endpoint.calls}


async def test_nothing_sung_is_an_error() -> None:
    with pytest.raises(InvalidInput):
        await words(House(), form=[FormSection(name="intro", bars=4, energy=0.2)])


async def concept(
    house: House, seed: int = 1, earlier: Sequence[Concept] = (), wish: str = ""
) -> Concept:
    found, report = await conceive(
        house.gateway,
        profile=PROFILE,
        pack=PACK,
        mood=mood(),
        seed=seed,
        scope=SCOPE,
        earlier=earlier,
        wish=wish,
    )
    assert report.choices[0].name == "song.theme"
    return found


@pytest.mark.parametrize("small", [True, False])
async def test_a_concept_belongs_to_the_artist(small: bool) -> None:
    found = await concept(House(small=small))
    assert found.theme in PROFILE.themes
    assert found.title
    assert len(found.images) >= 2


@pytest.mark.parametrize("small", [True, False])
async def test_titles_do_not_repeat(small: bool) -> None:
    made: list[Concept] = []
    for seed in range(2 if not small else 6):
        made.append(await concept(House(small=small), derive_seed(seed, "t"), made))
    assert len({c.title.casefold() for c in made}) == len(made)


async def test_a_title_that_borrows_from_an_example_is_refused() -> None:
    with pytest.raises(UnusableAnswer):
        await concept(House({"song.title": ["Tape on the Ninth Floor"]}))


async def test_a_concrete_title_beats_a_worn_one() -> None:
    titles = House({"song.title": ["Endless Journey of Dreams", *["Wet Timetable"] * 3]})
    found = {(await concept(titles, seed)).title for seed in range(12)}
    assert found == {"Wet Timetable"}


async def test_when_every_title_is_taken_it_fails_instead_of_repeating() -> None:
    taken = CONCEPT.model_copy(update={"title": "Unsent"})
    with pytest.raises(UnusableAnswer):
        await concept(House({"song.title": ["unsent"]}), earlier=[taken])


async def test_a_wish_reaches_the_scene_but_not_the_system_turn() -> None:
    house = House()
    await concept(house, wish="write about the flooded metro")
    assert "flooded metro" in "\n".join(house.asked("song.story"))
    assert "flooded metro" not in house.systems()
