"""Which executors of a shared database are alive.

Every executor raises its own counter; an observer calls another one dead when that counter has
stood still for long enough on the observer's own clock, so clocks of hosts need not agree.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import sqlalchemy as sa

_table = sa.Table(
    "engine_heartbeats",
    sa.MetaData(),
    sa.Column("executor_id", sa.String(200), primary_key=True),
    sa.Column("beats", sa.BigInteger, nullable=False),
)


class Heartbeat:
    """One executor's pulse and its view of the others. Calls block; use a thread."""

    def __init__(
        self,
        url: sa.URL,
        executor_id: str,
        dead_after_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = sa.create_engine(url)
        self._executor_id = executor_id
        self._dead_after_s = dead_after_s
        self._monotonic = monotonic
        self._last_change: dict[str, tuple[int, float]] = {}
        _table.metadata.create_all(self._engine, checkfirst=True)

    def beat(self) -> None:
        """Raise the own counter."""
        mine = _table.c.executor_id == self._executor_id
        with self._engine.begin() as connection:
            raised = connection.execute(
                sa.update(_table).where(mine).values(beats=_table.c.beats + 1)
            )
            if raised.rowcount == 0:
                connection.execute(sa.insert(_table).values(executor_id=self._executor_id, beats=1))

    def dead(self, executors: Iterable[str]) -> list[str]:
        """Those of `executors` whose counter has not moved for `dead_after_s`; never oneself."""
        with self._engine.connect() as connection:
            beats = {row.executor_id: row.beats for row in connection.execute(sa.select(_table))}
        now = self._monotonic()
        return [
            executor
            for executor in executors
            if executor != self._executor_id
            and now - self._unchanged_since(executor, beats.get(executor, 0), now)
            >= self._dead_after_s
        ]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _unchanged_since(self, executor: str, beats: int, now: float) -> float:
        known = self._last_change.get(executor)
        if known is None or known[0] != beats:
            self._last_change[executor] = known = (beats, now)
        return known[1]
