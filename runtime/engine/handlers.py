"""What both engines share: the table of handlers, and running one job without falling over."""

from __future__ import annotations

import asyncio

import structlog

from domain.errors import Conflict, InvalidInput
from domain.ports.engine import HandedOver, Job, JobHandler

_log = structlog.get_logger(__name__)


class Handlers:
    """Job names and what they run; closed for changes while the engine runs."""

    def __init__(self) -> None:
        self._by_name: dict[str, JobHandler] = {}
        self.sealed = False

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler. Raises `Conflict` for a taken name or a running engine."""
        if self.sealed:
            raise Conflict(
                f"cannot register {name!r}: the engine is running",
                remedy="register every handler before start()",
            )
        if name in self._by_name:
            raise Conflict(f"a handler named {name!r} is registered already", field="name")
        self._by_name[name] = handler

    def require(self, name: str) -> None:
        """Raise `InvalidInput` unless a handler has this name."""
        if name not in self._by_name:
            raise InvalidInput(
                f"no handler is named {name!r}",
                field="name",
                remedy=f"use one of: {', '.join(sorted(self._by_name)) or 'none registered'}",
            )

    async def run(self, job: Job) -> str:
        """Run a job to its end and say how it ended; an error is logged and never passed on.

        The business record of a failure is the run's row; the engine only makes sure that one
        broken job leaves the others alone. Raises `HandedOver` when the handler stopped before
        its end.
        """
        try:
            self.require(job.name)
            await self._call(job)
        except HandedOver:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary where one job's failure ends
            _log.exception("job failed", job_id=job.id, job=job.name, partition=job.partition)
            return f"failed: {type(error).__name__}"
        return "done"

    async def _call(self, job: Job) -> None:
        try:
            await self._by_name[job.name](*job.args)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancelled this job: it leaked a cancellation of its own, which passed on
            # would leave it unfinished and its partition blocked.
            raise RuntimeError("the handler cancelled itself") from error


def not_running() -> Conflict:
    """The error for work handed to an engine that was not started."""
    return Conflict("the engine is not running", remedy="call start() first")
