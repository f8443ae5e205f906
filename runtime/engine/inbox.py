"""What any process may do with the durable queue without running jobs: put in and look."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus

from domain.errors import EnvironmentProblem
from domain.ports.engine import Job, JobView
from runtime.engine.dbos_process import WORKFLOW
from runtime.engine.rows import APPLICATION, APPLICATION_VERSION, QUEUE

# A server that restarts is back within these waits, or the caller is told.
RETRY_AFTER_S = (0.1, 0.3, 0.8, 1.5)
_STATES: dict[str, Literal["delayed", "queued", "running"]] = {
    "DELAYED": "delayed",
    "ENQUEUED": "queued",
    "PENDING": "running",
}


class Inbox:
    """The queue as seen by a client of the database. Calls block; use a thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=database,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue(self, job: Job) -> None:
        """Accept a job durably; an id that is known already, finished or not, is ignored."""
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
                if wait_s is None:
                    raise _out_of_reach(error) from error
            time.sleep(wait_s)

    def unfinished(self) -> list[JobView]:
        """Every job that is delayed, queued or running, oldest first."""
        try:
            found = self._client.list_workflows(
                queue_name=QUEUE, status=list(_STATES), load_output=False
            )
        except sa.exc.SQLAlchemyError as error:
            raise _out_of_reach(error) from error
        return [_view(workflow) for workflow in found]

    def at_work(self) -> bool:
        """Whether a job is queued or running anywhere."""
        return bool(
            self._client.list_workflows(
                queue_name=QUEUE,
                status=["ENQUEUED", "PENDING"],
                limit=1,
                load_input=False,
                load_output=False,
            )
        )

    def delete(self, job_ids: Sequence[str]) -> None:
        """Remove jobs that ended."""
        self._client.delete_workflows(list(job_ids))


def _view(workflow: WorkflowStatus) -> JobView:
    name, _, args = workflow.input["args"] if workflow.input else ("", "", [])
    return JobView(
        id=workflow.workflow_id,
        name=name,
        args=tuple(args),
        partition=workflow.queue_partition_key or "",
        priority=workflow.priority or 1,
        state=_STATES[workflow.status],
        holder=workflow.executor_id if workflow.status == "PENDING" else None,
        queued_at=_moment(workflow.created_at or 0),
        started_at=_moment(workflow.dequeued_at) if workflow.dequeued_at else None,
    )


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)


def _out_of_reach(error: Exception) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the engine's database is out of reach: {error}",
        remedy="it is tried again; check that the database runs and can be reached",
    )
