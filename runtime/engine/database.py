"""The engine's way into its database: addresses, connections, tables made once.

Calls here and in the modules beside block, because DBOS speaks blocking drivers; the engine
makes them in threads of its own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

# Held while tables are made, so that processes starting together do not race.
_TABLES_LOCK = 7_205_140_351_001
# A process that is frozen inside a transaction keeps its locks no longer than this.
_IDLE_TRANSACTION_MS = 3000
# A server that vanished without a word is noticed within a minute, also with an answer on the way.
_NETWORK = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_CONNECT_TIMEOUT_S = 5
_BUSY_TIMEOUT_MS = 30_000


def sync_url(database_url: str) -> sa.URL:
    """The same database for blocking drivers, which is what DBOS speaks."""
    url = sa.make_url(database_url)
    backend = url.get_backend_name()
    return url.set(drivername="postgresql+psycopg" if backend == "postgresql" else backend)


def is_sqlite(url: sa.URL) -> bool:
    """Whether the database is a file that one home owns."""
    return url.get_backend_name() == "sqlite"


def open_database(url: sa.URL) -> sa.Engine:
    """Connections that notice a restarted server before they are used."""
    if is_sqlite(url):
        database = sa.create_engine(url)
        sa.event.listen(database, "connect", _prepare_sqlite)
        return database
    database = sa.create_engine(
        url,
        pool_size=4,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args=network_of(url),
    )
    sa.event.listen(database, "connect", _prepare_postgresql)
    return database


def network_of(url: sa.URL, connect_timeout_s: int = _CONNECT_TIMEOUT_S) -> dict[str, int]:
    """How PostgreSQL's driver watches the connection, but for what the address itself says."""
    watched = {"connect_timeout": connect_timeout_s, **_NETWORK}
    return {name: value for name, value in watched.items() if name not in url.query}


def is_away(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether the database could not be used at all, as opposed to refusing a statement."""
    lost = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    away = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
    return lost or isinstance(error, away)


def make_tables(database: sa.Engine, metadata: sa.MetaData) -> None:
    """Make the tables that are missing; safe in several processes at once."""
    with database.begin() as connection:
        if is_sqlite(database.url):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            lock = sa.text("SELECT pg_advisory_xact_lock(:lock)")
            connection.execute(lock, {"lock": _TABLES_LOCK})
        metadata.create_all(connection, checkfirst=True)


def write_ahead(database: sa.Engine) -> None:
    """Make readers of a SQLite file never wait for a writer; kept in the file."""
    with database.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _prepare_sqlite(connection: Any, _: object) -> None:
    # As DBOS opens it: whoever will write takes the lock at once instead of failing half-way.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")


def _prepare_postgresql(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {_IDLE_TRANSACTION_MS}")
    connection.commit()  # the pool's rollback would undo it
