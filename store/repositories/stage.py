"""What stands on the label's own stage."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import func, select

from domain.stage import StageEntry
from store.mapper import Mapper
from store.repository import Repository
from store.tables import stage_entries as table


class StageRepository(Repository[StageEntry]):
    """Published entries by client key and by artist."""

    mapper: ClassVar[Mapper[StageEntry]] = Mapper(
        "stage entry", StageEntry, table, unique="client_key"
    )

    async def by_key(self, client_key: str) -> StageEntry | None:
        """The entry published under this key, removed or not."""
        return await self._first(self._all().where(table.c.client_key == client_key))

    async def of_artist(self, artist_id: str, limit: int = 200) -> list[StageEntry]:
        """The artist's standing entries, last published first."""
        query = self._all().where(table.c.artist_id == artist_id, table.c.removed.is_(False))
        order = (table.c.published_at.desc(), table.c.id.desc())
        return await self._list(query.order_by(*order).limit(limit))

    async def count(self, artist_id: str) -> int:
        """How many entries of the artist stand."""
        query = select(func.count(table.c.id)).where(
            table.c.artist_id == artist_id, table.c.removed.is_(False)
        )
        return await self._session.count(query)
