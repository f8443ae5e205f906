"""A sliding window per client address, beside the per-visitor limits that a dropped cookie evades.

One process only; the scaled-out form counts in Redis.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from domain.errors import LimitReached
from domain.ports.clock import Clock

ADDRESSES_KEPT = 10_000


class AddressLimit:
    """At most `most` acts of one address within `window`."""

    def __init__(self, clock: Clock, most: int = 120, window: timedelta = timedelta(minutes=10)):
        self._clock = clock
        self._most = most
        self._window = window
        self._seen: dict[str, deque[datetime]] = {}

    def count(self, address: str) -> None:
        """Count one act; raises `LimitReached` when there were too many."""
        now = self._clock.now()
        acts = self._seen.pop(address, None) or deque()
        while acts and acts[0] <= now - self._window:
            acts.popleft()
        if len(acts) >= self._most:
            self._seen[address] = acts
            raise LimitReached(
                "too much at once from this address", remedy="Wait a few minutes and try again."
            )
        acts.append(now)
        self._seen[address] = acts
        while len(self._seen) > ADDRESSES_KEPT:
            self._seen.pop(next(iter(self._seen)))
