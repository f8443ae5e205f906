"""Measures songs' words: `python -m benchmarks.lyrics [--real] [--genre G] [--seeds N]`.

One artist of the shipped first brief, many seeds: how long words take, how much code refuses, how
well they keep metre and rhyme, how many lines lean on stock phrases, whether the chorus carries the
title, what the critique gains, how many lines two seeds share, and how many were copied from
anywhere. The model is scripted, so that only code is measured; `--real` takes the settings' model.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean

import yaml
from rich.console import Console
from rich.table import Table

from agents.profiler import write_profile
from agents.report import Report
from agents.songwriter import (
    NO_REWRITES,
    RewriteBudget,
    conceive,
    lyric_sources,
    write_lyrics,
)
from agents.songwriter.layout import taken_apart
from agents.songwriter.point_of_view import persons_of
from app.first_artist import BRIEF
from app.forms import forced_form
from benchmarks.lives import SCRIPT_FILE
from domain.errors import UnusableAnswer
from domain.genre import FormSection, GenrePack
from domain.mood import Mood
from domain.ports.model import CallScope, Embedder, ModelGateway
from domain.profile import Profile
from domain.score import LyricSection
from domain.work import Concept
from media.lyrics.gates import COPIED_RUN_WORDS, check_lyrics
from media.lyrics.overlap import shares_run
from media.lyrics.review import CHORUS, Aim, Review, review
from media.lyrics.scorers.cliche import cliche_rate
from media.lyrics.scorers.hook import hook_share
from media.lyrics.scorers.metre import regularity
from media.lyrics.scorers.rhyming import rhyme_coverage
from media.lyrics.words import words_in
from packs import load_pack, pack_ids
from runtime.clock import SystemClock
from runtime.embedder import MiniLmEmbedder
from runtime.gateway.build import build_gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.settings import Settings

TRIES = 3
FORM = "verse:8,chorus:8"
_UNLIMITED = 10**9


@dataclass(frozen=True, slots=True)
class Measures:
    """What the words are worth by the songwriter's own scorers, before and after critique."""

    metre: float
    coverage: float | None
    cliches: float
    hook: float | None
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Song:
    """One seed's words, each line once, and what they cost."""

    seed: int
    title: str
    lines: tuple[str, ...]
    sources: tuple[str, ...]
    wall_s: float
    calls: int
    calls_s: float
    refused: float
    rhyme: float | None
    tries: int
    measures: Measures

    @property
    def copied(self) -> list[str]:
        """Lines that share five words in a row with a prompt, an example or the lexicon."""
        return [s for s in self.lines if shares_run(s, self.sources, COPIED_RUN_WORDS)]


@dataclass(frozen=True, slots=True)
class Studio:
    """What every seed has in common."""

    gateway: ModelGateway
    embedder: Embedder
    profile: Profile
    pack: GenrePack
    form: tuple[FormSection, ...]


def shared_lines(songs: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many lines stand in more than one song, word for word, and how many there are."""
    said = [{tuple(words_in(line.lower())) for line in song} for song in songs]
    counted = Counter(line for song in said for line in song)
    return sum(n for n in counted.values() if n > 1), counted.total()


async def measure(studio: Studio, seed: int) -> Song:
    """Conceive and write one song; what was refused as a whole is tried again, as a run does."""
    for tries in range(1, TRIES + 1):
        try:
            return replace(await _song(studio, seed, CallScope(attempt=tries)), tries=tries)
        except UnusableAnswer as error:
            print(f"seed {seed}, try {tries}: {error.message}", file=sys.stderr)
    raise SystemExit(f"seed {seed}: no usable words in {TRIES} tries")


async def _song(studio: Studio, seed: int, scope: CallScope) -> Song:
    started = time.monotonic()
    mood = Mood(at=SystemClock().now())
    concept, thought = await conceive(
        studio.gateway,
        profile=studio.profile,
        pack=studio.pack,
        mood=mood,
        seed=seed,
        scope=scope,
    )
    # The draft's answers are cached, so the second call only pays for the critique.
    draft, drafting = await _words(studio, concept, seed, scope, NO_REWRITES)
    sections, written = await _words(studio, concept, seed, scope, None)
    sources = lyric_sources(studio.profile, studio.pack, concept)
    scheme = next(c.chosen for c in written.choices if c.name == "lyrics.scheme")
    checked = check_lyrics(sections, studio.pack, sources, scheme=scheme)
    before, after = (_reviewed(studio, concept, scheme, s) for s in (draft, sections))
    lines = tuple(dict.fromkeys(line for section in sections for line in section.lines))
    rhyme = next(g.value for g in checked.gates if g.gate == "lyrics_rhyme")
    _tell(seed, concept, draft, sections)
    paid = [c for r in (thought, drafting, written) for c in r.calls if not c.cached]
    return Song(
        seed=seed,
        title=concept.title,
        lines=lines,
        sources=sources,
        wall_s=time.monotonic() - started,
        calls=len(paid),
        calls_s=sum(c.latency_s for c in paid),
        refused=_refused(thought, written),
        rhyme=rhyme,
        tries=1,
        measures=_measures(studio, concept, scheme, sections, before, after),
    )


async def _words(
    studio: Studio, concept: Concept, seed: int, scope: CallScope, budget: RewriteBudget | None
) -> tuple[tuple[LyricSection, ...], Report]:
    return await write_lyrics(
        studio.gateway,
        studio.embedder,
        profile=studio.profile,
        pack=studio.pack,
        concept=concept,
        form_sections=studio.form,
        seed=seed,
        scope=scope,
        budget=budget,
    )


def _reviewed(
    studio: Studio, concept: Concept, scheme: str, sections: Sequence[LyricSection]
) -> Review:
    aim = Aim(
        scheme=scheme,
        syllables=studio.pack.lexicon.syllables_per_line,
        title=concept.title,
        persons=persons_of(concept),
    )
    return review(taken_apart(studio.form, sections), aim)


def _measures(
    studio: Studio,
    concept: Concept,
    scheme: str,
    sections: Sequence[LyricSection],
    before: Review,
    after: Review,
) -> Measures:
    stanzas = taken_apart(studio.form, sections)
    lines = [line for stanza in stanzas.values() for line in stanza]
    covered = [c for s in stanzas.values() if (c := rhyme_coverage(s, scheme)) is not None]
    return Measures(
        metre=mean(regularity(line) for line in lines),
        coverage=mean(covered) if covered else None,
        cliches=cliche_rate(lines, studio.pack.lexicon.avoid),
        hook=hook_share(stanzas[CHORUS], concept.title) if CHORUS in stanzas else None,
        before=before.score,
        after=after.score,
    )


def _refused(*reports: Report) -> float:
    judged = [c for r in reports for what in r.considered for c in what.candidates]
    return mean(c.refused is not None for c in judged)


def _tell(
    seed: int,
    concept: Concept,
    draft: Sequence[LyricSection],
    sections: Sequence[LyricSection],
) -> None:
    """The words, with what a critique replaced beside them."""
    print(f"\n{seed}: {concept.title} ({concept.theme}). {concept.story}", file=sys.stderr)
    for old, new in zip(draft, sections, strict=True):
        print(f"  [{new.section}]", file=sys.stderr)
        for was, line in zip(old.lines, new.lines, strict=True):
            print(f"    {line}{'' if was == line else f'    <- {was}'}", file=sys.stderr)


def _show(songs: Sequence[Song]) -> None:
    table = Table(*_COLUMNS)
    for song in songs:
        table.add_row(*_row(song))
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    shared, lines = shared_lines([song.lines for song in songs])
    copied = [line for song in songs for line in song.copied]
    hooks = [m.hook for song in songs if (m := song.measures).hook is not None]
    gained = mean(song.measures.after - song.measures.before for song in songs)
    worse = sum(song.measures.after < song.measures.before for song in songs)
    console.print(f"choruses that carry the title: {sum(h > 0.5 for h in hooks)} of {len(hooks)}")
    console.print(f"critique gains {gained:+.3f} on average and made {worse} songs worse")
    console.print(f"lines that stand in more than one song: {shared} of {lines}")
    console.print(f"lines that share five words in a row with a source: {len(copied)} of {lines}")
    for line in copied:
        console.print(f"    {line}")


_COLUMNS = (
    "seed", "title", "lines", "wall s", "calls", "calls s", "refused", "metre", "rhyme", "covered",
    "cliché", "hook", "before", "after", "copied", "tries",
)  # fmt: skip


def _row(song: Song) -> tuple[str, ...]:
    measures = song.measures
    return (
        str(song.seed),
        song.title,
        str(len(song.lines)),
        f"{song.wall_s:.0f}",
        str(song.calls),
        f"{song.calls_s:.0f}",
        f"{song.refused:.2f}",
        f"{measures.metre:.2f}",
        _share(song.rhyme),
        _share(measures.coverage),
        f"{measures.cliches:.2f}",
        _share(measures.hook),
        f"{measures.before:.3f}",
        f"{measures.after:.3f}",
        str(len(song.copied)),
        str(song.tries),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lyrics", description=__doc__)
    parser.add_argument("--genre", choices=pack_ids(), help="instead of the first brief's")
    parser.add_argument("--seeds", type=int, default=10, help="how many songs")
    parser.add_argument("--real", action="store_true", help="the settings' model, not a script")
    parser.add_argument("--form", default=FORM, help=f"sections and bars (default {FORM})")
    return parser.parse_args()


async def main(arguments: argparse.Namespace) -> None:
    """One profile, then a song a seed."""
    first = yaml.safe_load(BRIEF.read_text(encoding="utf-8"))
    pack = load_pack(arguments.genre or first["genre"])
    script = {} if arguments.real else {"model_script": SCRIPT_FILE, "forbid_real_models": True}
    limits = {"budget_run_tokens": _UNLIMITED, "budget_artist_tokens_day": _UNLIMITED}
    settings = Settings().model_copy(update={**limits, **script})
    gateway = build_gateway(settings, MemoryLedger(), SystemClock())
    embedder = MiniLmEmbedder()
    try:
        profile, _ = await write_profile(
            gateway,
            embedder,
            brief=first["brief"],
            pack=pack,
            seed=first["seed"],
            scope=CallScope(),
        )
        print(f"{profile.stage_name}: {'; '.join(profile.themes)}", file=sys.stderr)
        form = forced_form(arguments.form) or ()
        studio = Studio(gateway, embedder, profile, pack, form)
        _show([await measure(studio, seed) for seed in range(1, arguments.seeds + 1)])
    finally:
        await gateway.aclose()


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
