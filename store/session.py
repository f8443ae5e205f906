"""One connection for one unit: reads share a snapshot, writes queue behind one another."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, RowMapping, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable, Select

from store.engine import BUSY_TIMEOUT_MS, give_back
from store.failures import kept_busy, told

Row = Mapping[str, Any]


class Session:
    """Runs statements. On SQLite the first write begins a new transaction that holds the lock.

    A transaction that has read cannot become a writer once another process wrote: SQLite fails it
    at once. So reads before the first write do not bind what is written; row versions do, exactly
    as on PostgreSQL at its default isolation.
    """

    def __init__(self, connection: AsyncConnection, turn: asyncio.Lock | None = None) -> None:
        """Begin to read; `turn` is held while this writes, where only one may."""
        self._connection = connection
        self._turn = turn
        self._writing = False

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    async def rows(self, statement: Select[Any]) -> Sequence[RowMapping]:
        """All rows of a query."""
        with told():
            found: CursorResult[Any] = await self._connection.execute(statement)
            return found.mappings().all()

    async def row(self, statement: Select[Any]) -> RowMapping | None:
        """The first row of a query, if there is one."""
        with told():
            found: CursorResult[Any] = await self._connection.execute(statement)
            return found.mappings().first()

    async def count(self, statement: Select[int]) -> int:
        """The number that a query counts."""
        with told():
            found = await self._connection.execute(statement)
            return int(found.scalar_one())

    async def write(self, statement: Executable, noun: str = "record") -> CursorResult[Any]:
        """Run a statement that changes rows."""
        await self.begin_writing()
        with told(noun):
            return await self._connection.execute(statement)

    async def insert_new(self, table: Table, row: Row, noun: str) -> bool:
        """Insert unless a unique value is taken; tells whether it did."""
        dialect = sqlite if self.dialect == "sqlite" else postgresql
        statement = dialect.insert(table).values(row).on_conflict_do_nothing()
        return (await self.write(statement.returning(table.c.id), noun)).first() is not None

    async def lock(self, key: str) -> None:
        """Make others that lock `key` wait until this unit ends (on SQLite: all writers)."""
        await self.begin_writing()
        if self.dialect == "postgresql":
            with told():
                number = func.hashtextextended(bindparam("key", key), 0)
                await self._connection.execute(select(func.pg_advisory_xact_lock(number)))

    async def commit(self) -> None:
        """Make it last."""
        with told():
            await self._connection.commit()
        self._end_turn()

    async def close(self) -> None:
        """Give the connection back; what was not committed is gone."""
        try:
            await give_back(self._connection)
        finally:
            self._end_turn()

    async def begin_writing(self) -> None:
        """Take the lock of writers where there is one, so that what is read from here on stands."""
        if self._writing:
            return
        if self.dialect == "sqlite":
            # Before the wait: what was read is not held on to meanwhile.
            with told():
                await self._connection.rollback()
        if self._turn is not None:
            await self._await_turn(self._turn)
        self._writing = True
        with told():
            if self.dialect == "sqlite":
                await self._connection.execution_options(sqlite_begin="IMMEDIATE")
                await self._connection.begin()
                await self._connection.execution_options(sqlite_begin="DEFERRED")

    async def _await_turn(self, turn: asyncio.Lock) -> None:
        """First come, first served: SQLite lets waiters look now and then, and some never win."""
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                await turn.acquire()
        except TimeoutError:
            raise kept_busy("another change") from None

    def _end_turn(self) -> None:
        if self._writing and self._turn is not None:
            self._turn.release()
        self._writing = False
