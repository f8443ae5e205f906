"""Alerts, the outbox of webhooks and the counts behind both, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.alert import Alert, AlertStatus
from domain.approval import ApprovalStatus
from domain.post import PostStatus
from domain.webhook import Delivery, DeliveryStatus, Webhook, WebhookStatus
from store.database import Database
from store.repositories.figures import Figures
from store.usage import SqlUsageLedger
from tests.store import nouns

NOW, MINUTE = nouns.NOW, timedelta(minutes=1)
TIMES: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


def alert(name: str, status: AlertStatus = AlertStatus.OPEN) -> Alert:
    return Alert(
        id=f"alert_{name}",
        **TIMES,
        rule="disk_low",
        subject=name,
        status=status,
        severity="warning",
        summary="“low”",
        remedy="Free some.",
        seen_at=NOW,
    )


def webhook(name: str, *events: str, **changes: Any) -> Webhook:
    made = Webhook(id=f"webhook_{name}", **TIMES, url="https://x.example/", events=events)
    return made.model_copy(update=changes)


def delivery(name: str, webhook_id: str, **changes: Any) -> Delivery:
    made = Delivery(
        id=f"delivery_{name}",
        **TIMES,
        webhook_id=f"webhook_{webhook_id}",
        kind="alert.opened",
        payload={"says": "“low”"},
        due_at=NOW,
    )
    return made.model_copy(update=changes)


async def test_open_alerts_are_found_among_the_closed(database: Database) -> None:
    async with database.unit() as unit:
        for number in range(3):
            await unit.alerts.add(alert(str(number)))
        await unit.alerts.add(alert("9", AlertStatus.CLOSED))
        await unit.commit()
    async with database.unit() as unit:
        assert [a.id for a in await unit.alerts.open()] == ["alert_0", "alert_1", "alert_2"]
        assert [a.id for a in await unit.alerts.page(None, 2)] == ["alert_9", "alert_2"]
        closed = await unit.alerts.page(None, 9, AlertStatus.CLOSED)
        assert closed == [alert("9", AlertStatus.CLOSED)]


async def test_what_is_told_is_written_with_what_happened(label: Database) -> None:
    async with label.unit() as unit:
        await unit.webhooks.add(webhook("all", "*"))
        await unit.webhooks.add(webhook("none", "alert.*"))
        await unit.webhooks.add(webhook("off", "*", status=WebhookStatus.DISABLED))
        await unit.commit()
    async with label.unit() as unit:
        unit.emit(nouns.event(kind="run.changed"))
        unit.emit(nouns.event(kind="step.started"))
    async with label.unit() as unit:
        assert await unit.deliveries.due_webhooks(NOW + MINUTE) == [], "the unit was left"
        unit.emit(nouns.event(kind="run.changed"))
        unit.emit(nouns.event(kind="step.started"))
        await unit.commit()
    async with label.unit() as unit:
        assert await unit.deliveries.due_webhooks(NOW + MINUTE) == ["webhook_all"]
        (told,) = await unit.deliveries.due_of("webhook_all", NOW + MINUTE, 9)
        (event,) = [e for e in await unit.events.after(0) if e.kind == "run.changed"]
    assert (told.kind, told.event_id) == ("run.changed", event.id)
    assert told.payload["data"]["id"] == event.id


async def test_the_outbox_gives_what_is_due_and_forgets_what_is_old(database: Database) -> None:
    states = DeliveryStatus
    rows = (
        delivery("late", "a", due_at=NOW - 2 * MINUTE),
        delivery("due", "a"),
        delivery("claimed", "a", status=states.SENDING, due_at=NOW + MINUTE),
        delivery("lost", "a", status=states.SENDING, due_at=NOW - MINUTE),
        delivery("done", "a", status=states.DELIVERED, due_at=None),
        delivery("other", "b", status=states.FAILED, due_at=None),
    )
    async with database.unit() as unit:
        await unit.webhooks.add(webhook("a", "*"))
        await unit.webhooks.add(webhook("b", "*"))
        for row in rows:
            await unit.deliveries.add(row)
        await unit.commit()
    async with database.unit() as unit:
        due = await unit.deliveries.due_of("webhook_a", NOW, 9)
        assert [d.id.partition("_")[2] for d in due] == ["late", "lost", "due"]
        assert await unit.deliveries.due_webhooks(NOW) == ["webhook_a"]
        assert await unit.deliveries.prune(NOW + MINUTE, 1) == 1
        assert await unit.deliveries.prune(NOW + MINUTE, 9) == 1
        assert await unit.deliveries.prune(NOW + MINUTE, 9) == 0
        await unit.webhooks.remove("webhook_a")
        await unit.commit()
    async with database.unit() as unit:
        assert await unit.deliveries.due_webhooks(NOW) == [], "gone with its webhook"


async def test_nothing_counts_as_nothing(database: Database) -> None:
    async with database.unit() as unit:
        found = await unit.figures.read(NOW, NOW, NOW)
    empty = dict.fromkeys(Figures.model_fields, 0) | {"slot_since": None}
    assert found.model_dump() == empty


async def test_everything_is_counted(label: Database) -> None:
    soon, late = NOW + 10 * MINUTE, NOW - 2 * MINUTE
    async with label.unit() as unit:
        await unit.posts.add(nouns.post("post_lost", status=PostStatus.OUTCOME_UNKNOWN))
        for name, minutes, status in (
            ("soon", 5, ApprovalStatus.WAITING),
            ("later", 50, ApprovalStatus.WAITING),
            ("done", 5, ApprovalStatus.APPROVED),
        ):
            expires_at = NOW + minutes * MINUTE
            row = nouns.approval(f"approval_{name}", status=status, expires_at=expires_at)
            await unit.approvals.add(row)
        for name, minutes, enabled in (("a", -9, True), ("b", -1, True), ("c", -9, False)):
            row_ = nouns.schedule(
                f"schedule_{name}", name=name, next_at=NOW + minutes * MINUTE, enabled=enabled
            )
            await unit.schedules.add(row_)
        await unit.webhooks.add(webhook("on", "*"))
        await unit.webhooks.add(webhook("off", "*", status=WebhookStatus.DISABLED))
        for name, hook in (("a", "on"), ("b", "off")):
            await unit.deliveries.add(delivery(name, hook, due_at=NOW - 5 * MINUTE))
        await unit.deliveries.add(delivery("c", "on", due_at=NOW))
        await unit.alerts.add(alert("a"))
        await unit.commit()
    ledger = SqlUsageLedger(label)
    for outcome, minutes, cached in (
        ("ok", 1, False),
        ("model_timeout", 1, False),
        ("cached", 1, True),
        ("model_timeout", 60, False),
    ):
        at = NOW - minutes * MINUTE
        await ledger.record(nouns.usage(outcome=outcome, at=at, cached=cached))
    async with label.unit() as unit:
        waiting = len(await unit.approvals.waiting())
        found = await unit.figures.read(NOW, soon, late)
    assert found.model_dump() == {
        "posts_unknown": 1,
        "songs_unknown": 0,
        "approvals_waiting": waiting,
        "approvals_expiring": 1,
        "slots_late": 1,
        "slot_since": NOW - 9 * MINUTE,
        "deliveries_late": 1,
        "webhooks_disabled": 1,
        "alerts_open": 1,
        "model_calls": 2,
        "model_failures": 1,
    }
