"""Putting jobs in: what any process may do with the durable queue without running jobs."""

from __future__ import annotations

import time
from collections.abc import Sequence

import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

from domain.errors import EnvironmentProblem
from domain.ports.engine import Job
from runtime.engine.database import is_away
from runtime.engine.dbos_process import WORKFLOW
from runtime.engine.rows import APPLICATION, APPLICATION_VERSION, QUEUE

# A server that restarts is back within these waits, or the caller is told.
RETRY_AFTER_S = (0.1, 0.3, 0.8, 1.5)


class Inbox:
    """The queue as a client of the database writes to it. Calls block; use a thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=database,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue(self, job: Job) -> None:
        """Accept a job durably; an id that is known already, finished or not, is ignored.

        Raises `EnvironmentProblem` when the database stays away for some seconds.
        """
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": job.id,
            "app_version": APPLICATION_VERSION,
            "priority": job.priority,
            "queue_partition_key": job.partition,
        }
        if job.delay_s > 0:
            options["delay_seconds"] = job.delay_s
        for wait_s in (*RETRY_AFTER_S, None):
            try:
                self._client.enqueue(options, job.name, job.partition, list(job.args))
                return
            except sa.exc.SQLAlchemyError as error:
                if not is_away(error):
                    raise
                if wait_s is None:
                    raise out_of_reach(error) from error
            time.sleep(wait_s)

    def delete(self, job_ids: Sequence[str]) -> None:
        """Remove jobs that ended."""
        self._client.delete_workflows(list(job_ids))


def out_of_reach(error: sa.exc.SQLAlchemyError) -> EnvironmentProblem:
    """The error for callers while the database is away."""
    return EnvironmentProblem(
        f"the engine cannot use its database: {error}",
        remedy="check that the database runs, and can be reached and written",
    )
