"""Engines for SQLite (aiosqlite) and PostgreSQL (psycopg)."""

from __future__ import annotations

from typing import Any

import pydantic_core
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from domain.errors import InvalidInput
from runtime.engine.database import network_of

BUSY_TIMEOUT_MS = 30_000
# Units are short: so many connections carry several times as many runs.
CONNECTIONS = 16
SPARE_CONNECTIONS = 4
CONNECTION_WITHIN_S = 30.0
CONNECT_TIMEOUT_S = 10
# A worker that froze in a unit keeps its locks, and with them everybody, no longer than this.
IDLE_IN_UNIT_MS = 10_000
SUPPORTED = ("sqlite+aiosqlite", "postgresql+psycopg")


def read_url(url: str) -> URL:
    """Take a database address apart; raises `InvalidInput` where that cannot be done."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise InvalidInput(
            "the database address cannot be read",
            field="database_url",
            remedy=f"Use an address that begins with {' or '.join(SUPPORTED)}, "
            "or unset GREENROOM_DATABASE_URL to use a file in the home.",
        ) from error


def make_engine(
    url: str, *, foreign_keys: bool = True, connections: int = CONNECTIONS
) -> AsyncEngine:
    """An engine for `url`; raises `InvalidInput` for a database or driver we do not support."""
    parsed = read_url(url)
    driver = parsed.drivername
    if driver not in SUPPORTED:
        raise InvalidInput(
            f"the database address begins with {driver!r}",
            field="database_url",
            remedy=f"Use an address that begins with {' or '.join(SUPPORTED)}.",
        )
    postgresql = parsed.get_backend_name() == "postgresql"
    engine = create_async_engine(
        url,
        json_serializer=_to_json,
        json_deserializer=pydantic_core.from_json,
        pool_size=connections,
        max_overflow=SPARE_CONNECTIONS,
        pool_timeout=CONNECTION_WITHIN_S,
        # A connection that a restart has cut is found out before a unit begins with it.
        pool_pre_ping=postgresql,
        connect_args=network_of(parsed, CONNECT_TIMEOUT_S) if postgresql else {},
    )
    if postgresql:
        event.listen(engine.sync_engine, "connect", _tune_postgresql)
    else:
        _tune_sqlite(engine, foreign_keys)
    return engine


def _to_json(value: Any) -> str:
    # NaN is not JSON and PostgreSQL refuses it: nothing measured is null.
    return pydantic_core.to_json(value, inf_nan_mode="null").decode()


def _tune_postgresql(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_IN_UNIT_MS}")
    cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()
    # Or the first rollback takes the settings back.
    connection.commit()


def _tune_sqlite(engine: AsyncEngine, foreign_keys: bool) -> None:
    def connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        # The driver's own transactions begin too late to hold a lock; `begin` below is ours.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begin)


async def give_back(connection: AsyncConnection) -> None:
    """Give a connection back to its pool; one that was cut has nothing to roll back any more.

    What its unit read or committed stays true, so a cut at this last moment is no failure.
    """
    try:
        await connection.close()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        await connection.close()
