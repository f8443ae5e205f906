"""Originality: how far a line is from the artist's own earlier songs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from media.lyrics.overlap import runs
from media.lyrics.words import FUNCTION_WORDS, words_in

RUN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lines an artist has sung, ready to compare with."""

    lines: frozenset[tuple[str, ...]] = frozenset()
    runs: frozenset[tuple[str, ...]] = frozenset()

    @classmethod
    def of(cls, lines: Iterable[str]) -> Catalogue:
        """Index earlier lines."""
        said = list(lines)
        return cls(
            frozenset(tuple(words_in(line.lower())) for line in said),
            frozenset(run for line in said for run in _telling_runs(line)),
        )

    def has(self, line: str) -> bool:
        """Whether the artist has sung this very line, whatever its case and punctuation."""
        words = tuple(words_in(line.lower()))
        return bool(words) and words in self.lines


def originality(line: str, catalogue: Catalogue) -> float:
    """Share of a line's telling three-word runs that no earlier song has; 1 when all are new."""
    if catalogue.has(line):
        return 0.0
    mine = _telling_runs(line)
    return 1.0 - len(mine & catalogue.runs) / len(mine) if mine else 1.0


def _telling_runs(line: str) -> set[tuple[str, ...]]:
    """Runs that hold a content word: `in the` and its like prove nothing."""
    return {run for run in runs(line, RUN_WORDS) if any(w not in FUNCTION_WORDS for w in run)}
