"""Sliding windows: at most so many acts of one name within so many seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

NAMES_KEPT = 10_000


class Taken(NamedTuple):
    """Whether an act was counted, how many are left, and seconds until the oldest is forgotten."""

    allowed: bool
    left: int
    forgotten_in_s: float


class Windows(Protocol):
    """Counts acts by name."""

    async def count(self, name: str, most: int, window_s: float) -> bool:
        """Count one act; False, and not counted, where there were `most` within the window."""

    async def take(self, name: str, most: int, window_s: float) -> Taken:
        """The same, and how the window stands."""


class LocalWindows:
    """Within one process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: dict[str, deque[float]] = {}

    async def count(self, name: str, most: int, window_s: float) -> bool:
        """Count one act; False, and not counted, where there were `most` within the window."""
        return (await self.take(name, most, window_s)).allowed

    async def take(self, name: str, most: int, window_s: float) -> Taken:
        """The same, and how the window stands."""
        now = self._monotonic()
        acts = self._seen.pop(name, None) or deque()
        while acts and acts[0] <= now - window_s:
            acts.popleft()
        allowed = len(acts) < most
        if allowed:
            acts.append(now)
        # The names seen last stand last, so that the longest silent one is forgotten first.
        self._seen[name] = acts
        while len(self._seen) > NAMES_KEPT:
            self._seen.pop(next(iter(self._seen)))
        oldest = acts[0] if acts else now
        return Taken(allowed, most - len(acts), oldest + window_s - now)
