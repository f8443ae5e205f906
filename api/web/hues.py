"""Colours that tell artists apart where several stand side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

# As many as desk.css has.
HUES = 8


class Coloured(Protocol):
    """Somebody with a name and a colour of choice."""

    @property
    def stage_name(self) -> str:
        """How it is called."""

    @property
    def hue(self) -> int:
        """The colour it would have alone."""


def apart(artists: Iterable[Coloured]) -> dict[str, int]:
    """A colour for each name: its own, or the next that fewest before it have."""
    found: dict[str, int] = {}
    used = Counter(dict.fromkeys(range(HUES), 0))
    for artist in artists:
        if artist.stage_name in found:
            continue
        least = min(used.values())
        hue = next(h for h in _from(artist.hue) if used[h] == least)
        found[artist.stage_name] = hue
        used[hue] += 1
    return found


def _from(hue: int) -> Iterable[int]:
    return ((hue + step) % HUES for step in range(HUES))
