"""What was rendered before, by the digest of the exact request."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, delete, func, select

from domain.render import Render, RenderRates
from store.mapper import Mapper
from store.repository import Repository
from store.tables import renders as table


class RenderRepository(Repository[Render]):
    """Renders by their key, the lately used first."""

    mapper: ClassVar[Mapper[Render]] = Mapper("render", Render, table, unique="key")

    async def by_key(self, key: str) -> Render | None:
        """The render of this exact request, if it is known."""
        return await self._first(self._all().where(table.c.key == key))

    async def put(self, render: Render) -> bool:
        """Store it unless its key is known already; tells whether it did."""
        return await self._session.insert_new(table, self.mapper.to_row(render), self.mapper.noun)

    async def forget(self, key: str) -> None:
        """Delete one."""
        await self._session.write(delete(table).where(table.c.key == key))

    async def prune(self, unused_since: datetime, keep: int) -> int:
        """Delete what was not used since, and all but the `keep` lately used; returns how many."""
        lately = select(table.c.id).order_by(table.c.used_at.desc(), table.c.id.desc()).limit(keep)
        gone = await self._session.write(
            delete(table).where((table.c.used_at < unused_since) | table.c.id.not_in(lately))
        )
        return gone.rowcount

    async def rates(self) -> RenderRates:
        """How many are known, and what finding them again has saved."""
        hits = table.c.body["hits"].as_integer()
        saved = hits * table.c.body["cpu_s"].as_float()
        sums: list[ColumnElement[Any]] = [
            func.count().label("kept"),
            func.coalesce(func.sum(hits), 0).label("hits"),
            func.coalesce(func.sum(saved), 0.0).label("saved_cpu_s"),
        ]
        row = await self._session.row(select(*sums).select_from(table))
        assert row is not None
        return RenderRates.model_validate(dict(row))
