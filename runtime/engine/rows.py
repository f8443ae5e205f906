"""Every statement of ours on the rows that DBOS keeps of jobs.

Jobs are taken with statements of our own instead of DBOS's queue, for three things it does not
promise: two workers never take two jobs of one partition, also when a more urgent one arrives
between the looks of both; the most urgent job goes first across partitions; and partitions take
turns. DBOS chooses among waiting partitions at random and looks at urgency inside one only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

import sqlalchemy as sa

from domain.ports.engine import JobPriority, JobView
from runtime.engine.database import is_sqlite, make_tables

QUEUE = "jobs"
# Pinned: with a version computed from code, an update would strand every waiting job.
APPLICATION_VERSION = "1"
APPLICATION = "greenroom"
# A job that waits longer is no longer passed by runs that go on, only by people's.
AGED_S = 60.0
# One worker at a time takes jobs, so that no two judge a partition free at the same moment.
_TAKING_LOCK = 7_205_140_351_002

_metadata = sa.MetaData()
_turns = sa.Table(
    "engine_turns",
    _metadata,
    sa.Column("partition", sa.Text, primary_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),
)

# The pair of states repeats what DBOS's partial indexes cover, so that those are used.
_IN_QUEUE = "w.queue_name = :queue AND w.status IN ('ENQUEUED', 'PENDING')"
_WAITING = f"{_IN_QUEUE} AND w.status = 'ENQUEUED'"
_RUNNING = f"{_IN_QUEUE} AND w.status = 'PENDING'"
_MINE = (
    "workflow_uuid = :id AND status = 'PENDING' AND executor_id = :worker AND owner_xid = :token"
)

_ANY_WAITING = f"SELECT 1 FROM {{jobs}} w WHERE {_WAITING} LIMIT 1"
# DBOS's index holds waiting jobs in this very order, so the first of each partition is read off.
_FIRSTS = f"""
SELECT f.id, f.partition
FROM (
  SELECT w.workflow_uuid AS id, w.queue_partition_key AS partition, w.priority, w.created_at,
    row_number() OVER (PARTITION BY w.queue_partition_key
      ORDER BY w.priority, w.created_at, w.workflow_uuid) AS place
  FROM {{jobs}} w WHERE {_WAITING} AND w.queue_partition_key IS NOT NULL
) f
LEFT JOIN engine_turns t ON t.partition = f.partition
WHERE f.place = 1 AND f.partition NOT IN :busy AND f.partition NOT IN (
  SELECT w.queue_partition_key FROM {{jobs}} w
  WHERE {_RUNNING} AND w.queue_partition_key IS NOT NULL)
ORDER BY
  CASE WHEN f.priority > :aged AND f.created_at < {{now_ms}} - :aged_ms
    THEN :aged ELSE f.priority END,
  coalesce(t.turn, 0), f.created_at, f.id
LIMIT :most
"""
_TAKE = """
UPDATE {jobs} SET status = 'PENDING', owner_xid = :token, executor_id = :worker,
  application_version = :version, application_name = :app,
  started_at_epoch_ms = {now_ms}, updated_at = {now_ms},
  recovery_attempts = coalesce(recovery_attempts, 0) + 1
WHERE workflow_uuid IN :ids AND status = 'ENQUEUED'
RETURNING workflow_uuid
"""
_LAST_TURN = "SELECT coalesce(max(turn), 0) FROM engine_turns"
_NEXT_TURN = """
INSERT INTO engine_turns (partition, turn) VALUES (:partition, :turn)
ON CONFLICT (partition) DO UPDATE SET turn = excluded.turn
"""
# Not counted as a death: what hands over on purpose may do so as often as it likes.
_PUT_BACK = f"""
UPDATE {{jobs}} SET status = :status, owner_xid = NULL, started_at_epoch_ms = NULL,
  delay_until_epoch_ms = {{now_ms}} + :delay_ms, updated_at = {{now_ms}},
  recovery_attempts = recovery_attempts - 1
WHERE {_MINE}
"""
# What was begun goes on before anything of its urgency is begun: it had its turn and lost it.
_OF_WORKERS = "queue_name = :queue AND status = 'PENDING' AND executor_id IN :workers"
_TURNS_BACK = f"""
UPDATE engine_turns SET turn = -1 WHERE partition IN (
  SELECT queue_partition_key FROM {{jobs}} WHERE {_OF_WORKERS})
"""
_PUT_BACK_OF = f"""
UPDATE {{jobs}} SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL,
  updated_at = {{now_ms}}, priority = CASE WHEN priority > :most THEN :most ELSE priority END
WHERE {_OF_WORKERS}
"""
_RUNNING_JOBS = f"""
SELECT w.workflow_uuid, w.executor_id, w.owner_xid FROM {{jobs}} w WHERE {_RUNNING}
"""
_ANY_AT_WORK = f"SELECT 1 FROM {{jobs}} w WHERE {_IN_QUEUE} LIMIT 1"
_UNFINISHED = """
SELECT w.workflow_uuid, w.status, w.queue_partition_key, w.priority, w.executor_id,
  w.created_at, w.started_at_epoch_ms, i.inputs
FROM {jobs} w JOIN {inputs} i ON i.workflow_uuid = w.workflow_uuid
WHERE w.queue_name = :queue AND w.status IN ('DELAYED', 'ENQUEUED', 'PENDING')
ORDER BY w.created_at, w.workflow_uuid
"""
_ENDED_LONG_AGO = """
SELECT workflow_uuid FROM {jobs}
WHERE queue_name = :queue AND status NOT IN ('ENQUEUED', 'PENDING', 'DELAYED')
  AND completed_at < {now_ms} - :keep_ms
LIMIT :most
"""
_FORGET_TURNS = """
DELETE FROM engine_turns WHERE NOT EXISTS (
  SELECT 1 FROM {jobs} w WHERE w.queue_partition_key = engine_turns.partition)
"""


@dataclass(frozen=True)
class Taken:
    """A job this worker has just taken; `token` proves that it still has it."""

    id: str
    partition: str
    token: str


@dataclass(frozen=True)
class RunningJob:
    """A job that some worker has taken and not ended."""

    id: str
    worker_id: str
    token: str | None


_STATES: dict[str, Literal["delayed", "queued", "running"]] = {
    "DELAYED": "delayed",
    "ENQUEUED": "queued",
    "PENDING": "running",
}


class JobRows:
    """The rows of one database as one worker uses them. Calls block."""

    def __init__(self, database: sa.Engine, worker_id: str) -> None:
        self._database = database
        self._worker_id = worker_id
        self._sqlite = is_sqlite(database.url)
        self._names = {
            "jobs": "workflow_status" if self._sqlite else "dbos.workflow_status",
            "inputs": "workflow_input" if self._sqlite else "dbos.workflow_input",
            "now_ms": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
            if self._sqlite
            else "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        }

    def prepare(self) -> None:
        """Make the table of turns if it is missing."""
        make_tables(self._database, _metadata)

    def take(self, most: int, busy: Collection[str]) -> list[Taken] | None:
        """Take up to `most` waiting jobs, none of a `busy` partition; None: ask again soon."""
        with self._database.connect() as connection:
            if connection.execute(self._sql(_ANY_WAITING), {"queue": QUEUE}).first() is None:
                return []
            if not self._lock(connection):
                return None
            firsts = self._firsts(connection, most, busy)
            if firsts:
                taken = self._mark_taken(connection, firsts)
                connection.commit()
                return taken
            return []

    def put_back(self, job_id: str, token: str, delay_s: float = 0.0) -> bool:
        """Let others have a job that this worker took; False when it lost it already."""
        values = {
            "id": job_id,
            "token": token,
            "worker": self._worker_id,
            "status": "DELAYED" if delay_s > 0 else "ENQUEUED",
            "delay_ms": int(delay_s * 1000),
        }
        with self._database.begin() as connection:
            return connection.execute(self._sql(_PUT_BACK), values).rowcount > 0

    def put_back_of(self, workers: Sequence[str]) -> int:
        """Let others go on with every job these workers took; says how many."""
        values: dict[str, object] = {"queue": QUEUE, "workers": list(workers)}
        with self._database.begin() as connection:
            connection.execute(self._sql(_TURNS_BACK, "workers"), values)
            put_back = self._sql(_PUT_BACK_OF, "workers")
            values["most"] = int(JobPriority.GOES_ON)
            return connection.execute(put_back, values).rowcount

    def running(self) -> list[RunningJob]:
        """Every job that a worker has taken and not ended."""
        with self._database.connect() as connection:
            rows = connection.execute(self._sql(_RUNNING_JOBS), {"queue": QUEUE}).all()
        return [RunningJob(row[0], row[1] or "", row[2]) for row in rows]

    def any_at_work(self) -> bool:
        """Whether a job is queued or running anywhere."""
        with self._database.connect() as connection:
            found = connection.execute(self._sql(_ANY_AT_WORK), {"queue": QUEUE})
            return found.first() is not None

    def unfinished(self) -> list[JobView]:
        """Every job that is delayed, queued or running, oldest first."""
        with self._database.connect() as connection:
            rows = connection.execute(self._sql(_UNFINISHED), {"queue": QUEUE}).all()
        return [_view(*row) for row in rows]

    def ended_long_ago(self, keep_s: float, most: int) -> list[str]:
        """Ids of up to `most` jobs that ended more than `keep_s` ago."""
        values = {"queue": QUEUE, "keep_ms": int(keep_s * 1000), "most": most}
        with self._database.connect() as connection:
            return [row[0] for row in connection.execute(self._sql(_ENDED_LONG_AGO), values)]

    def forget_turns(self) -> None:
        """Drop the turns of partitions that have no job any more."""
        with self._database.begin() as connection:
            connection.execute(self._sql(_FORGET_TURNS))

    def _lock(self, connection: sa.Connection) -> bool:
        if self._sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return True
        lock = sa.text("SELECT pg_try_advisory_xact_lock(:lock)")
        return bool(connection.execute(lock, {"lock": _TAKING_LOCK}).scalar())

    def _firsts(
        self, connection: sa.Connection, most: int, busy: Collection[str]
    ) -> list[tuple[str, str]]:
        values = {
            "queue": QUEUE,
            "busy": list(busy),
            "aged": int(JobPriority.GOES_ON),
            "aged_ms": int(AGED_S * 1000),
            "most": most,
        }
        rows = connection.execute(self._sql(_FIRSTS, "busy"), values)
        return [(row[0], row[1]) for row in rows]

    def _mark_taken(
        self, connection: sa.Connection, firsts: Sequence[tuple[str, str]]
    ) -> list[Taken]:
        token = uuid4().hex
        values = {
            "token": token,
            "worker": self._worker_id,
            "version": APPLICATION_VERSION,
            "app": APPLICATION,
            "ids": [job_id for job_id, _ in firsts],
        }
        marked = {row[0] for row in connection.execute(self._sql(_TAKE, "ids"), values)}
        # One turn each, in the order taken: who went last in this batch goes last in the next.
        last: int = connection.execute(self._sql(_LAST_TURN)).scalar_one()
        turns = [{"partition": p, "turn": last + n} for n, (_, p) in enumerate(firsts, 1)]
        connection.execute(self._sql(_NEXT_TURN), turns)
        return [Taken(job_id, partition, token) for job_id, partition in firsts if job_id in marked]

    def _sql(self, text: str, *lists: str) -> sa.TextClause:
        statement = sa.text(text.format(**self._names))
        return statement.bindparams(
            *(sa.bindparam(name, expanding=True, type_=sa.Text) for name in lists)
        )


def _view(
    job_id: str,
    status: str,
    partition: str,
    priority: int,
    holder: str | None,
    created_ms: int,
    started_ms: int | None,
    inputs: str,
) -> JobView:
    name, _, args = json.loads(inputs)["positionalArgs"]
    running = status == "PENDING"
    return JobView(
        id=job_id,
        name=name,
        args=tuple(args),
        partition=partition,
        priority=priority,
        state=_STATES[status],
        holder=holder if running else None,
        queued_at=_moment(created_ms),
        started_at=_moment(started_ms) if running and started_ms else None,
    )


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
