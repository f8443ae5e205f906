"""The durable engine on DBOS: SQLite in one process, PostgreSQL across workers, by its address.

Why the job is one workflow without DBOS steps: the graph that a job runs keeps checkpoints of
its own after every step, so the engine only has to run the job again after a crash.

Within a partition jobs run by urgency, then in the order they came. Across partitions the most
urgent goes first, then whose turn is longest ago.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import ClassVar, TypeVar

import sqlalchemy as sa
from dbos import DBOS

from domain.errors import Conflict, NotFound
from domain.ports.engine import Job, JobHandler, JobView, WorkerView
from runtime.engine import dbos_process
from runtime.engine.database import is_sqlite, open_database, sync_url, write_ahead
from runtime.engine.handlers import Handlers, not_running
from runtime.engine.heartbeat import Beat, Heartbeats, view
from runtime.engine.holding import Holding
from runtime.engine.inbox import Inbox, out_of_reach
from runtime.engine.pulse import Pulse, Worker
from runtime.engine.rows import JobRows, Taken

_T = TypeVar("_T")

# A cancelled handler that has not ended by then is left behind; its job belongs to others.
_UNWIND_S = 10.0
_TURN_EVERY_S = 1.0
# Calls to the database; apart from the loop's threads, which renders may fill.
_THREADS = 6


class DbosEngine:
    """Runs jobs durably on the loop that called `start`; one engine that runs jobs a process.

    On SQLite the caller owns the home, so whatever another worker left there is taken up at
    once. On a shared database workers beat, and the jobs of one that has been silent for
    `dead_after_s` are taken up by the others. With `executes=False` the engine accepts jobs and
    shows what goes on, and never takes any. A worker asked to drain by another process gives its
    handlers `drain_s` to reach a safe point. Jobs that ended are forgotten after `keep_s`.
    """

    _active: ClassVar[DbosEngine | None] = None

    def __init__(
        self,
        database_url: str,
        worker_id: str,
        *,
        parallel: int = 8,
        polling_interval_s: float = 0.2,
        dead_after_s: float = 8.0,
        drain_s: float = 30.0,
        keep_s: float = 24 * 3600.0,
        shared: bool | None = None,
        executes: bool = True,
    ) -> None:
        self._url = sync_url(database_url)
        self._worker_id = worker_id
        self._parallel = parallel
        self._polling_interval_s = polling_interval_s
        self._dead_after_s = dead_after_s
        self._drain_s = drain_s
        self._keep_s = keep_s
        self._alone = is_sqlite(self._url) if shared is None else not shared
        self._executes = executes
        self._handlers = Handlers()
        self._draining = False
        self._parts: _Parts | None = None

    @property
    def worker_id(self) -> str:
        """The name of this process as a worker; leases are held under it."""
        return self._worker_id

    @property
    def draining(self) -> bool:
        """True once this worker takes nothing new; handlers then end at their next safe point."""
        return self._draining

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler; must happen before `start`."""
        self._handlers.register(name, handler)

    async def start(self) -> None:
        """Recover what a dead process left, then begin to work on the running loop."""
        if self._parts is not None or (self._executes and DbosEngine._active is not None):
            raise Conflict(
                "an engine runs in this process already", remedy="stop() the other one first"
            )
        if self._executes:
            DbosEngine._active = self
        self._handlers.sealed, self._draining = True, False
        self._parts = parts = _Parts(self._url, self._worker_id)
        try:
            await parts.in_thread(lambda: self._prepare(parts))
            self._begin(parts)
        except sa.exc.SQLAlchemyError as error:
            await self.stop()
            raise out_of_reach(error) from error
        except BaseException:
            await self.stop()
            raise

    async def enqueue(self, job: Job) -> None:
        """Accept a job durably; an id that is known already, finished or not, is ignored."""
        parts = self._running()
        if self._executes:
            self._handlers.require(job.name)
        await parts.in_thread(lambda: parts.inbox.enqueue(job))
        if parts.holding is not None:
            parts.holding.wake()

    async def unfinished(self) -> Sequence[JobView]:
        """Every job that is delayed, queued or running, in any process."""
        parts = self._running()
        return await parts.ask(parts.rows.unfinished)

    async def workers(self) -> Sequence[WorkerView]:
        """Every worker that beat lately, and those that fell silent holding jobs."""
        parts = self._running()
        if self._alone:
            return [view(self._own_beat(parts), 0.0)] if self._executes else []
        return await parts.ask(lambda: self._seen(parts))

    async def ask_to_drain(self, worker_id: str) -> None:
        """Make a worker, here or on another host, take nothing new and hand its jobs over."""
        parts = self._running()
        if self._executes and worker_id == self._worker_id:
            parts.go_on(self.hand_over(self._drain_s))
            return
        if self._alone or not await parts.ask(lambda: parts.heartbeats.ask_to_drain(worker_id)):
            raise NotFound(f"there is no worker {worker_id!r}", field="worker_id")

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running anywhere; False when time runs out."""
        parts = self._running()
        deadline = time.monotonic() + timeout_s
        while await self._at_work(parts):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    async def hand_over(self, timeout_s: float) -> None:
        """Take nothing new, wait for handlers to reach a safe point, give the rest to others."""
        self._draining = True
        parts = self._parts
        if parts is None or parts.holding is None:
            return
        parts.holding.closed = True
        parts.pulse.beat_now()
        if not await parts.holding.empty(timeout_s):
            parts.holding.cancel()
            await parts.holding.empty(_UNWIND_S)
        parts.pulse.beat_now()

    async def stop(self) -> None:
        """Cancel what runs, put it back, and let go of the database."""
        parts = self._parts
        if parts is None:
            return
        self._parts = None
        await parts.end_tasks()
        if parts.holding is not None:
            parts.holding.closed = True
            parts.holding.cancel()
            await parts.holding.empty(_UNWIND_S)
        await parts.close(self._executes and not self._alone)
        if DbosEngine._active is self:
            DbosEngine._active = None
        self._handlers.sealed = False

    def _running(self) -> _Parts:
        if self._parts is None:
            raise not_running()
        return self._parts

    async def _at_work(self, parts: _Parts) -> bool:
        try:
            return await parts.in_thread(parts.rows.any_at_work)
        except sa.exc.SQLAlchemyError:
            return True  # not known to be done: the database is away

    def _prepare(self, parts: _Parts) -> None:
        """Make tables, and put back what this worker's predecessor left; blocks."""
        if is_sqlite(self._url):
            write_ahead(parts.database)
        dbos_process.migrate(self._url)
        parts.rows.prepare()
        parts.heartbeats.prepare()
        if not self._executes:
            return
        left = {job.worker_id for job in parts.rows.running()}
        parts.rows.put_back_of(sorted(left if self._alone else left & {self._worker_id}))
        if not self._alone:
            parts.heartbeats.appear(self._worker_id, self._parallel, self._dead_after_s)

    def _begin(self, parts: _Parts) -> None:
        worker = None
        if self._executes:
            parts.holding = holding = Holding(
                parts.rows,
                self._handlers,
                parts.in_thread,
                parallel=self._parallel,
                polling_interval_s=self._polling_interval_s,
            )
            parts.dbos = dbos = dbos_process.launch(self._url, self._worker_id, holding.run)

            def dispatch(taken: Sequence[Taken]) -> list[str]:
                return dbos_process.dispatch(dbos, [one.id for one in taken], taken[0].token)

            worker = self._as_worker(parts, holding)
            parts.go_on(holding.take_jobs(dispatch))
        parts.pulse = Pulse(
            parts.heartbeats,
            parts.rows,
            parts.inbox,
            self._dead_after_s,
            worker,
            keep_s=self._keep_s,
            alone=self._alone,
        )
        parts.pulse.start()

    def _as_worker(self, parts: _Parts, holding: Holding) -> Worker:
        loop = asyncio.get_running_loop()
        turned_at = time.monotonic()

        async def turn() -> None:
            nonlocal turned_at
            while True:
                turned_at = time.monotonic()
                await asyncio.sleep(_TURN_EVERY_S)

        def on_loop(call: Callable[[], object]) -> None:
            loop.call_soon_threadsafe(call)

        parts.go_on(turn())
        return Worker(
            id=self._worker_id,
            concurrency=self._parallel,
            tokens=holding.tokens,
            draining=lambda: self._draining,
            asked_to_drain=lambda: on_loop(lambda: parts.go_on(self.hand_over(self._drain_s))),
            lost=lambda job_ids: on_loop(lambda: holding.lose(job_ids)),
            stalled_s=lambda: time.monotonic() - turned_at,
        )

    def _seen(self, parts: _Parts) -> list[WorkerView]:
        return [view(beat, parts.pulse.silent_s(beat.worker_id)) for beat in parts.heartbeats.all()]

    def _own_beat(self, parts: _Parts) -> Beat:
        return Beat(
            worker_id=self._worker_id,
            beats=0,
            host=socket.gethostname(),
            pid=os.getpid(),
            concurrency=self._parallel,
            running=len(parts.holding or ()),
            started_at=parts.started_at,
            draining=self._draining,
            dead_after_s=self._dead_after_s,
        )


class _Parts:
    """What an engine has between `start` and `stop`."""

    def __init__(self, url: sa.URL, worker_id: str) -> None:
        self.worker_id = worker_id
        self.database = open_database(url)
        self.rows = JobRows(self.database, worker_id)
        self.inbox = Inbox(self.database)
        self.heartbeats = Heartbeats(self.database)
        self.started_at = datetime.now(UTC)
        self.pulse: Pulse
        self.holding: Holding | None = None
        self.dbos: DBOS | None = None
        self._threads = ThreadPoolExecutor(_THREADS, "engine")
        self._tasks: set[asyncio.Task[None]] = set()

    async def in_thread(self, call: Callable[[], _T]) -> _T:
        """Run a blocking call."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def ask(self, call: Callable[[], _T]) -> _T:
        """Run a blocking call for a caller; raises `EnvironmentProblem` without a database."""
        try:
            return await self.in_thread(call)
        except sa.exc.SQLAlchemyError as error:
            raise out_of_reach(error) from error

    def go_on(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside, until the engine stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end_tasks(self) -> None:
        """Cancel what is done beside."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, forget: bool) -> None:
        """Let go of everything; `forget` removes the worker's row."""
        if hasattr(self, "pulse"):
            await self.in_thread(self.pulse.stop)
        if forget:
            await self.in_thread(self._forget)
        if self.dbos is not None:
            await dbos_process.destroy()
        self._threads.shutdown(wait=False)
        self.database.dispose()

    def _forget(self) -> None:
        try:
            self.heartbeats.forget([self.worker_id])
        except sa.exc.SQLAlchemyError:
            return  # out of reach: the others see it fall silent
