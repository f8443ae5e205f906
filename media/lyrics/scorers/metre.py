"""Metre: how regularly stressed and unstressed syllables take turns in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from statistics import mean
from typing import Literal

from media.lyrics.prosody import LineSyllable, scan
from media.lyrics.words import HALF_STRESSED, STRESSED

Metre = Literal["iambic", "trochaic", "anapaestic", "dactylic"]
# One foot each: True is a strong place.
FEET: dict[Metre, tuple[bool, ...]] = {
    "iambic": (False, True),
    "trochaic": (True, False),
    "anapaestic": (False, False, True),
    "dactylic": (True, False, False),
}
# A word of one syllable bends to the beat; the stress of a longer word does not (Kiparsky 1977).
_STRONG_PLACE = {STRESSED: 1.0, HALF_STRESSED: 0.8, 0: 0.6}
_WEAK_PLACE = {STRESSED: 0.4, HALF_STRESSED: 0.7, 0: 1.0}
_FIXED_STRONG = {STRESSED: 1.0, HALF_STRESSED: 0.7, 0: 0.0}
_FIXED_WEAK = {STRESSED: 0.0, HALF_STRESSED: 0.6, 0: 1.0}


@lru_cache(maxsize=16384)
def stress_fit(line: str, metre: Metre) -> float:
    """How well a line's stresses keep a metre, 0 to 1; an extra upbeat is free."""
    syllables = scan(line)
    if not syllables:
        return 0.0
    lengths = Counter(s.word for s in syllables)
    foot = FEET[metre]
    return max(
        mean(
            _suits(s, foot[(place + shift) % len(foot)], fixed=lengths[s.word] > 1)
            for place, s in enumerate(syllables)
        )
        for shift in _shifts(metre)
    )


def best_metre(lines: Sequence[str]) -> Metre | None:
    """The metre most of the lines keep best; None without lines."""
    if not lines:
        return None
    return max(FEET, key=lambda metre: mean(stress_fit(line, metre) for line in lines))


def regularity(line: str, target: Metre | None = None) -> float:
    """How well a line keeps the target metre, or without one the metre that suits it best."""
    if target is not None:
        return stress_fit(line, target)
    return max(stress_fit(line, metre) for metre in FEET)


def length_evenness(lines: Sequence[str]) -> float:
    """How alike in length lines are that answer each other: 1 when equal, in syllables."""
    counts = [len(scan(line)) for line in lines]
    if len(counts) < 2 or not sum(counts):
        return 1.0
    centre = mean(counts)
    return max(0.0, 1.0 - mean(abs(count - centre) for count in counts) / centre * 2)


def _shifts(metre: Metre) -> tuple[int, ...]:
    """Where in the foot a line may begin: in threes a syllable may be missing or added."""
    return (0,) if len(FEET[metre]) == 2 else (0, 1, 2)


def _suits(syllable: LineSyllable, strong: bool, *, fixed: bool) -> float:
    if fixed:
        return (_FIXED_STRONG if strong else _FIXED_WEAK)[syllable.stress]
    return (_STRONG_PLACE if strong else _WEAK_PLACE)[syllable.stress]
