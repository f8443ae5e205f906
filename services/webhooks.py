"""An operator's webhooks: add, list, remove, try, give a new secret, look at what was sent."""

from __future__ import annotations

import base64
import secrets as random_bytes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from domain.actor import Actor
from domain.errors import Conflict, InvalidInput, ProviderUnavailable
from domain.ids import new_id
from domain.plain import plain_line
from domain.ports.clock import Clock
from domain.ports.secrets import Secrets
from domain.webhook import (
    TEST_KIND,
    USUAL_EVENTS,
    Delivery,
    DeliveryStatus,
    Webhook,
    check_events,
    check_url,
)
from runtime.outbound import Outbound
from services.base import Service
from services.webhook_sender import WebhookSender, old_secret_name, secret_name
from store.database import Database
from store.unit import UnitOfWork

WEBHOOKS_MAX = 20
DESCRIPTION_MAX_CHARS = 200
SECRET_BYTES = 32


@dataclass(frozen=True)
class NewSecret:
    """A webhook and its secret, which is shown this once."""

    webhook: Webhook
    secret: SecretStr


class WebhookService(Service):
    """Use cases of webhooks; `sender` brings what they are told on its way.

    An address may be a secret by itself, and it is told of every artist: who sees webhooks may
    connect, and sees all artists.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        secrets: Secrets,
        outbound: Outbound,
        sender: WebhookSender,
    ) -> None:
        super().__init__(database, clock)
        self.secrets = secrets
        self.outbound = outbound
        self.sender = sender

    async def add(
        self,
        actor: Actor,
        url: str,
        events: Sequence[str] = USUAL_EVENTS,
        description: str = "",
    ) -> NewSecret:
        """Tell an address of events from now on; raises `InvalidInput` naming the field."""
        _must_connect(actor)
        now = self.clock.now()
        webhook = Webhook(
            id=new_id("webhook"),
            created_at=now,
            updated_at=now,
            url=check_url(url.strip()),
            events=check_events(events),
            description=_description(description),
        )
        await _check_reachable(self.outbound, webhook.url)
        secret = _fresh_secret()
        async with self.database.unit() as unit:
            await unit.lock("webhooks")
            if len(await unit.webhooks.all()) >= WEBHOOKS_MAX:
                raise Conflict(
                    f"there are {WEBHOOKS_MAX} webhooks already", remedy="Remove one first."
                )
            await unit.webhooks.add(webhook)
            self.secrets.put(secret_name(webhook.id), secret)
            self._changed(unit, actor, webhook, "added")
            await unit.commit()
        return NewSecret(webhook, secret)

    async def all(self, actor: Actor) -> list[Webhook]:
        """All webhooks in the order they came."""
        _must_connect(actor)
        async with self.database.unit() as unit:
            return await unit.webhooks.all()

    async def get(self, actor: Actor, webhook_id: str) -> Webhook:
        """One webhook; raises `NotFound`."""
        _must_connect(actor)
        async with self.database.unit() as unit:
            return await unit.webhooks.get(webhook_id)

    async def remove(self, actor: Actor, webhook_id: str) -> Webhook:
        """Tell it nothing any more; what was still to be sent is dropped."""
        _must_connect(actor)
        async with self.database.unit() as unit:
            webhook = await unit.webhooks.get(webhook_id)
            await unit.webhooks.remove(webhook_id)
            self._changed(unit, actor, webhook, "removed")
            await unit.commit()
        self.secrets.delete(secret_name(webhook_id))
        self.secrets.delete(old_secret_name(webhook_id))
        return webhook

    async def enable(self, actor: Actor, webhook_id: str) -> Webhook:
        """Let a disabled webhook work again; what waited meanwhile goes out."""
        _must_connect(actor)
        async with self.database.unit() as unit:
            webhook = await unit.webhooks.get(webhook_id)
            webhook = await unit.webhooks.save(webhook.enabled(self.clock.now()))
            self._changed(unit, actor, webhook, "enabled")
            await unit.commit()
        return webhook

    async def rotate(self, actor: Actor, webhook_id: str) -> NewSecret:
        """Give it a new secret; for a day calls are signed with the old one too."""
        _must_connect(actor)
        secret = _fresh_secret()
        async with self.database.unit() as unit:
            webhook = await unit.webhooks.get(webhook_id)
            now = self.clock.now()
            webhook = await unit.webhooks.save(webhook.amend(now, rotated_at=now))
            before = self.secrets.get(secret_name(webhook_id))
            if before is not None:
                self.secrets.put(old_secret_name(webhook_id), before)
            self._changed(unit, actor, webhook, "rotated")
            await unit.commit()
        # Last: whatever fails before, calls carry the secret that the receiver has.
        self.secrets.put(secret_name(webhook_id), secret)
        return NewSecret(webhook, secret)

    async def test(self, actor: Actor, webhook_id: str) -> Delivery:
        """Send a harmless event now, and tell how that went."""
        _must_connect(actor)
        now = self.clock.now()
        async with self.database.unit() as unit:
            webhook = await unit.webhooks.get(webhook_id)
            delivery = Delivery(
                id=new_id("delivery"),
                created_at=now,
                updated_at=now,
                webhook_id=webhook.id,
                kind=TEST_KIND,
                payload={
                    "type": TEST_KIND,
                    "timestamp": now.isoformat(),
                    "data": {"says": "This is a test. Nothing happened."},
                },
                due_at=now,
            )
            claimed = await unit.deliveries.add(self.sender.claimed(delivery))
            await unit.commit()
        return await self.sender.call(actor, webhook, claimed)

    async def deliveries(
        self,
        actor: Actor,
        webhook_id: str,
        after: str | None = None,
        limit: int = 50,
        status: DeliveryStatus | None = None,
    ) -> list[Delivery]:
        """What a webhook was told or is to be told, newest first."""
        _must_connect(actor)
        async with self.database.unit() as unit:
            await unit.webhooks.get(webhook_id)
            return await unit.deliveries.page(webhook_id, after, limit, status)

    async def replay(self, actor: Actor, delivery_id: str) -> Delivery:
        """Send a delivery once more, under the same id; one under way is left alone.

        Raises `NotFound`, or `Conflict` while its tries go on.
        """
        _must_connect(actor)
        async with self.database.unit() as unit:
            delivery = await unit.deliveries.get(delivery_id)
            if delivery.status in (DeliveryStatus.WAITING, DeliveryStatus.SENDING):
                raise Conflict(
                    f"delivery {delivery.id} is {delivery.status} already",
                    field="status",
                    remedy="Wait for it; tries go on by themselves.",
                )
            webhook = await unit.webhooks.get(delivery.webhook_id)
            again = self.sender.claimed(delivery.again(self.clock.now()))
            claimed = await unit.deliveries.save(again)
            await unit.commit()
        return await self.sender.call(actor, webhook, claimed)

    def _changed(
        self,
        unit: UnitOfWork,
        actor: Actor,
        webhook: Webhook,
        what: Literal["added", "removed", "enabled", "rotated"],
    ) -> None:
        unit.emit(
            self.event(
                "webhook.changed",
                actor,
                subject_id=webhook.id,
                what=what,
                status=webhook.status.value,
                url=webhook.url,
            )
        )


def _must_connect(actor: Actor) -> None:
    actor.must("connect")
    actor.must_see_all()


def _fresh_secret() -> SecretStr:
    return SecretStr("whsec_" + base64.b64encode(random_bytes.token_bytes(SECRET_BYTES)).decode())


def _description(text: str) -> str:
    line = plain_line(text)
    if len(line) > DESCRIPTION_MAX_CHARS:
        raise InvalidInput(
            f"the description has {len(line)} characters",
            field="description",
            remedy=f"Use at most {DESCRIPTION_MAX_CHARS}.",
        )
    return line


async def _check_reachable(outbound: Outbound, url: str) -> None:
    try:
        await outbound.check(url)
    except ProviderUnavailable as error:
        raise InvalidInput(
            error.message,
            field="url",
            remedy="Correct the address; this machine must be able to find its name.",
        ) from error
