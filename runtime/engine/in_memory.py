"""The engine's twin for tests: the same manners, nothing on disk."""

from __future__ import annotations

import asyncio
from collections import deque

from domain.ports.engine import Job, JobHandler
from runtime.engine.handlers import Handlers, not_running


class InMemoryJobs:
    """What outlives an engine: hand the same one to the next engine to play a restart."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.unfinished: dict[str, Job] = {}


class InMemoryEngine:
    """Runs jobs on the running loop, one at a time per partition, in the order they came."""

    def __init__(self, jobs: InMemoryJobs | None = None) -> None:
        self._jobs = jobs or InMemoryJobs()
        self._handlers = Handlers()
        self._waiting: dict[str, deque[Job]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._running = False

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler; must happen before `start`."""
        self._handlers.register(name, handler)

    async def start(self) -> None:
        """Take up what an earlier engine left in the same jobs, then begin to work."""
        if self._running:
            return
        self._running = self._handlers.sealed = True
        for job in self._jobs.unfinished.values():
            self._line_up(job)

    async def enqueue(self, job: Job) -> None:
        """Accept a job; an id that was seen before is ignored."""
        if not self._running:
            raise not_running()
        self._handlers.require(job.name)
        if job.id in self._jobs.seen:
            return
        self._jobs.seen.add(job.id)
        self._jobs.unfinished[job.id] = job
        self._line_up(job)

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running; False when time runs out."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._workers:
                    await asyncio.wait(set(self._workers.values()))
        except TimeoutError:
            return False
        return not self._jobs.unfinished

    async def stop(self) -> None:
        """Cancel what runs; unfinished jobs wait for the next start."""
        self._running = self._handlers.sealed = False
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self._workers.clear()
        self._waiting.clear()

    def _line_up(self, job: Job) -> None:
        self._waiting.setdefault(job.partition, deque()).append(job)
        if job.partition not in self._workers:
            self._workers[job.partition] = asyncio.create_task(self._work(job.partition))

    async def _work(self, partition: str) -> None:
        line = self._waiting[partition]
        while line:
            job = line.popleft()
            await self._handlers.run(job)
            self._jobs.unfinished.pop(job.id, None)
        # No await since the line was seen empty, so no job can slip in unseen.
        self._workers.pop(partition, None)
        self._waiting.pop(partition, None)
