"""What model calls used, one row a call, and sums for budgets with what generators cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select

from domain.ports.model import Spent, UsageRecord
from store.database import Database
from store.tables import call_texts
from store.tables import generation_jobs as jobs
from store.tables import usage_records as table

Conditions = Sequence[ColumnElement[bool]]


class SqlUsageLedger:
    """Implements `domain.ports.model.UsageLedger`; each call is a short unit of its own.

    On SQLite `record` waits for any open unit that has written: close yours before asking a model.
    """

    def __init__(self, database: Database, *, keeps_texts: bool = True) -> None:
        self._database = database
        self._keeps_texts = keeps_texts

    async def record(self, record: UsageRecord) -> None:
        """Append one record, durably; the words of calls in runs are kept beside it."""
        row = record.model_dump(exclude={"scope", "usage", "asked", "answered"})
        row |= record.scope.model_dump(exclude={"attempt"}) | record.usage.model_dump()
        async with self._database.session() as session:
            booking = insert(table).values(row).returning(table.c.seq)
            seq = (await session.write(booking, "usage record")).scalar_one()
            if self._keeps_texts and record.scope.run_id and record.asked:
                words = record.model_dump(mode="json", include={"asked", "answered"})
                text = insert(call_texts).values(words | {"seq": seq, "at": record.at})
                await session.write(text, "words of a model call")

    async def spent_by_run(self, run_id: str) -> Spent:
        """Everything the run has used."""
        return await self._spent([table.c.run_id == run_id], [jobs.c.run_id == run_id])

    async def spent_by_artist(self, artist_id: str, since: datetime) -> Spent:
        """What the artist has used since `since`."""
        return await self._spent(
            [table.c.artist_id == artist_id, table.c.at >= since],
            [jobs.c.artist_id == artist_id, jobs.c.created_at >= since],
        )

    async def spent_by_label(self, since: datetime) -> Spent:
        """What the whole label has used since `since`."""
        return await self._spent([table.c.at >= since], [jobs.c.created_at >= since])

    async def _spent(self, calls: Conditions, generated: Conditions) -> Spent:
        tokens = func.sum(table.c.prompt_tokens + table.c.completion_tokens)
        asked = select(
            func.coalesce(tokens, 0).label("tokens"),
            func.coalesce(func.sum(table.c.cost_usd), 0.0).label("cost_usd"),
        ).where(*calls)
        made = select(func.coalesce(func.sum(jobs.c.cost_usd), 0.0).label("cost_usd"))
        async with self._database.session() as session:
            words = await session.row(asked)
            songs = await session.row(made.where(*generated))
        assert words is not None
        assert songs is not None
        return Spent(tokens=words["tokens"], cost_usd=words["cost_usd"] + songs["cost_usd"])
