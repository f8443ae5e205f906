"""Writes the words of a song line by line; strong models draft it whole first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.choosing import draw
from agents.desk import Desk, Rounds, Weigh
from agents.report import Notebook, Report
from agents.seeds import derive_seed
from agents.songwriter.layout import (
    Place,
    Stanza,
    laid_out,
    places_of,
    stanzas_of,
    taken_apart,
)
from agents.songwriter.openings import openings
from agents.songwriter.revising import weak_lines
from agents.songwriter.scoring import (
    LineContext,
    line_judge,
    line_problem,
    rhymes_enough,
    scene_weigher,
    tidied,
)
from agents.wording import COPIED_RUN_WORDS
from domain.errors import InvalidInput
from domain.genre import FormSection, GenrePack
from domain.ports.model import CallScope, Embedder, ModelGateway, Sampling
from domain.profile import Profile
from domain.quality import QualityReport
from domain.score import LyricSection
from domain.work import Concept
from media.lyrics.words import words_in
from prompts import SHIPPED, Form, PromptBook

_LINE = Sampling(max_tokens=18, temperature=0.9, top_p=0.93, stop=("\n",), repeat_penalty=1.08)
_SCHEME_WEIGHTS = {"ABCB": 0.5, "AABB": 0.3, "ABAB": 0.2}
_PROMPTS_OF_A_SONG = frozenset({"lyrics", "song"})
LINE_CANDIDATES = 4
LINE_ROUNDS = 6
RHYME_CANDIDATES = 6
RHYME_ROUNDS = 4


class DraftedSection(BaseModel):
    """One section of a strong model's draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str
    lines: tuple[Annotated[str, Field(min_length=3, max_length=90)], ...]


class SongDraft(BaseModel):
    """The strong model's answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sections: tuple[DraftedSection, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Song:
    """Everything that stays the same while the lines are written."""

    desk: Desk
    profile: Profile
    pack: GenrePack
    concept: Concept
    form: tuple[FormSection, ...]
    scheme: str
    openings: list[str]
    weigh: Weigh
    known: frozenset[str]
    sources: tuple[str, ...]
    prompt_form: Form
    attempt: int
    continues: bool

    @property
    def stanzas(self) -> tuple[Stanza, ...]:
        return stanzas_of(self.form)


Lines = dict[tuple[str, int], str]


def lyric_sources(
    profile: Profile, pack: GenrePack, concept: Concept, book: PromptBook = SHIPPED
) -> tuple[str, ...]:
    """What lyrics may not copy from: every prompt on the way to a lyric with its examples, what
    is filled into them of artist and scene, and the lexicon's phrases.
    """
    asked = [p for p in book if p.header.id.partition(".")[0] in _PROMPTS_OF_A_SONG]
    lexicon = pack.lexicon
    phrases = (*lexicon.nouns, *lexicon.verbs, *lexicon.adjectives, *lexicon.avoid)
    return (
        *(text for prompt in asked for text in prompt.own_words),
        concept.title,
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
    book: PromptBook = SHIPPED,
) -> tuple[tuple[LyricSection, ...], Report]:
    """The words of every sung section of the form, in order.

    With `previous` and a `failing` report only the weak lines are written anew; give each
    revision another `attempt`, or it draws the same candidates again. Raises `UnusableAnswer`
    where code refuses every candidate of a line, `InvalidInput` where nothing is sung.
    """
    form = tuple(form_sections)
    if not stanzas_of(form):
        raise InvalidInput("no section of this form is sung", field="form")
    notes = Notebook(
        "songwriter.write_lyrics",
        {"title": concept.title, "theme": concept.theme, "seed": seed, "attempt": attempt},
    )
    desk = Desk(gateway, scope, seed, notes, book)
    scheme = notes.chose(draw("lyrics.scheme", _SCHEME_WEIGHTS, seed))
    places = [p for stanza in stanzas_of(form) for p in places_of(stanza, scheme)]
    scene = f"{concept.theme}. {concept.story} {', '.join(concept.images)}"
    small = await desk.is_small()
    song = _Song(
        desk=desk,
        profile=profile,
        pack=pack,
        concept=concept,
        form=form,
        scheme=scheme,
        openings=openings(
            concept.images, pack, derive_seed(seed, "openings", attempt, scope.attempt)
        ),
        weigh=scene_weigher(embedder, scene),
        known=frozenset(line.casefold() for line in earlier_lines),
        sources=lyric_sources(profile, pack, concept, book),
        prompt_form="short" if small else "long",
        attempt=attempt,
        continues=(await gateway.traits("smart")).prefill,
    )
    kept = await _kept(song, previous, failing, small)
    lines = await _filled(song, places, kept)
    return _laid_out(song, lines), notes.close()


async def _kept(
    song: _Song, previous: Sequence[LyricSection], failing: QualityReport | None, small: bool
) -> Lines:
    if previous:
        stanzas = taken_apart(song.form, previous)
        weak = weak_lines(stanzas, song.scheme, _context(song, ()), failing)
        return {
            (key, i): line
            for key, lines in stanzas.items()
            for i, line in enumerate(lines)
            if (key, i) not in weak
        }
    return {} if small else await _drafted(song)


async def _drafted(song: _Song) -> Lines:
    """The lines of a whole draft that pass the gates; the rest is written line by line."""
    low, high = song.pack.lexicon.syllables_per_line
    draft = await song.desk.fill(
        "lyrics.song",
        {
            "name": song.profile.stage_name,
            "biography": song.profile.biography,
            "register": song.profile.voice.register_,
            "genre": song.pack.name,
            "title": song.concept.title,
            "theme": song.concept.theme,
            "story": song.concept.story,
            "images": song.concept.images,
            "plan": [f"{s.key}: {s.lines} lines" for s in song.stanzas],
            "scheme": song.scheme,
            "low": low,
            "high": high,
            "avoid": song.pack.lexicon.avoid,
        },
        SongDraft,
        Sampling(max_tokens=1500, temperature=0.9),
        step=f"lyrics.song/{song.attempt}",
    )
    kept: Lines = {}
    for stanza, section in zip(song.stanzas, draft.sections, strict=False):
        for index, raw in enumerate(section.lines[: stanza.lines]):
            line = tidied(raw)
            if problem := line_problem(line, _context(song, tuple(kept.values()))):
                song.desk.notes.note(f"{stanza.key} {index + 1}: {line[:60]!r} refused, {problem}")
            else:
                kept[stanza.key, index] = line
    return kept


async def _filled(song: _Song, places: Sequence[Place], kept: Lines) -> Lines:
    lines: Lines = {}
    sheet: list[str] = []
    for number, place in enumerate(places):
        here = (place.stanza.key, place.index)
        if place.index == 0:
            sheet.append(f"[{place.stanza.section.capitalize()}]")
        later = [line for k, line in kept.items() if k not in lines]
        lines[here] = kept.get(here) or await _line(song, number, place, sheet, lines, later)
        sheet.append(lines[here])
    return lines


async def _line(
    song: _Song, number: int, place: Place, sheet: list[str], lines: Lines, later: list[str]
) -> str:
    key = place.stanza.key
    partner = None if place.rhymes_with is None else lines[key, place.rhymes_with]
    opening = song.openings[number % len(song.openings)]
    context = replace(
        _context(song, (*lines.values(), *later)),
        rhymes_with=partner,
        # A strong model is only shown the opening; it answers with the whole line.
        opening=opening if song.prompt_form == "short" else "",
        continues=song.continues,
    )
    low, high = song.pack.lexicon.syllables_per_line
    step = f"lyrics.line/{key}/{place.index}/{song.attempt}"
    rounds = (
        Rounds(LINE_CANDIDATES, LINE_ROUNDS, step)
        if partner is None
        else Rounds(RHYME_CANDIDATES, RHYME_ROUNDS, step, rhymes_enough)
    )
    return await song.desk.best(
        "lyrics.line",
        {
            "register": song.profile.voice.register_,
            "theme": song.concept.theme,
            "story": song.concept.story,
            "so_far": sheet,
            "opening": opening,
            "low": low,
            "high": high,
        },
        _LINE,
        line_judge(context),
        rounds,
        form=song.prompt_form,
        weigh=song.weigh,
    )


def _context(song: _Song, before: tuple[str, ...]) -> LineContext:
    return LineContext(pack=song.pack, before=before, sources=song.sources, known=song.known)


def _laid_out(song: _Song, lines: Lines) -> tuple[LyricSection, ...]:
    words = {
        stanza.key: tuple(lines[stanza.key, i] for i in range(stanza.lines))
        for stanza in song.stanzas
    }
    return laid_out(song.form, words)
