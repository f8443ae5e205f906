"""The durable engine on DBOS: SQLite in process now, PostgreSQL across workers by its address.

DBOS is one global object per process. Everything that knows this stands in this module: at
most one `DbosEngine` runs in a process, and `stop` takes DBOS down so that another may start.

Within a partition jobs run in the order they came; those that came within one second, which is
as finely as DBOS dates rows on SQLite, run in the order of their ids.

Why the job is one workflow without DBOS steps: the graph that a job runs keeps checkpoints of
its own after every step, so the engine only has to run the job again after a crash.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import sqlalchemy as sa
import structlog
from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetEnqueueOptions,
    SetWorkflowID,
)

from domain.errors import Conflict, EnvironmentProblem
from domain.ports.engine import Job, JobHandler
from runtime.engine.handlers import Handlers, not_running
from runtime.engine.heartbeat import Heartbeat

QUEUE = "jobs"
# Pinned: with a version computed from code, an update would strand every waiting job.
APPLICATION_VERSION = "1"
# A job whose process died this often is taken out of the queue; it may be what kills it.
MAX_RECOVERIES = 100
# DBOS keeps thousands of threads if asked; renders and database calls share these.
THREADS = 32
_log = structlog.get_logger(__name__)
_UNFINISHED = ["ENQUEUED", "DELAYED", "PENDING"]

JobWorkflow = Callable[[str, str, list[str]], Coroutine[None, None, str]]


def sync_url(database_url: str) -> sa.URL:
    """The same database for blocking drivers, which is what DBOS speaks."""
    url = sa.make_url(database_url)
    backend = url.get_backend_name()
    return url.set(drivername="postgresql+psycopg" if backend == "postgresql" else backend)


class DbosEngine:
    """Runs jobs durably on the loop that called `start`; one engine per process.

    On SQLite the caller owns the home, so whatever another executor left there is taken up at
    once. On a shared database executors beat, and the jobs of one that has been silent for
    `dead_after_s` are taken up by the others.
    """

    _active: ClassVar[DbosEngine | None] = None

    def __init__(
        self,
        database_url: str,
        executor_id: str,
        *,
        parallel: int = 8,
        polling_interval_s: float = 0.2,
        dead_after_s: float = 10.0,
        shared: bool | None = None,
    ) -> None:
        self._url = sync_url(database_url)
        self._executor_id = executor_id
        self._parallel = parallel
        self._polling_interval_s = polling_interval_s
        self._dead_after_s = dead_after_s
        self._shared = self._url.get_backend_name() != "sqlite" if shared is None else shared
        self._handlers = Handlers()
        self._running: set[asyncio.Task[str]] = set()
        self._workflow: JobWorkflow | None = None
        self._reaper: asyncio.Task[None] | None = None
        self._stopping = False

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler; must happen before `start`."""
        self._handlers.register(name, handler)

    async def start(self) -> None:
        """Recover what a dead process left, then begin to work on the running loop."""
        if DbosEngine._active is not None:
            raise Conflict(
                "an engine runs in this process already", remedy="stop() the other one first"
            )
        DbosEngine._active = self
        self._handlers.sealed, self._stopping = True, False
        try:
            await self._begin()
        except sa.exc.SQLAlchemyError as error:
            await self.stop()
            raise EnvironmentProblem(
                f"the engine cannot use its database: {error}",
                remedy="check that the database can be reached and written",
            ) from error

    async def enqueue(self, job: Job) -> None:
        """Accept a job durably; an id that is known already, finished or not, is ignored."""
        if self._workflow is None:
            raise not_running()
        self._handlers.require(job.name)
        with SetWorkflowID(job.id), SetEnqueueOptions(queue_partition_key=job.partition):
            await DBOS.enqueue_workflow_async(
                QUEUE, self._workflow, job.name, job.partition, list(job.args)
            )

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running anywhere; False when time runs out."""
        deadline = time.monotonic() + timeout_s
        while await self._unfinished():
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    async def stop(self) -> None:
        """Cancel what runs and take DBOS down; unfinished jobs resume at the next start."""
        if DbosEngine._active is not self:
            return
        self._stopping, self._workflow = True, None
        logging.getLogger("dbos").setLevel(logging.ERROR)  # it warns of each cancelled job
        if self._reaper is not None:
            self._reaper.cancel()
            await asyncio.gather(self._reaper, return_exceptions=True)
            self._reaper = None
        await self._cancel_running()
        await self._destroy()
        await self._cancel_running()  # the queue may have handed over one more meanwhile
        self._handlers.sealed = False
        DbosEngine._active = None

    async def _begin(self) -> None:
        heartbeat = await asyncio.to_thread(self._prepare_database)
        self._workflow = self._launch()
        await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._parallel,
            polling_interval_sec=self._polling_interval_s,
        )
        if heartbeat is None:
            await self._recover(await self._other_executors())
        else:
            self._reaper = asyncio.create_task(self._reap(heartbeat))

    def _prepare_database(self) -> Heartbeat | None:
        if self._url.get_backend_name() == "sqlite":
            engine = sa.create_engine(self._url)
            with engine.connect() as connection:
                # Kept in the file: polling then never waits for a writer.
                connection.execute(sa.text("PRAGMA journal_mode=WAL"))
            engine.dispose()
        if not self._shared:
            return None
        heartbeat = Heartbeat(self._url, self._executor_id, self._dead_after_s)
        heartbeat.beat()
        return heartbeat

    def _launch(self) -> JobWorkflow:
        """Build the global DBOS and launch it; blocks the loop, which DBOS has to see running."""
        logger = logging.getLogger("dbos")
        if not logger.handlers:
            # With a handler in place DBOS adds none of its own; records go to the root's.
            logger.addHandler(logging.NullHandler())
        config: DBOSConfig = {
            "name": "greenroom",
            "system_database_url": self._url.render_as_string(hide_password=False),
            "executor_id": self._executor_id,
            "application_version": APPLICATION_VERSION,
            "log_level": "WARNING",
            "enable_otlp": False,
            # Rows stay readable, and no pickle is ever loaded from a database.
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": THREADS,
        }
        DBOS(config=config)
        workflow = self._make_workflow()
        DBOS.launch()
        return workflow

    def _make_workflow(self) -> JobWorkflow:
        @DBOS.workflow(name="job", max_recovery_attempts=MAX_RECOVERIES)
        async def run_job(name: str, partition: str, args: list[str]) -> str:
            job = Job(id=DBOS.workflow_id or "", name=name, partition=partition, args=tuple(args))
            return await self._run(job)

        return run_job

    async def _run(self, job: Job) -> str:
        task = asyncio.current_task()
        if self._stopping or task is None:
            raise asyncio.CancelledError  # DBOS records nothing: the job stays unfinished
        self._running.add(task)
        try:
            # An empty context: inside a workflow's, DBOS would record `enqueue` as a step of it
            # and demand the same steps again at recovery, which handlers do not promise.
            return await asyncio.create_task(self._handlers.run(job), context=contextvars.Context())
        finally:
            self._running.discard(task)

    async def _cancel_running(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _destroy(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "dbos-destroy") as thread:
            await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
        # DBOS had made its own pool, now shut, the loop's default: to_thread would fail.
        loop.set_default_executor(ThreadPoolExecutor())

    async def _unfinished(self) -> bool:
        found = await DBOS.list_workflows_async(
            queue_name=QUEUE, status=_UNFINISHED, limit=1, load_input=False, load_output=False
        )
        return bool(found)

    async def _other_executors(self) -> list[str]:
        """Executors, this one left out, whose jobs are marked as running."""
        pending = await DBOS.list_workflows_async(
            queue_name=QUEUE, status="PENDING", load_input=False, load_output=False
        )
        holders = {workflow.executor_id for workflow in pending if workflow.executor_id}
        return sorted(holders - {self._executor_id})

    async def _recover(self, executors: list[str]) -> None:
        """Put the running jobs of dead executors back in the queue.

        The one use of a private function of DBOS: its open core recovers only an executor's own
        jobs, and asks for a paid service to do this.
        """
        if executors:
            await asyncio.to_thread(DBOS._recover_pending_workflows, executors)

    async def _reap(self, heartbeat: Heartbeat) -> None:
        """Beat, and take up the jobs of executors that have fallen silent, until cancelled."""
        try:
            while True:
                try:
                    await asyncio.to_thread(heartbeat.beat)
                    holders = await self._other_executors()
                    await self._recover(await asyncio.to_thread(heartbeat.dead, holders))
                except sa.exc.DBAPIError:
                    _log.exception("heartbeat failed")  # the database is away: try again
                await asyncio.sleep(self._dead_after_s / 5)
        finally:
            heartbeat.close()
