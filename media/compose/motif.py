"""Melodic ideas: a rhythm and a walk over scale steps, short enough to be remembered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

BAR_BEATS = 4.0
WIDEST_STEPS = 5
# Rhythms of one bar, from broad to talkative.
BROAD: tuple[tuple[float, ...], ...] = ((0.0, 2.0), (0.0, 3.0), (0.0, 1.0, 3.0), (0.0, 2.0, 3.0))
PLAIN: tuple[tuple[float, ...], ...] = (
    (0.0, 1.0, 2.0),
    (0.0, 0.5, 1.0, 2.0),
    (0.0, 1.0, 1.5, 2.0),
    (0.0, 1.5, 2.0, 3.0),
    (0.0, 1.0, 2.0, 2.5, 3.0),
    (0.0, 0.5, 1.5, 2.0),
    (0.0, 0.5, 1.0, 1.5, 2.0),
    (0.0, 1.0, 2.5, 3.0),
    (0.5, 1.0, 2.0, 3.0),
    (0.0, 2.0, 2.5, 3.0),
)
BUSY: tuple[tuple[float, ...], ...] = (
    (0.0, 0.5, 0.75, 1.0, 2.0, 2.5),
    (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0),
    (0.0, 0.75, 1.0, 1.75, 2.0, 3.0),
    (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0),
    (0.0, 0.75, 1.5, 2.0, 2.5, 3.0),
    (0.0, 1.0, 1.25, 1.5, 2.0, 3.0),
)
_MOVES = (-1, 1, 0, -2, 2, 3, -3, 4)
_MOVE_WEIGHTS = (6.0, 6.0, 1.4, 1.6, 2.2, 1.0, 0.6, 0.6)


@dataclass(frozen=True)
class Motif:
    """Notes as onsets in beats and scale steps away from a centre, inside a span of beats."""

    onsets: tuple[float, ...]
    degrees: tuple[int, ...]
    beats: float

    def degree_at(self, beat: float) -> float:
        """The walk's height at any time: exact on its own notes, on the way between them."""
        here = bisect_right(self.onsets, beat) - 1
        if here < 0:
            return float(self.degrees[0])
        if here == len(self.onsets) - 1:
            return float(self.degrees[-1])
        share = (beat - self.onsets[here]) / (self.onsets[here + 1] - self.onsets[here])
        return self.degrees[here] + share * (self.degrees[here + 1] - self.degrees[here])


def invent(rng: Random, rhythms: Sequence[tuple[float, ...]]) -> Motif:
    """A fresh idea of one bar: mostly steps, a leap answered by a step back."""
    onsets = rng.choice(rhythms)
    degrees = [rng.choice((0, 0, 2, -1))]
    leap = 0
    while len(degrees) < len(onsets):
        move = _recover(leap, rng) if abs(leap) > 1 else rng.choices(_MOVES, _MOVE_WEIGHTS)[0]
        if max(*degrees, degrees[-1] + move) - min(*degrees, degrees[-1] + move) > WIDEST_STEPS:
            move = -1 if move > 0 else 1
        degrees.append(degrees[-1] + move)
        leap = move
    if len(set(degrees)) == 1:
        degrees[-1] += rng.choice((1, -1))
    return Motif(onsets, tuple(degrees), BAR_BEATS)


def _recover(leap: int, rng: Random) -> int:
    back = -1 if leap > 0 else 1
    return rng.choice((back, back, back, 0))
