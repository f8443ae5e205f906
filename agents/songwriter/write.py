"""Writes the words of a song line by line; strong models draft it whole first."""

from __future__ import annotations

from collections.abc import Sequence

from agents.choosing import draw
from agents.desk import Desk
from agents.report import Notebook, Report
from agents.seeds import derive_seed
from agents.songwriter.asked import Again
from agents.songwriter.budget import SMALL, STRONG, RewriteBudget
from agents.songwriter.drafting import drafted
from agents.songwriter.filling import filled
from agents.songwriter.layout import laid_out, places_of, stanzas_of, taken_apart
from agents.songwriter.openings import openings
from agents.songwriter.point_of_view import persons_of, tense_for
from agents.songwriter.polishing import polished
from agents.songwriter.revising import weak_lines
from agents.songwriter.scoring import scene_weigher, words_avoided
from agents.songwriter.song import Lines, Song
from agents.wording import COPIED_RUN_WORDS
from domain.errors import InvalidInput
from domain.genre import FormSection, GenrePack
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.profile import Profile
from domain.quality import QualityReport
from domain.score import LyricSection
from domain.work import Concept
from media.lyrics.gates import check_lyrics
from media.lyrics.scorers.originality import Catalogue
from media.lyrics.words import words_in
from prompts import SHIPPED, PromptBook

_PROMPTS_OF_A_SONG = frozenset({"lyrics", "song"})
ENGLISH = "en"
SCHEME = "lyrics.scheme"


def lyric_sources(
    profile: Profile, pack: GenrePack, concept: Concept, book: PromptBook = SHIPPED
) -> tuple[str, ...]:
    """What lyrics may not copy from: every prompt on the way to a lyric with its examples, what
    is filled into them of artist and scene, and the lexicon's phrases. The title is not among
    them: the chorus is to sing it.
    """
    asked = [p for p in book if p.header.id.partition(".")[0] in _PROMPTS_OF_A_SONG]
    lexicon = pack.lexicon
    phrases = (*lexicon.nouns, *lexicon.verbs, *lexicon.adjectives, *lexicon.avoid)
    return (
        *(text for prompt in asked for text in prompt.own_words),
        concept.theme,
        concept.story,
        *concept.images,
        profile.biography,
        *profile.voice.sample_lines,
        *(phrase for phrase in phrases if len(words_in(phrase)) >= COPIED_RUN_WORDS),
    )


async def write_lyrics(
    gateway: ModelGateway,
    embedder: Embedder,
    *,
    profile: Profile,
    pack: GenrePack,
    concept: Concept,
    form_sections: Sequence[FormSection],
    seed: int,
    scope: CallScope,
    earlier_lines: Sequence[str] = (),
    previous: Sequence[LyricSection] = (),
    failing: QualityReport | None = None,
    attempt: int = 0,
    again: Again | None = None,
    book: PromptBook = SHIPPED,
    budget: RewriteBudget | None = None,
) -> tuple[tuple[LyricSection, ...], Report]:
    """The words of every sung section of the form, in order.

    A first version is criticised and its weakest lines rewritten within `budget` (None: what suits
    the model). With `previous` and a `failing` report only the weak lines are written anew; give
    each revision another `attempt`, or it draws the same candidates again. With `again` the model
    is shown the words that a person sent back and why; lines that were not meant stay. Raises
    `UnusableAnswer` where code refuses every candidate of a line, `InvalidInput` where nothing is
    sung.
    """
    form = tuple(form_sections)
    if not stanzas_of(form):
        raise InvalidInput("no section of this form is sung", field="form")
    language = await language_for(gateway, profile)
    desk = Desk(gateway, scope, seed, _notes(profile, concept, seed, attempt, language), book)
    kept = {} if again is None else again.kept(form)
    earlier = [line for line in earlier_lines if line not in kept.values()]
    song = await _begun(
        desk, embedder, profile, pack, concept, form, earlier, attempt, language, again
    )
    lines = await _worded(song, previous, failing, kept, budget)
    return laid_out(song.form, song.texts(lines)), desk.notes.close()


def _notes(profile: Profile, concept: Concept, seed: int, attempt: int, language: str) -> Notebook:
    """The notebook of a song, with what it begins from."""
    notes = Notebook(
        "songwriter.write_lyrics",
        {
            "title": concept.title,
            "theme": concept.theme,
            "seed": seed,
            "attempt": attempt,
            "language": language,
        },
    )
    if language != profile.languages[0]:
        notes.note(f"written in {language!r}: the model is too small for {profile.languages[0]!r}")
    return notes


async def _worded(
    song: Song,
    previous: Sequence[LyricSection],
    failing: QualityReport | None,
    kept: Lines,
    budget: RewriteBudget | None,
) -> Lines:
    """A line for every place of the song; a first version is polished, a revision is not."""
    places = [p for stanza in song.stanzas for p in places_of(stanza, song.scheme)]
    lines = await filled(song, places, await _kept(song, previous, failing, kept))
    if previous or kept:
        return lines
    fitting = SMALL if song.prompt_form == "short" else STRONG
    return await polished(song, lines, budget or fitting)


async def _begun(
    desk: Desk,
    embedder: Embedder,
    profile: Profile,
    pack: GenrePack,
    concept: Concept,
    form: tuple[FormSection, ...],
    earlier_lines: Sequence[str],
    attempt: int,
    language: str,
    again: Again | None,
) -> Song:
    """The song on the desk before a word of it is written."""
    small = await desk.is_small()
    persons = persons_of(concept)
    scene = f"{concept.theme}. {concept.story} {', '.join(concept.images)}"
    weights = {str(scheme): weight for scheme, weight in pack.lexicon.rhyme_schemes.items()}
    return Song(
        desk=desk,
        profile=profile,
        pack=pack,
        concept=concept,
        form=form,
        scheme=desk.notes.chose(
            (again.scheme if again else None) or draw(SCHEME, weights, desk.seed)
        ),
        openings=openings(
            concept.images,
            pack,
            derive_seed(desk.seed, "openings", attempt, desk.scope.attempt),
            persons,
        ),
        weigh=scene_weigher(embedder, scene),
        catalogue=Catalogue.of(earlier_lines),
        sources=(
            *lyric_sources(profile, pack, concept, desk.book),
            *([again.asked] if again else []),
        ),
        prompt_form="short" if small else "long",
        attempt=attempt,
        continues=(await desk.gateway.traits("smart")).prefill,
        persons=persons,
        tense=tense_for(concept),
        language=language,
        again=again,
    )


async def language_for(gateway: ModelGateway, profile: Profile) -> str:
    """The language an artist's lyrics are written in: small models write English only."""
    small = (await gateway.traits("smart")).small
    return ENGLISH if small else profile.languages[0]


def check_written(
    lyrics: Sequence[LyricSection],
    report: Report,
    *,
    profile: Profile,
    pack: GenrePack,
    concept: Concept,
    earlier_lines: Sequence[str] = (),
) -> QualityReport:
    """The gates of lyrics just written, with the scheme and language their report tells of."""
    scheme = next((c.chosen for c in report.choices if c.name == SCHEME), None)
    return check_lyrics(
        lyrics,
        pack,
        lyric_sources(profile, pack, concept),
        earlier_lines,
        scheme=scheme,
        language=str(report.snapshot.get("language", ENGLISH)),
        avoided=words_avoided(profile),
    )


async def _kept(
    song: Song, previous: Sequence[LyricSection], failing: QualityReport | None, kept: Lines
) -> Lines:
    if previous:
        stanzas = taken_apart(song.form, previous)
        weak = weak_lines(stanzas, song.scheme, song.context(()), failing)
        return {
            (key, i): line
            for key, lines in stanzas.items()
            for i, line in enumerate(lines)
            if (key, i) not in weak
        }
    return kept if kept or song.prompt_form == "short" else await drafted(song)
