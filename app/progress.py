"""Carries progress from a child process's callback into the event log, in order."""

from __future__ import annotations

import asyncio

import structlog

from domain.actor import artist_actor
from domain.errors import GreenroomError
from domain.ports.providers import Progress
from domain.run import Run
from services.run_moves import lease_of
from services.runs import RunService

SMALLEST_STEP = 0.04
_log = structlog.get_logger(__name__)


class ProgressLogs:
    """Makes a `Progress` callback for each run, and waits for what is still being written."""

    def __init__(self, runs: RunService) -> None:
        self._runs = runs
        self._writing: set[asyncio.Task[None]] = set()

    def of(self, run: Run) -> Progress:
        """A callback that logs how far `run`'s long steps have come; small steps are left out."""
        last: tuple[str, float] = ("", 0.0)
        previous: asyncio.Task[None] | None = None

        def report(stage: str, fraction: float) -> None:
            nonlocal last, previous
            small = stage == last[0] and fraction - last[1] < SMALLEST_STEP
            if small and fraction < 1:
                return
            last = (stage, fraction)
            previous = asyncio.create_task(self._write(previous, run, stage, fraction))
            self._writing.add(previous)
            previous.add_done_callback(self._writing.discard)

        return report

    async def drain(self) -> None:
        """Wait until everything is written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write(
        self, previous: asyncio.Task[None] | None, run: Run, stage: str, fraction: float
    ) -> None:
        if previous is not None:
            await asyncio.wait([previous])
        try:
            actor = artist_actor(run.artist_id, lease_of(run))
            await self._runs.progress(actor, run, stage, fraction)
        except GreenroomError as error:  # Nobody misses one line; the step tells of real trouble.
            _log.info("progress not logged", run_id=run.id, why=error.message)
