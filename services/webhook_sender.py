"""Brings deliveries from the outbox to their addresses: written down before each call and after.

A reply that gets lost, or a sender that dies, leads to another call with the same `webhook-id`;
receivers that must not do a thing twice remember the ids they have seen.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from opentelemetry.trace import SpanKind
from standardwebhooks.webhooks import Webhook as Signature

from domain.actor import Actor
from domain.errors import GreenroomError, NotFound, StaleVersion
from domain.plain import plain_line
from domain.ports.clock import Clock
from domain.ports.secrets import Secrets
from domain.webhook import (
    OLD_SECRET_HOURS,
    Delivery,
    DeliveryStatus,
    Try,
    Webhook,
    WebhookStatus,
    wait_s,
)
from runtime.outbound import Outbound
from runtime.telemetry.tracing import span
from services.base import Service
from store.database import Database
from store.unit import UnitOfWork

AT_ONCE = 8
IN_A_ROW = 20
ROUND_S = 8.0
# Who has said nothing for so long after its call is thought dead, and somebody calls again.
CLAIM = timedelta(seconds=60)
LONGEST_REST_S = 900.0
SAYS_MAX_CHARS = 200
GONE = 410
KEPT = timedelta(days=14)
_log = structlog.get_logger(__name__)


class WebhookSender(Service):
    """Sends what is due. Several processes may: each delivery is claimed by its row version."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        secrets: Secrets,
        outbound: Outbound,
        on_try: Callable[[Try], None] | None = None,
    ) -> None:
        super().__init__(database, clock)
        self.secrets = secrets
        self.outbound = outbound
        self.on_try = on_try

    async def deliver_due(self, actor: Actor) -> int:
        """Send what is due, every webhook for itself; returns how many calls were made."""
        async with self.database.unit() as unit:
            due = await unit.deliveries.due_webhooks(self.clock.now())
        gate = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                rounds = [group.create_task(self._round(actor, each, gate)) for each in due]
        except ExceptionGroup as failures:
            # The callers deal with single errors of the family.
            raise failures.exceptions[0] from failures
        return sum(each.result() for each in rounds)

    def claimed(self, delivery: Delivery) -> Delivery:
        """The delivery as its row must read before the call."""
        now = self.clock.now()
        return delivery.sending(now, now + CLAIM)

    async def call(self, actor: Actor, webhook: Webhook, delivery: Delivery) -> Delivery:
        """Make the call of a claimed delivery, and write down what came of it."""
        told, asked_s = await self._try(webhook, delivery)
        if self.on_try is not None:
            self.on_try(told)
        now = self.clock.now()
        again_s = wait_s(delivery.tries, asked_s, random.random())
        async with self.database.unit() as unit:
            ended = await unit.deliveries.save(delivery.told(now, told, again_s))
            stored = await unit.webhooks.get(webhook.id)
            changed = _judged(stored, told, now)
            if changed is not stored:
                changed = await unit.webhooks.save(changed)
            if changed.status is not stored.status:
                self._disabled(unit, actor, changed)
            await unit.commit()
        return ended

    async def prune(self, actor: Actor) -> int:
        """Forget what was sent, or given up, two weeks ago; tells how many."""
        before = self.clock.now() - KEPT
        return await self.clear_out(lambda unit, most: unit.deliveries.prune(before, most))

    async def _round(self, actor: Actor, webhook_id: str, gate: asyncio.Semaphore) -> int:
        """One after another, until nothing is due, one fails, or the round takes too long."""
        calls, until = 0, time.monotonic() + ROUND_S
        async with gate:
            while calls < IN_A_ROW and time.monotonic() < until:
                try:
                    claimed = await self._next(webhook_id)
                    if claimed is None:
                        break
                    calls += 1
                    ended = await self.call(actor, *claimed)
                except (NotFound, StaleVersion):
                    break  # Removed, or somebody else is at it.
                if ended.status is not DeliveryStatus.DELIVERED:
                    break
        return calls

    async def _next(self, webhook_id: str) -> tuple[Webhook, Delivery] | None:
        now = self.clock.now()
        async with self.database.unit() as unit:
            webhook = await unit.webhooks.get(webhook_id)
            if not _awake(webhook, now):
                return None
            due = await unit.deliveries.due_of(webhook_id, now, 1)
            if not due:
                return None
            claimed = await unit.deliveries.save(self.claimed(due[0]))
            await unit.commit()
        return webhook, claimed

    async def _try(self, webhook: Webhook, delivery: Delivery) -> tuple[Try, float | None]:
        started, at = time.monotonic(), self.clock.now()
        body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":"))
        try:
            headers = self._signed(webhook, delivery, at, body)
            with span(
                "deliver webhook",
                kind=SpanKind.CLIENT,
                webhook_id=webhook.id,
                delivery_id=delivery.id,
                event_kind=delivery.kind,
            ):
                reply = await self.outbound.post(webhook.url, body.encode(), headers)
        except GreenroomError as error:
            took_s = time.monotonic() - started
            return Try(at=at, took_s=took_s, says=error.message[:SAYS_MAX_CHARS]), None
        says = plain_line(reply.text)[:SAYS_MAX_CHARS]
        told = Try(at=at, took_s=reply.took_s, status=reply.status, says=says)
        return told, reply.retry_after_s

    def _signed(
        self, webhook: Webhook, delivery: Delivery, at: datetime, body: str
    ) -> dict[str, str]:
        """Headers as Standard Webhooks wants them, with a signature for each secret in force."""
        names = [secret_name(webhook.id)]
        overlap = timedelta(hours=OLD_SECRET_HOURS)
        if webhook.rotated_at is not None and at < webhook.rotated_at + overlap:
            names.append(old_secret_name(webhook.id))
        found = [secret for name in names if (secret := self.secrets.get(name)) is not None]
        if not found:
            raise NotFound("its secret is not there", remedy="Give it a new one.")
        signatures = [
            Signature(secret.get_secret_value()).sign(delivery.id, at, body) for secret in found
        ]
        return {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _disabled(self, unit: UnitOfWork, actor: Actor, webhook: Webhook) -> None:
        _log.warning("webhook disabled", webhook_id=webhook.id, why=webhook.disabled_why)
        unit.emit(
            self.event(
                "webhook.changed",
                actor,
                subject_id=webhook.id,
                what="disabled",
                status=webhook.status.value,
                url=webhook.url,
            )
        )


def secret_name(webhook_id: str) -> str:
    """Under which name the secret lies."""
    return webhook_id.replace("_", "-")


def old_secret_name(webhook_id: str) -> str:
    """Under which name the secret before lies, for a day."""
    return f"{secret_name(webhook_id)}-old"


def _awake(webhook: Webhook, now: datetime) -> bool:
    until = webhook.resting_until
    # No rest is longer than the longest one: then the clock was set back, and it is over.
    rests = until is not None and now < until <= now + timedelta(seconds=LONGEST_REST_S)
    return webhook.status is WebhookStatus.ACTIVE and not rests


def _judged(webhook: Webhook, told: Try, now: datetime) -> Webhook:
    if told.ok:
        clean = webhook.failures == 0 and webhook.last_ok_at is not None
        # Not a write for each of a hundred calls.
        recent = clean and now - (webhook.last_ok_at or now) < timedelta(minutes=1)
        return webhook if recent else webhook.answered(now)
    rest_s = min(wait_s(webhook.failures + 1, None, random.random()), LONGEST_REST_S)
    return webhook.failed(now, rest_s, gone=told.status == GONE)
