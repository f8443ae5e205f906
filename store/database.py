"""The database of a label: engine, units of work and the check that its schema fits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from domain.event import Event
from store.engine import CONNECTIONS, make_engine
from store.failures import told
from store.migrate import check_current
from store.session import Session
from store.unit import UnitOfWork

CLOSE_WITHIN_S = 10.0


class Database:
    """One engine and its pool; use it from one event loop."""

    def __init__(
        self,
        url: str,
        *,
        on_commit: Callable[[Sequence[Event]], None] | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self.url = url
        self.engine: AsyncEngine = make_engine(url, connections=connections)
        self._on_commit = on_commit
        # SQLite has one writer at a time; PostgreSQL orders its own.
        self._turn = asyncio.Lock() if self.engine.dialect.name == "sqlite" else None

    def unit(self) -> UnitOfWork:
        """A unit of work, for `async with`; without `commit` nothing of it remains.

        Keep it short: on SQLite it holds off all other writers from its first write on.
        """
        return UnitOfWork(self.engine, self._on_commit, self._turn)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A bare session for the store's own parts; commits by itself unless an error leaves it."""
        connection = self.engine.connect()
        with told():
            await connection.start()
        session = Session(connection, self._turn)
        try:
            yield session
            await session.commit()
        finally:
            # Shielded: a cancelled task must still give its connection back.
            await asyncio.shield(session.close())

    def connections(self) -> dict[str, int]:
        """How many of the pool's connections are in use, and how many wait for that."""
        pool = self.engine.pool
        if not isinstance(pool, QueuePool):
            return {}
        return {"in_use": pool.checkedout(), "idle": pool.checkedin()}

    async def ready(self) -> None:
        """Raise `PartMissing` when the schema is not the one this version needs."""
        await check_current(self.engine)

    async def close(self) -> None:
        """Let go of all connections, once those of cancelled tasks have come back.

        One left behind would keep its driver's thread, and so the process, alive for ever.
        """
        async with asyncio.timeout(CLOSE_WITHIN_S):
            while _checked_out(self.engine):
                await asyncio.sleep(0.01)
        await self.engine.dispose()


def _checked_out(engine: AsyncEngine) -> int:
    pool = engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0
