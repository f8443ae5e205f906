"""One of several processes leads; the lead moves when its holder falls silent or lets go.

The holder raises a counter. Whoever wants the lead takes it, by compare and swap, once it saw
that counter stand still for long enough on its own clock: clocks of hosts need not agree, two
never both win, and a holder that was frozen learns at its next question that it lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
import structlog

from runtime.engine.database import make_tables, open_database, sync_url

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

_metadata = sa.MetaData()
_table = sa.Table(
    "engine_leads",
    _metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("holder", sa.String(200)),
    sa.Column("term", sa.BigInteger, nullable=False),
    sa.Column("beats", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True)
class _Seen:
    """The row of a lead; `holder` is None where somebody let go of it."""

    holder: str | None
    term: int
    beats: int


class Lead:
    """The wish to lead under `name`; ask `held` at least three times in `dead_after_s`.

    A process that starts again under the name of the holder goes on as holder at once.
    """

    def __init__(
        self,
        database_url: str,
        name: str,
        holder: str,
        dead_after_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = open_database(sync_url(database_url))
        self._name = name
        self._holder = holder
        self._dead_after_s = dead_after_s
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, "lead")
        self._ready = False
        self._term: int | None = None
        self._asked = False
        self._still: tuple[_Seen, float] | None = None

    async def held(self) -> bool:
        """Take or renew the lead; False while another has it or the database is away."""
        try:
            return await self._in_thread(self._hold)
        except sa.exc.SQLAlchemyError as error:
            # Who cannot renew does not lead; how long others were silent is not known either.
            self._still = None
            _log.warning("the lead cannot be renewed", lead=self._name, error=str(error))
            return False

    async def release(self) -> None:
        """Let go, so that another may lead at once, and close."""
        try:
            await self._in_thread(self._let_go)
        except sa.exc.SQLAlchemyError as error:
            _log.warning("the lead was not handed back", lead=self._name, error=str(error))
        finally:
            self._thread.shutdown(wait=False)
            self._database.dispose()

    async def _in_thread(self, call: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _hold(self) -> bool:
        if not self._ready:
            make_tables(self._database, _metadata)
            self._ready = True
        if self._term is not None and self._renew(self._term):
            return True
        self._term = None
        seen = self._look()
        first, self._asked = not self._asked, True
        if seen is None:
            return self._found()
        if seen.holder is None or (first and seen.holder == self._holder) or self._silent(seen):
            return self._succeed(seen)
        return False

    def _silent(self, seen: _Seen) -> bool:
        now = self._monotonic()
        if self._still is None or self._still[0] != seen:
            self._still = (seen, now)
        return now - self._still[1] >= self._dead_after_s

    def _look(self) -> _Seen | None:
        columns = (_table.c.holder, _table.c.term, _table.c.beats)
        statement = sa.select(*columns).where(_table.c.name == self._name)
        with self._database.connect() as connection:
            row = connection.execute(statement).first()
        return None if row is None else _Seen(row[0], row[1], row[2])

    def _renew(self, term: int) -> bool:
        return self._change(_Seen(self._holder, term, -1), beats=_table.c.beats + 1)

    def _succeed(self, seen: _Seen) -> bool:
        won = self._change(seen, holder=self._holder, term=seen.term + 1, beats=0)
        if won:
            self._term, self._still = seen.term + 1, None
            _log.info("the lead was taken", lead=self._name, holder=self._holder, was=seen.holder)
        return won

    def _found(self) -> bool:
        """Write the first row of this lead, unless another did so meanwhile."""
        row = {"name": self._name, "holder": self._holder, "term": 1, "beats": 0}
        try:
            with self._database.begin() as connection:
                connection.execute(sa.insert(_table).values(row))
        except sa.exc.IntegrityError:
            return False
        self._term = 1
        return True

    def _let_go(self) -> None:
        if self._term is not None:
            self._change(_Seen(self._holder, self._term, -1), holder=None)
            self._term = None

    def _change(self, seen: _Seen, **values: object) -> bool:
        """Compare and swap: only if the row is as seen; beats below zero match any."""
        statement = sa.update(_table).where(
            _table.c.name == self._name,
            _table.c.term == seen.term,
            _table.c.holder.is_not_distinct_from(seen.holder),
        )
        if seen.beats >= 0:
            statement = statement.where(_table.c.beats == seen.beats)
        with self._database.begin() as connection:
            return connection.execute(statement.values(**values)).rowcount > 0
