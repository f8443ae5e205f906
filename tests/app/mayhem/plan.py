"""The seeded plan of an attack: what is struck, in which order, with what pauses between."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "kill worker",
    "freeze worker",
    "kill api",
    "kill scheduler",
    "kill all-in-one",
    "freeze all-in-one",
    "restart database",
    "restart redis",
    "restart chroma",
]
# What is struck how often. On SQLite one process is everything.
SHARED: Mapping[Kind, int] = {
    "kill worker": 10,
    "freeze worker": 4,
    "kill api": 2,
    "kill scheduler": 2,
    "restart database": 2,
    "restart redis": 2,
    "restart chroma": 1,
}
ALONE: Mapping[Kind, int] = {"kill all-in-one": 8, "freeze all-in-one": 2}


@dataclass(frozen=True)
class Blow:
    """One strike: after a pause, at one of those that can be struck, for so long."""

    kind: Kind
    pause_s: float
    which: int
    lasts_s: float


def blows(
    seed: int, kinds: Mapping[Kind, int], dead_s: float, pause_s: tuple[float, float]
) -> Iterator[Blow]:
    """Strikes without end; the same seed gives the same ones.

    The first few take every kind once, so that a short run misses none.
    """
    random_ = random.Random(seed)
    first = random_.sample(list(kinds), len(kinds))
    while True:
        kind = first.pop() if first else random_.choices([*kinds], [*kinds.values()])[0]
        freezing = kind.startswith("freeze")
        yield Blow(
            kind=kind,
            pause_s=random_.uniform(*pause_s),
            which=random_.randrange(1 << 16),
            # Frozen for longer than it takes to be given up; a database is away for a moment.
            lasts_s=dead_s + random_.uniform(2, 6) if freezing else random_.uniform(0.2, 2.0),
        )
