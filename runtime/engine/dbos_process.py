"""The one DBOS of this process: launching it, giving it jobs to run, taking it down.

DBOS is a global object, and some of what is needed is private to it. All of that stands here:
`execute_dequeued_workflow` runs a row that our own statement has taken, and the system database
reads that row. DBOS's queue threads are told to listen to no queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos._core import execute_dequeued_workflow

from domain.ports.engine import Job
from runtime.engine.database import is_sqlite, network_of
from runtime.engine.rows import APPLICATION, APPLICATION_VERSION

_log = structlog.get_logger(__name__)

WORKFLOW = "job"
# A job whose process died this often is taken out of the queue; it may be what kills it.
MAX_RECOVERIES = 100
# DBOS keeps thousands of threads if asked; renders and database calls share these.
THREADS = 32
_POOL = 5

RunJob = Callable[[Job], Awaitable[str]]


def migrate(url: sa.URL) -> None:
    """Bring DBOS's tables up to date; safe in several processes at once. Blocks."""
    _hush()
    DBOS.migrate(url.render_as_string(hide_password=False))


def launch(url: sa.URL, worker_id: str, run: RunJob) -> DBOS:
    """Build the global DBOS and launch it; blocks the loop, which DBOS has to see running."""
    _hush()
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": url.render_as_string(hide_password=False),
        "sys_db_pool_size": _POOL,
        "executor_id": worker_id,
        "application_version": APPLICATION_VERSION,
        "log_level": "WARNING",
        "enable_otlp": False,
        # Rows stay readable, and no pickle is ever loaded from a database.
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": THREADS,
    }
    if not is_sqlite(url):
        named = {"application_name": APPLICATION}
        config["db_engine_kwargs"] = {"connect_args": named | network_of(url)}
    dbos = DBOS(config=config)

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
    async def run_job(name: str, partition: str, args: list[str]) -> str:
        job_id = DBOS.workflow_id or ""
        return await run(Job(id=job_id, name=name, partition=partition, args=tuple(args)))

    DBOS.listen_queues([])
    try:
        DBOS.launch()
    except BaseException:
        DBOS.destroy(destroy_registry=True)
        raise
    # It would wait ever longer while the database is away. A job whose outcome is not written is
    # put back when the database returns, and its handler sees that the work is done.
    dbos._sys_db._retry_connection_errors = False
    return dbos


def dispatch(dbos: DBOS, job_ids: Sequence[str], token: str) -> list[str]:
    """Start jobs that were taken under `token`; gives back those that could not be started.

    Blocks until each has begun; must not be called on the loop they run on.
    """
    try:
        statuses = dbos._sys_db.get_workflow_statuses(list(job_ids))
    except sa.exc.SQLAlchemyError:
        return list(job_ids)
    left = set(job_ids)
    for status in statuses:
        try:
            execute_dequeued_workflow(dbos, status, token)
        except Exception:  # noqa: BLE001 - one job that cannot be started leaves the others alone
            _log.exception("job cannot be started", job_id=status["workflow_uuid"])
        else:
            left.discard(status["workflow_uuid"])
    return sorted(left)


async def destroy() -> None:
    """Take DBOS down, so that another may be launched."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "dbos-destroy") as thread:
        await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
    # DBOS had made its own pool, now shut, the loop's default: to_thread would fail.
    loop.set_default_executor(ThreadPoolExecutor())


def _hush() -> None:
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        # With a handler in place DBOS adds none of its own; records go to the root's.
        logger.addHandler(logging.NullHandler())
    if _is_about_handing_over not in logger.filters:
        logger.addFilter(_is_about_handing_over)


def _is_about_handing_over(record: logging.LogRecord) -> bool:
    """Drop what DBOS says of each job that ends without an outcome: here that is on purpose."""
    return not str(record.msg).startswith("Asyncio task cancelled for workflow")
