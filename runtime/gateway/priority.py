"""A gate with a few slots in which chat goes before waiting work."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.ports.model import Priority

_RANK: dict[Priority, int] = {"chat": 0, "work": 1}


class PriorityGate:
    """Admits `slots` holders; waiters enter by priority, then in order of arrival."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._arrivals = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def hold(self, priority: Priority) -> AsyncIterator[None]:
        """Wait for a slot and keep it for the block."""
        await self.enter(priority)
        try:
            yield
        finally:
            self.leave()

    async def enter(self, priority: Priority) -> None:
        """Wait for a slot; `leave` gives it back."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (_RANK[priority], next(self._arrivals), turn))
        try:
            await turn
        except asyncio.CancelledError:
            # The slot may have been handed over in the very moment of the cancellation.
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Hand the slot to the next in line."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
