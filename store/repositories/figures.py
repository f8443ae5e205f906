"""How much of everything there is, in one statement: for metrics and alerts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Label, Select, Table, and_, func, select

from domain.alert import AlertStatus
from domain.approval import ApprovalStatus
from domain.generation import GenerationStatus
from domain.post import PostStatus
from domain.webhook import WebhookStatus
from store.repositories.webhooks import OPEN
from store.session import Session
from store.tables import (
    alerts,
    approvals,
    generation_jobs,
    posts,
    schedules,
    usage_records,
    webhook_deliveries,
    webhooks,
)

CALLS_WITHIN = timedelta(minutes=15)
DELIVERY_LATE = timedelta(minutes=1)
FINE = ("ok", "cached", "cancelled", "interrupted")


class Figures(BaseModel):
    """The label at one moment."""

    model_config = ConfigDict(frozen=True)

    posts_unknown: int
    songs_unknown: int
    approvals_waiting: int
    approvals_expiring: int
    slots_late: int
    slot_since: datetime | None
    deliveries_late: int
    webhooks_disabled: int
    alerts_open: int
    model_calls: int
    model_failures: int


class FiguresRepository:
    """Counts, each over an index."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def read(
        self, now: datetime, expiring_before: datetime, late_before: datetime
    ) -> Figures:
        """Everything at once; late is a slot that was due before `late_before`."""
        row = await self._session.row(
            select(
                *_unknown(),
                *_approvals(expiring_before),
                *_slots(late_before),
                *_webhooks(now),
                _count("alerts_open", _of(alerts, alerts.c.status == AlertStatus.OPEN.value)),
                *_calls(now),
            )
        )
        assert row is not None
        return Figures.model_validate(dict(row))


def _unknown() -> list[Label[Any]]:
    post = posts.c.status == PostStatus.OUTCOME_UNKNOWN.value
    song = generation_jobs.c.status == GenerationStatus.OUTCOME_UNKNOWN.value
    return [
        _count("posts_unknown", _of(posts, post)),
        _count("songs_unknown", _of(generation_jobs, song)),
    ]


def _approvals(expiring_before: datetime) -> list[Label[Any]]:
    waiting = approvals.c.status == ApprovalStatus.WAITING.value
    soon = and_(waiting, approvals.c.expires_at <= expiring_before)
    return [
        _count("approvals_waiting", _of(approvals, waiting)),
        _count("approvals_expiring", _of(approvals, soon)),
    ]


def _slots(late_before: datetime) -> list[Label[Any]]:
    late = and_(schedules.c.enabled.is_(True), schedules.c.next_at <= late_before)
    first = select(func.min(schedules.c.next_at)).where(late)
    return [
        _count("slots_late", _of(schedules, late)),
        first.scalar_subquery().label("slot_since"),
    ]


def _webhooks(now: datetime) -> list[Label[Any]]:
    active = select(webhooks.c.id).where(webhooks.c.status == WebhookStatus.ACTIVE.value)
    late = and_(
        webhook_deliveries.c.status.in_(OPEN),
        webhook_deliveries.c.due_at <= now - DELIVERY_LATE,
        webhook_deliveries.c.webhook_id.in_(active),
    )
    disabled = webhooks.c.status == WebhookStatus.DISABLED.value
    return [
        _count("deliveries_late", _of(webhook_deliveries, late)),
        _count("webhooks_disabled", _of(webhooks, disabled)),
    ]


def _calls(now: datetime) -> list[Label[Any]]:
    lately = usage_records.c.at >= now - CALLS_WITHIN
    real = and_(lately, usage_records.c.cached.is_(False))
    failed = and_(real, usage_records.c.outcome.not_in(FINE))
    return [
        _count("model_calls", _of(usage_records, real)),
        _count("model_failures", _of(usage_records, failed)),
    ]


def _of(table: Table, condition: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(table).where(condition)


def _count(name: str, query: Select[Any]) -> Label[Any]:
    return query.scalar_subquery().label(name)
