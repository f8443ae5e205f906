"""Which workers of a shared database are alive, and what they say of themselves.

Every worker raises its own counter; an observer calls another one silent for as long as it saw
that counter stand still, on the observer's own clock, so clocks of hosts need not agree. Time in
which the observer itself could not look (frozen, or the database away) does not count: after a
restart of the database nobody is dead before it had the time to beat again.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa

from domain.ports.engine import WorkerView
from runtime.engine.database import make_tables

_metadata = sa.MetaData()
_table = sa.Table(
    "engine_workers",
    _metadata,
    sa.Column("worker_id", sa.String(200), primary_key=True),
    sa.Column("beats", sa.BigInteger, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("concurrency", sa.Integer, nullable=False),
    sa.Column("running", sa.Integer, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("draining", sa.Boolean, nullable=False),
    # Told by the worker, so that an observer with another setting does not judge it too early.
    sa.Column("dead_after_s", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Beat:
    """A worker's row."""

    worker_id: str
    beats: int
    host: str
    pid: int
    concurrency: int
    running: int
    started_at: datetime
    draining: bool
    dead_after_s: float


class Silence:
    """How long each counter has stood still before the eyes of one observer."""

    def __init__(
        self, look_every_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        # Two looks missed may be a slow moment; more is an absence of the observer.
        self._longest_gap_s = 3 * look_every_s
        self._monotonic = monotonic
        self._looked_at: float | None = None
        self._seen: dict[str, tuple[int, float]] = {}

    def look(self, beats: Mapping[str, int]) -> None:
        """Note the counters as they are now; forgets whoever is not among them."""
        now = self._monotonic()
        gap = 0.0 if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        counted = gap if gap <= self._longest_gap_s else 0.0
        seen: dict[str, tuple[int, float]] = {}
        for worker, count in beats.items():
            known = self._seen.get(worker)
            still = known is not None and known[0] == count
            seen[worker] = (count, known[1] + counted if known and still else 0.0)
        self._seen = seen

    def of(self, worker: str) -> float:
        """Seconds for which this worker was seen to be silent; 0 for one never seen."""
        return self._seen.get(worker, (0, 0.0))[1]


class Heartbeats:
    """The workers' rows. Calls block; use a thread."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database

    def prepare(self) -> None:
        """Make the table if it is missing."""
        make_tables(self._database, _metadata)

    def appear(self, worker_id: str, concurrency: int, dead_after_s: float) -> None:
        """Write the row of a worker that starts; its predecessor of the same name is gone."""
        row = {
            "worker_id": worker_id,
            "beats": time.monotonic_ns(),  # a start differs from any state seen before
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "concurrency": concurrency,
            "running": 0,
            "started_at": datetime.now(UTC),
            "draining": False,
            "dead_after_s": dead_after_s,
        }
        mine = _table.c.worker_id == worker_id
        with self._database.begin() as connection:
            connection.execute(sa.delete(_table).where(mine))
            connection.execute(sa.insert(_table).values(row))

    def beat(self, worker_id: str, running: int, draining: bool) -> bool | None:
        """Raise the own counter; says whether to drain, or None when the row is gone."""
        statement = (
            sa.update(_table)
            .where(_table.c.worker_id == worker_id)
            .values(
                beats=_table.c.beats + 1,
                running=running,
                draining=sa.or_(_table.c.draining, sa.literal(draining)),
            )
            .returning(_table.c.draining)
        )
        with self._database.begin() as connection:
            row = connection.execute(statement).first()
        return None if row is None else bool(row[0])

    def ask_to_drain(self, worker_id: str) -> bool:
        """Leave a worker the word to drain; False when there is no such worker."""
        statement = sa.update(_table).where(_table.c.worker_id == worker_id).values(draining=True)
        with self._database.begin() as connection:
            return connection.execute(statement).rowcount > 0

    def all(self) -> list[Beat]:
        """Every worker's row."""
        with self._database.connect() as connection:
            return [Beat(**row._mapping) for row in connection.execute(sa.select(_table))]

    def forget(self, workers: Iterable[str]) -> None:
        """Remove rows of workers that ended."""
        gone = list(workers)
        if gone:
            with self._database.begin() as connection:
                connection.execute(sa.delete(_table).where(_table.c.worker_id.in_(gone)))


def view(beat: Beat, silent_s: float) -> WorkerView:
    """A worker's row as people see it."""
    started = beat.started_at
    return WorkerView(
        id=beat.worker_id,
        host=beat.host,
        pid=beat.pid,
        concurrency=beat.concurrency,
        running=beat.running,
        # SQLite keeps no zone; what was written was UTC.
        started_at=started if started.tzinfo else started.replace(tzinfo=UTC),
        silent_s=silent_s,
        state=_state(beat, silent_s),
    )


def _state(beat: Beat, silent_s: float) -> Literal["working", "draining", "silent"]:
    if silent_s >= beat.dead_after_s:
        return "silent"
    return "draining" if beat.draining else "working"
