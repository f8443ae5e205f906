"""Carries progress from a child process's callback into the event log, in order."""

from __future__ import annotations

import asyncio

from domain.run import Run
from services.runs import RunService

SMALLEST_STEP = 0.04


class ProgressLog:
    """A `Progress` callback for one run; small steps are left out."""

    def __init__(self, runs: RunService, run: Run) -> None:
        self._runs = runs
        self._run = run
        self._last: tuple[str, float] = ("", 0.0)
        self._previous: asyncio.Task[None] | None = None

    def __call__(self, stage: str, fraction: float) -> None:
        """Log that `stage` has come to `fraction`, 0 to 1."""
        same = stage == self._last[0]
        if same and fraction < 1 and fraction - self._last[1] < SMALLEST_STEP:
            return
        self._last = (stage, fraction)
        self._previous = asyncio.create_task(self._log(self._previous, stage, fraction))

    async def _log(self, previous: asyncio.Task[None] | None, stage: str, fraction: float) -> None:
        if previous is not None:
            await previous
        await self._runs.progress(self._run, stage, stage, fraction)
