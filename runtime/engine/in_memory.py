"""The engine's twin for tests: the same manners, nothing on disk.

Several engines on one `InMemoryJobs` are workers of one house: what one hands over, the others
take at once.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from domain.errors import NotFound
from domain.ports.engine import HandedOver, Job, JobHandler, JobView, WorkerView
from runtime.engine.handlers import Handlers, not_running

# A handler that stops early although nobody asked it to drain is not begun again at once.
STOPPED_EARLY_S = 1.0


@dataclass(eq=False)
class _Entry:
    job: Job
    place: int
    queued_at: datetime
    state: Literal["delayed", "queued", "running"] = "queued"
    holder: str | None = None
    started_at: datetime | None = None


class InMemoryJobs:
    """What outlives an engine: hand the same one to the next engine to play a restart."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._unfinished: dict[str, _Entry] = {}
        self._turns: dict[str, int] = {}
        self._engines: list[InMemoryEngine] = []

    @property
    def unfinished(self) -> Sequence[_Entry]:
        """Every job that has not ended, in the order they came."""
        return list(self._unfinished.values())

    @property
    def engines(self) -> Sequence[InMemoryEngine]:
        """The engines that were started and not stopped."""
        return self._engines

    def join(self, engine: InMemoryEngine) -> None:
        """Let an engine work; delays that a stopped engine was waiting out begin anew."""
        self._engines.append(engine)
        for entry in self.unfinished:
            if entry.state == "delayed" and len(self._engines) == 1:
                self._wait_out(entry, entry.job.delay_s)
        self.offer()

    def leave(self, engine: InMemoryEngine) -> None:
        """Let an engine go; what it ran is queued again."""
        if engine in self._engines:
            self._engines.remove(engine)
        self.offer()

    def accept(self, job: Job) -> None:
        """Queue a job; an id that was seen before is ignored."""
        if job.id in self._seen:
            return
        self._seen.add(job.id)
        entry = _Entry(job, len(self._seen), datetime.now(UTC))
        self._unfinished[job.id] = entry
        if job.delay_s > 0:
            self._wait_out(entry, job.delay_s)
        self.offer()

    def end(self, entry: _Entry) -> None:
        """A job was done or failed."""
        del self._unfinished[entry.job.id]

    def put_back(self, entry: _Entry, delay_s: float) -> None:
        """A job stays to be done by whoever has room."""
        entry.state, entry.holder, entry.started_at = "queued", None, None
        if delay_s > 0:
            self._wait_out(entry, delay_s)

    def offer(self) -> None:
        """Give waiting jobs to engines with room: by urgency, then by turns."""
        for engine in self._engines:
            while engine.has_room and (entry := self._next()) is not None:
                entry.state, entry.holder = "running", engine.worker_id
                entry.started_at = datetime.now(UTC)
                self._turns[entry.job.partition] = max(self._turns.values(), default=0) + 1
                engine.take(entry)

    def _next(self) -> _Entry | None:
        busy = {e.job.partition for e in self._unfinished.values() if e.state == "running"}
        waiting = [e for e in self._unfinished.values() if e.state == "queued"]
        firsts: dict[str, _Entry] = {}
        for entry in sorted(waiting, key=lambda e: (e.job.priority, e.place)):
            firsts.setdefault(entry.job.partition, entry)
        free = [entry for partition, entry in firsts.items() if partition not in busy]
        return min(free, key=self._rank, default=None)

    def _rank(self, entry: _Entry) -> tuple[int, int, int]:
        return entry.job.priority, self._turns.get(entry.job.partition, 0), entry.place

    def _wait_out(self, entry: _Entry, delay_s: float) -> None:
        def due() -> None:
            if entry.state == "delayed":
                entry.state = "queued"
                self.offer()

        entry.state = "delayed"
        asyncio.get_running_loop().call_later(delay_s, due)


class InMemoryEngine:
    """Runs jobs on the running loop, one at a time per partition."""

    def __init__(
        self,
        jobs: InMemoryJobs | None = None,
        worker_id: str = "in-memory",
        *,
        parallel: int = 8,
        executes: bool = True,
    ) -> None:
        self._jobs = jobs or InMemoryJobs()
        self._worker_id = worker_id
        self._parallel = parallel
        self._executes = executes
        self._handlers = Handlers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._asides: set[asyncio.Task[None]] = set()
        self._started_at: datetime | None = None
        self._draining = False

    @property
    def worker_id(self) -> str:
        """The name of this process as a worker; leases are held under it."""
        return self._worker_id

    @property
    def draining(self) -> bool:
        """True once this worker takes nothing new; handlers then end at their next safe point."""
        return self._draining

    @property
    def has_room(self) -> bool:
        """Whether another job may be given to it."""
        return self._executes and not self._draining and len(self._tasks) < self._parallel

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler; must happen before `start`."""
        self._handlers.register(name, handler)

    async def start(self) -> None:
        """Take up what an earlier engine left in the same jobs, then begin to work."""
        if self._started_at is not None:
            return
        self._started_at = datetime.now(UTC)
        self._handlers.sealed, self._draining = True, False
        self._jobs.join(self)

    async def enqueue(self, job: Job) -> None:
        """Accept a job; an id that was seen before is ignored."""
        self._check_running()
        if self._executes:
            self._handlers.require(job.name)
        self._jobs.accept(job)

    async def unfinished(self) -> Sequence[JobView]:
        """Every job that is delayed, queued or running."""
        self._check_running()
        return [_view(entry) for entry in self._jobs.unfinished]

    async def workers(self) -> Sequence[WorkerView]:
        """Every engine that works on the same jobs."""
        self._check_running()
        return [engine._as_worker() for engine in self._jobs.engines if engine._executes]

    async def ask_to_drain(self, worker_id: str) -> None:
        """Make an engine on the same jobs take nothing new and hand its jobs over."""
        self._check_running()
        for engine in self._jobs.engines:
            if engine.worker_id == worker_id and engine._executes:
                aside = asyncio.create_task(engine.hand_over(30.0))
                self._asides.add(aside)
                aside.add_done_callback(self._asides.discard)
                return
        raise NotFound(f"there is no worker {worker_id!r}", field="worker_id")

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running; False when time runs out."""
        self._check_running()
        try:
            async with asyncio.timeout(timeout_s):
                while any(entry.state != "delayed" for entry in self._jobs.unfinished):
                    if self._tasks:
                        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                    else:
                        await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True

    async def hand_over(self, timeout_s: float) -> None:
        """Take nothing new, wait for handlers to reach a safe point, give the rest to others."""
        self._draining = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)
        await self._cancel()

    async def stop(self) -> None:
        """Cancel what runs; unfinished jobs go to others or wait for the next start."""
        if self._started_at is None:
            return
        self._draining = True
        await self._cancel()
        for aside in list(self._asides):
            aside.cancel()
        self._started_at = None
        self._handlers.sealed = False
        self._jobs.leave(self)

    def take(self, entry: _Entry) -> None:
        """Begin a job that was given to this engine."""
        task = asyncio.create_task(self._run(entry))
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._let_go(task, entry))

    async def _run(self, entry: _Entry) -> None:
        try:
            await self._handlers.run(entry.job)
        except (HandedOver, asyncio.CancelledError):
            self._jobs.put_back(entry, 0.0 if self._draining else STOPPED_EARLY_S)
        else:
            self._jobs.end(entry)

    def _let_go(self, task: asyncio.Task[None], entry: _Entry) -> None:
        self._tasks.discard(task)
        if task.cancelled():  # before it had begun
            self._jobs.put_back(entry, 0.0)
        self._jobs.offer()

    async def _cancel(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _check_running(self) -> None:
        if self._started_at is None:
            raise not_running()

    def _as_worker(self) -> WorkerView:
        return WorkerView(
            id=self._worker_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            concurrency=self._parallel,
            running=len(self._tasks),
            started_at=self._started_at or datetime.now(UTC),
            silent_s=0.0,
            state="draining" if self._draining else "working",
        )


def _view(entry: _Entry) -> JobView:
    job = entry.job
    return JobView(
        id=job.id,
        name=job.name,
        args=job.args,
        partition=job.partition,
        priority=job.priority,
        state=entry.state,
        holder=entry.holder,
        queued_at=entry.queued_at,
        started_at=entry.started_at,
    )
