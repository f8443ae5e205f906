"""Alerts, open ones and those of the past."""

from __future__ import annotations

from typing import ClassVar

from domain.alert import Alert, AlertStatus
from store.mapper import Mapper
from store.repository import Repository, newest_first, one_of
from store.tables import alerts


class AlertRepository(Repository[Alert]):
    """Alerts by status."""

    mapper: ClassVar[Mapper[Alert]] = Mapper("alert", Alert, alerts)

    async def open(self) -> list[Alert]:
        """Those that hold, oldest first."""
        query = self._all().where(alerts.c.status == AlertStatus.OPEN.value)
        return await self._list(query.order_by(alerts.c.id))

    async def page(
        self, after: str | None, limit: int, status: AlertStatus | None = None
    ) -> list[Alert]:
        """One page, newest first, beginning behind `after`."""
        query = one_of(self._all(), alerts, None if status is None else [status])
        return await self._list(newest_first(query, alerts, after, limit))
