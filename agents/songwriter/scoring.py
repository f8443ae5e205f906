"""What makes a line good enough, and which of two lines is better; code decides both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agents.desk import Judge, Judged, Weigh
from agents.judges import fluency, nearness, rejoined
from agents.wording import copies, one_line
from domain.genre import GenrePack
from domain.ports.model import Completion, Embedder
from media.lyrics.junk import junk_in
from media.lyrics.overlap import word_overlap
from media.lyrics.prosody import line_fit, syllable_count
from media.lyrics.rhyme import rhyme_score
from media.lyrics.scorers.cliche import cliches_in, worn_in
from media.lyrics.words import FUNCTION_WORDS, words_in

MOST_OVERLAP = 0.5
GOOD_RHYME = 0.4
NEAR_LINES = 4
_WEIGHTS = {
    "fluency": 1.0,
    "fit": 1.2,
    "rhyme": 3.0,
    "scene": 1.0,
    "tired": -0.5,
    "inner": -0.8,
    "worn": -0.5,
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
    known: frozenset[str] = frozenset()
    rhymes_with: str | None = None
    opening: str = ""
    continues: bool = False


def line_judge(context: LineContext) -> Judge:
    """The judge of one line's candidates."""

    def judge(text: str, completion: Completion) -> Judged:
        said = text.split("\n")[0]
        # A model that continues a message may end the opening's last word ("He" + "ads up").
        exact = context.continues and context.opening
        line = tidied(f"{context.opening}{said}" if exact else rejoined(context.opening, said))
        problem = line_problem(line, context)
        if problem is None and completion.finish_reason == "length":
            problem = "cut off"
        if problem is not None:
            return Judged(line[:80], refused=problem)
        parts = {"fluency": fluency(completion), **_measured(line, context)}
        return Judged(line, sum(_WEIGHTS[k] * v for k, v in parts.items()), parts)

    return judge


def scene_weigher(embedder: Embedder, scene: str) -> Weigh:
    """Adds to each line's score how close it stays to the song's scene."""
    return nearness(embedder, scene, weight=_WEIGHTS["scene"], part="scene")


def rhymes_enough(judged: Judged) -> bool:
    """Whether a rhyming line rhymes so well that no more candidates are needed."""
    return judged.parts.get("rhyme", 0.0) >= GOOD_RHYME


def tidied(text: str) -> str:
    """A line as printed in a lyric sheet."""
    line = _BARE_END.sub("", one_line(text))
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
    if _last_word(line) in {_last_word(other) for other in context.before[-NEAR_LINES:]}:
        return "ends with the word of a line near it"
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
        "tired": float(_tired(words, context.before)),
        "inner": float(_said_twice(words)),
        "worn": float(worn_in(words)),
        "overlap": max((word_overlap(line, other) for other in context.before), default=0.0),
        "same_start": float(_starts_like(words, context.before)),
        "dangling": float(words[-1] in FUNCTION_WORDS),
    }


def _last_word(line: str) -> str:
    words = words_in(line.lower())
    return words[-1] if words else ""


def _said_twice(words: Sequence[str]) -> int:
    """How many content words a line says more than once."""
    counts = Counter(word for word in words if word not in FUNCTION_WORDS)
    return sum(count > 1 for count in counts.values())


def _tired(words: Sequence[str], before: Sequence[str]) -> int:
    """How many content words stand in two or more earlier lines already."""
    used = Counter(word for line in before for word in set(words_in(line.lower())))
    return sum(used[word] >= 2 and word not in FUNCTION_WORDS for word in set(words))


def _starts_like(words: Sequence[str], before: Sequence[str]) -> bool:
    starts = [tuple(words_in(other.lower())[:2]) for other in before[-4:]]
    return tuple(words[:2]) in starts or (
        len(before) > 1 and all(start[:1] == tuple(words[:1]) for start in starts[-2:])
    )
