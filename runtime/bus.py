"""Wakes those who wait for the event log to grow; within one process."""

from __future__ import annotations

import asyncio


class EventBus:
    """Remembers the newest event id and lets readers wait for a newer one."""

    def __init__(self) -> None:
        self._newest = 0
        self._grown = asyncio.Event()

    def announce(self, event_id: int) -> None:
        """Tell that the log has grown to `event_id`; call inside the running loop."""
        self._newest = max(self._newest, event_id)
        self.wake()

    def wake(self) -> None:
        """Let everybody look again, where news may have been missed."""
        self._grown.set()
        self._grown = asyncio.Event()

    async def wait(self, after: int, timeout_s: float) -> bool:
        """Wait until something newer than `after` is announced; False when time runs out."""
        if self._newest > after:
            return True
        try:
            await asyncio.wait_for(self._grown.wait(), timeout_s)
        except TimeoutError:
            return False
        return True
