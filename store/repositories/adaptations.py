"""The adaptation ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from domain.adaptation import Adaptation, AdaptationStatus
from store.mapper import Mapper
from store.repository import Repository, newest_first
from store.tables import adaptations


class AdaptationRepository(Repository[Adaptation]):
    """Entries by parameter, artist and status."""

    mapper: ClassVar[Mapper[Adaptation]] = Mapper("adaptation", Adaptation, adaptations)

    async def of_parameter(self, parameter: str) -> list[Adaptation]:
        """Every entry of a parameter, oldest first."""
        query = self._all().where(adaptations.c.parameter == parameter)
        return await self._list(query.order_by(adaptations.c.id))

    async def page(
        self,
        *,
        status: AdaptationStatus | None = None,
        parameter: str | None = None,
        only: Collection[str] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[Adaptation]:
        """One page, newest first; `only` of these artists, and what concerns several."""
        query = self._all()
        if status is not None:
            query = query.where(adaptations.c.status == status.value)
        if parameter is not None:
            query = query.where(adaptations.c.parameter == parameter)
        if only is not None:
            artist = adaptations.c.artist_id
            query = query.where(artist.is_(None) | artist.in_(only))
        return await self._list(newest_first(query, adaptations, after, limit))
