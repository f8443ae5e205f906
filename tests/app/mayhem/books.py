"""What the label's database says, read from outside while its processes live and die."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

Row = Mapping[str, Any]
LOOK_EVERY_S = 0.25
ENDED = frozenset({"succeeded", "rejected", "cancelled"})
SETTLED = ENDED | {"failed", "waiting"}


class Books:
    """Reads rows in plain SQL; waits while the database is away."""

    def __init__(self, database_url: str) -> None:
        url = sa.make_url(database_url)
        self.sqlite = url.get_backend_name() == "sqlite"
        driver = "sqlite" if self.sqlite else "postgresql+psycopg"
        self._engine = sa.create_engine(url.set(drivername=driver), pool_pre_ping=True)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    async def rows(self, statement: str, **values: object) -> Sequence[Row]:
        """What a query gives; asked again for as long as the database is away."""
        while True:
            try:
                return await asyncio.to_thread(self._rows, statement, values)
            except sa.exc.OperationalError:
                await asyncio.sleep(LOOK_EVERY_S)

    async def status(self, run_id: str) -> str:
        """How far a run is."""
        (row,) = await self.rows("SELECT status FROM runs WHERE id = :id", id=run_id)
        return str(row["status"])

    async def failure(self, run_id: str) -> str:
        """Where and why a run failed, in two words."""
        (row,) = await self.rows("SELECT body AS data FROM runs WHERE id = :id", id=run_id)
        told = _data(row).get("failure") or {}
        return f"{told.get('code')} in {told.get('step')}"

    async def held_by(self, holder: str) -> list[str]:
        """The runs that a worker is at work on."""
        found = await self.rows(
            "SELECT id FROM runs WHERE status = 'running' AND holder = :holder", holder=holder
        )
        return [str(row["id"]) for row in found]

    async def went_on(self, run_id: str, after: datetime) -> datetime | None:
        """When the run's next step began, or it ended, after a moment."""
        found = await self.rows(
            "SELECT at, kind, data FROM events WHERE run_id = :run_id AND at > :after "
            "AND kind IN ('step.started', 'run.changed') ORDER BY id",
            run_id=run_id,
            after=self._moment(after),
        )
        for row in found:
            if row["kind"] == "step.started" or _data(row)["status"] in SETTLED:
                return _when(row["at"])
        return None

    def _rows(self, statement: str, values: Mapping[str, object]) -> Sequence[Row]:
        with self._engine.connect() as connection:
            return [dict(r) for r in connection.execute(sa.text(statement), values).mappings()]

    def _moment(self, at: datetime) -> object:
        return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if self.sqlite else at


def _data(row: Row) -> dict[str, Any]:
    """A JSON column, which SQLite gives as text."""
    value = row["data"]
    return dict(json.loads(value) if isinstance(value, str) else value)


def _when(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
