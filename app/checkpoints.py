"""Where runs' checkpoints are kept: a file in the home, or the label's PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from psycopg import AsyncConnection, errors
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from runtime.engine.database import network_of
from runtime.settings import Settings
from store.engine import CONNECT_TIMEOUT_S, read_url

Saver = BaseCheckpointSaver[Any]
Pool = AsyncConnectionPool[AsyncConnection[DictRow]]
FILE = "checkpoints.db"
# A checkpoint takes a few milliseconds: so many connections carry several times as many runs.
CONNECTIONS = 10
CONNECT_WITHIN_S = 30.0
SETUP_LOCK = 0x6772656F
SETUP_LOOK_S = 0.2
_HOW = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}


@asynccontextmanager
async def open_checkpoints(settings: Settings) -> AsyncIterator[Saver]:
    """A saver for as long as it is needed; its tables are there, whoever came first.

    On PostgreSQL connections that a restart has cut are made anew.
    """
    url = settings.database
    opened = (
        _on_postgres(_conninfo(url), min(CONNECTIONS, settings.concurrency))
        if url.startswith("postgresql")
        else _in_a_file(settings)
    )
    async with opened as saver:
        yield saver


async def prepare_checkpoints(settings: Settings) -> None:
    """Bring the tables up to date, once however many processes ask at the same time."""
    async with open_checkpoints(settings):
        pass


async def prune_checkpoints(
    saver: Saver, ended: Callable[[Sequence[str]], Awaitable[Collection[str]]]
) -> int:
    """Delete the checkpoints of runs that will not go on; returns of how many.

    Asks `ended` which of the runs that have checkpoints those are. A run's checkpoints go when it
    ends; what stays behind is of workers that died between the two.
    """
    gone = await ended(threads) if (threads := await _threads(saver)) else ()
    for thread in gone:
        await saver.adelete_thread(thread)
    return len(gone)


async def _threads(saver: Saver) -> list[str]:
    query = "SELECT DISTINCT thread_id FROM checkpoints"
    if isinstance(saver, WidePostgresSaver):
        async with saver.pool.connection() as connection:
            rows = await (await connection.execute(query)).fetchall()
        return [row["thread_id"] for row in rows]
    assert isinstance(saver, AsyncSqliteSaver)
    async with saver.lock, saver.conn.execute(query) as cursor:
        return [str(row[0]) for row in await cursor.fetchall()]


@asynccontextmanager
async def _in_a_file(settings: Settings) -> AsyncIterator[Saver]:
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with AsyncSqliteSaver.from_conn_string(str(settings.home / FILE)) as saver:
        await saver.setup()
        yield saver


class WidePostgresSaver(AsyncPostgresSaver):
    """As many checkpoints at a time as the pool has connections.

    The one it extends takes turns on a lock, which protects a single connection; with a pool
    every turn has a connection of its own.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.pool = pool
        self.lock = cast(asyncio.Lock, asyncio.Semaphore(pool.max_size))


@asynccontextmanager
async def _on_postgres(conninfo: str, connections: int) -> AsyncIterator[Saver]:
    pool: Pool = AsyncConnectionPool(
        conninfo,
        min_size=1,
        max_size=connections,
        timeout=CONNECT_WITHIN_S,
        kwargs={**network_of(read_url(conninfo), CONNECT_TIMEOUT_S), **_HOW},
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    async with pool:
        saver = WidePostgresSaver(pool)
        await _set_up(saver)
        yield saver


async def _set_up(saver: WidePostgresSaver) -> None:
    if await _is_set_up(saver):
        return
    async with _turn(saver.pool):
        if not await _is_set_up(saver):
            await saver.setup()


@asynccontextmanager
async def _turn(pool: Pool) -> AsyncIterator[None]:
    """The turn to change the tables.

    Looked for again and again: who waited inside a statement would hold up the making of an
    index by who has the turn, and that one would never end.
    """
    async with pool.connection() as connection:
        while not await _try(connection, "pg_try_advisory_lock"):
            await asyncio.sleep(SETUP_LOOK_S)
        try:
            yield
        finally:
            await _try(connection, "pg_advisory_unlock")


async def _try(connection: AsyncConnection[DictRow], function: str) -> bool:
    cursor = await connection.execute(f"SELECT {function}(%s) AS done".encode(), (SETUP_LOCK,))
    row = await cursor.fetchone()
    return row is not None and bool(row["done"])


async def _is_set_up(saver: WidePostgresSaver) -> bool:
    newest = len(saver.MIGRATIONS) - 1
    async with saver.pool.connection() as connection:
        try:
            cursor = await connection.execute("SELECT max(v) AS v FROM checkpoint_migrations")
            row = await cursor.fetchone()
        except errors.UndefinedTable:
            return False
    return row is not None and row["v"] is not None and row["v"] >= newest


def _conninfo(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
