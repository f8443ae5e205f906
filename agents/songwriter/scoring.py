"""What makes a line good enough, and which of two lines is better; code decides both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.desk import Judge, Judged
from agents.judges import fluency
from agents.wording import copies, one_line
from domain.genre import GenrePack
from domain.ports.model import Completion
from media.lyrics.junk import cliches_in, junk_in
from media.lyrics.overlap import word_overlap
from media.lyrics.prosody import line_fit, syllable_count
from media.lyrics.rhyme import rhyme_score
from media.lyrics.words import FUNCTION_WORDS, words_in

MOST_OVERLAP = 0.5
_WEIGHTS = {
    "fluency": 1.0,
    "fit": 1.2,
    "rhyme": 2.0,
    "sparks": 0.3,
    "overlap": -3.0,
    "same_start": -1.2,
    "dangling": -1.5,
}
_BARE_END = re.compile(r"[\s.,;:!…\-–—]+$")


@dataclass(frozen=True, slots=True)
class LineContext:
    """What a line is judged against."""

    pack: GenrePack
    before: tuple[str, ...]
    sources: tuple[str, ...]
    sparks: tuple[str, ...]
    known: frozenset[str] = frozenset()
    rhymes_with: str | None = None
    last_word: str | None = None


def line_judge(context: LineContext) -> Judge:
    """The judge of one line's candidates."""

    def judge(text: str, completion: Completion) -> Judged:
        line = tidied(text, context.last_word)
        cut_off = completion.finish_reason == "length" and line == tidied(text, None)
        problem = "cut off" if cut_off else line_problem(line, context)
        if problem is not None:
            return Judged(line[:80], refused=problem)
        parts = {"fluency": fluency(completion), **_measured(line, context)}
        return Judged(line, sum(_WEIGHTS[k] * v for k, v in parts.items()), parts)

    return judge


def tidied(text: str, last_word: str | None) -> str:
    """A line as printed in a lyric sheet; it ends at the word it was meant to end with."""
    line = _BARE_END.sub("", one_line(text))
    if last_word:
        meant = re.search(rf"^.*?\b{re.escape(last_word)}\b", line, re.I)
        if meant and syllable_count(meant.group()) >= 5:
            line = meant.group()
    return line[:1].upper() + line[1:]


def line_problem(line: str, context: LineContext) -> str | None:
    """Why a line cannot stand, or None."""
    low, high = singable(context.pack)
    if what := junk_in(line):
        return what
    if ":" in line:
        return "a colon, as after a label"
    if not low <= syllable_count(line) <= high:
        return "too long or too short to sing"
    if cliches_in(line, context.pack.lexicon.avoid):
        return "a worn-out phrase"
    if copies(line, context.sources):
        return "copies its prompt"
    if line.casefold() in context.known:
        return "stands in an earlier song"
    if any(word_overlap(line, other) > MOST_OVERLAP for other in context.before):
        return "says an earlier line again"
    if copies(line, context.before, 4):
        return "says an earlier line again"
    return None


def singable(pack: GenrePack) -> tuple[int, int]:
    """Fewest and most syllables that are kept; the model is told the pack's narrower range."""
    low, high = pack.lexicon.syllables_per_line
    return max(3, low - 2), high + 2


def _measured(line: str, context: LineContext) -> dict[str, float]:
    low, high = context.pack.lexicon.syllables_per_line
    words = words_in(line.lower())
    return {
        "fit": line_fit(line, round((low + high) / 2)),
        "rhyme": 0.0 if context.rhymes_with is None else rhyme_score(line, context.rhymes_with),
        "sparks": float(sum(spark.lower() in line.lower() for spark in context.sparks)),
        "overlap": max((word_overlap(line, other) for other in context.before), default=0.0),
        "same_start": float(_starts_like(words, context.before)),
        "dangling": float(words[-1] in FUNCTION_WORDS),
    }


def _starts_like(words: Sequence[str], before: Sequence[str]) -> bool:
    starts = [tuple(words_in(other.lower())[:2]) for other in before[-4:]]
    return tuple(words[:2]) in starts or (
        len(before) > 1 and all(start[:1] == tuple(words[:1]) for start in starts[-2:])
    )
