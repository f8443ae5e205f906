"""Addresses that are told what happens, and the outbox of what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, delete, or_, select

from domain.event import Event
from domain.ids import new_id
from domain.webhook import (
    LONGEST_DUE,
    WEBHOOK_KINDS,
    Delivery,
    DeliveryStatus,
    Webhook,
    WebhookStatus,
    payload_of,
)
from store.mapper import Mapper
from store.repository import Repository, newest_first, one_of
from store.tables import webhook_deliveries, webhooks

OPEN = (DeliveryStatus.WAITING.value, DeliveryStatus.SENDING.value)
ENDED = (DeliveryStatus.DELIVERED.value, DeliveryStatus.FAILED.value)


class WebhookRepository(Repository[Webhook]):
    """Addresses; removing one removes its deliveries."""

    mapper: ClassVar[Mapper[Webhook]] = Mapper("webhook", Webhook, webhooks)

    async def all(self, status: WebhookStatus | None = None) -> list[Webhook]:
        """All of them, or those of one status, in the order they came."""
        query = one_of(self._all(), webhooks, None if status is None else [status])
        return await self._list(query.order_by(webhooks.c.id))

    async def remove(self, webhook_id: str) -> None:
        """Forget an address and what it was to be told."""
        gone = delete(webhooks).where(webhooks.c.id == webhook_id)
        await self._session.write(gone, self.mapper.noun)


class DeliveryRepository(Repository[Delivery]):
    """The outbox."""

    mapper: ClassVar[Mapper[Delivery]] = Mapper("delivery", Delivery, webhook_deliveries)

    async def write(self, webhooks: WebhookRepository, events: Sequence[Event]) -> None:
        """Put what these events have to tell into the outbox, in the transaction they are of."""
        if not any(event.kind in WEBHOOK_KINDS for event in events):
            return
        for webhook in await webhooks.all(WebhookStatus.ACTIVE):
            for event in events:
                if webhook.wants(event.kind):
                    await self.add(_delivery(webhook, event))

    async def due_webhooks(self, now: datetime) -> list[str]:
        """Ids of the webhooks that something should go out to."""
        due = self._due(now).with_only_columns(webhook_deliveries.c.webhook_id).distinct()
        return [row["webhook_id"] for row in await self._session.rows(due)]

    async def due_of(self, webhook_id: str, now: datetime, limit: int) -> list[Delivery]:
        """What should go out to a webhook, the longest due first."""
        mine = self._due(now).where(webhook_deliveries.c.webhook_id == webhook_id)
        order = (webhook_deliveries.c.due_at, webhook_deliveries.c.id)
        return await self._list(mine.order_by(*order).limit(limit))

    async def page(
        self, webhook_id: str, after: str | None, limit: int, status: DeliveryStatus | None = None
    ) -> list[Delivery]:
        """One page of a webhook's deliveries, newest first, beginning behind `after`."""
        query = self._all().where(webhook_deliveries.c.webhook_id == webhook_id)
        query = one_of(query, webhook_deliveries, None if status is None else [status])
        return await self._list(newest_first(query, webhook_deliveries, after, limit))

    async def prune(self, before: datetime, limit: int) -> int:
        """Forget ended deliveries unchanged since `before`; tells how many."""
        old = (
            select(webhook_deliveries.c.id)
            .where(webhook_deliveries.c.status.in_(ENDED), webhook_deliveries.c.updated_at < before)
            .limit(limit)
        )
        gone = delete(webhook_deliveries).where(webhook_deliveries.c.id.in_(old))
        return (await self._session.write(gone, self.mapper.noun)).rowcount

    def _due(self, now: datetime) -> Select[Any]:
        due_at = webhook_deliveries.c.due_at
        come = or_(due_at <= now, due_at > now + LONGEST_DUE)
        return self._all().where(webhook_deliveries.c.status.in_(OPEN), come)


def _delivery(webhook: Webhook, event: Event) -> Delivery:
    return Delivery(
        id=new_id("delivery"),
        created_at=event.at,
        updated_at=event.at,
        webhook_id=webhook.id,
        kind=event.kind,
        event_id=event.id,
        payload=payload_of(event),
        due_at=event.at,
    )
