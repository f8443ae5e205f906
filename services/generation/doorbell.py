"""Lets a call-back wake whoever waits for a job in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]


class Doorbell:
    """One bell a job; ringing one that nobody waits for is harmless."""

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self._bells: dict[str, asyncio.Event] = {}

    def ring(self, job_id: str) -> None:
        """Wake whoever waits for the job."""
        bell = self._bells.get(job_id)
        if bell is not None:
            bell.set()

    async def wait(self, job_id: str, seconds: float) -> bool:
        """Wait for the bell or for the time to pass; True when it rang."""
        bell = self._bells.setdefault(job_id, asyncio.Event())
        rung = asyncio.create_task(bell.wait())
        slept = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({rung, slept}, return_when=asyncio.FIRST_COMPLETED)
            return bell.is_set()
        finally:
            rung.cancel()
            slept.cancel()
            # Two may wait for one job; whoever is left looks at the books before long.
            self._bells.pop(job_id, None)

    async def pause(self, seconds: float) -> None:
        """Wait for the time to pass."""
        await self._sleep(seconds)
