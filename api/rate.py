"""A sliding window per client address, beside the per-visitor limits that a dropped cookie evades.

All API processes of a label count together.
"""

from __future__ import annotations

from datetime import timedelta

from domain.errors import LimitReached
from runtime.shared.windows import Windows

MOST = 120
WINDOW = timedelta(minutes=10)


class AddressLimit:
    """At most `most` acts of one address within `window`."""

    def __init__(self, windows: Windows, most: int = MOST, window: timedelta = WINDOW) -> None:
        self._windows = windows
        self._most = most
        self._window_s = window.total_seconds()

    async def count(self, address: str) -> None:
        """Count one act; raises `LimitReached` when there were too many."""
        if not await self._windows.count(f"address {address}", self._most, self._window_s):
            raise LimitReached(
                "too much at once from this address", remedy="Wait a few minutes and try again."
            )
