from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Signature
from standardwebhooks.webhooks import WebhookVerificationError

from domain.actor import OPERATOR, SYSTEM
from domain.alert import Finding
from domain.errors import Conflict, EnvironmentProblem, Forbidden, InvalidInput, NotFound
from domain.webhook import DISABLE_AFTER, WAITS_S, DeliveryStatus, WebhookStatus
from runtime.outbound import Outbound
from services.alert_probes import Probe
from services.alerts import AlertService
from services.webhook_sender import CLAIM, WebhookSender
from services.webhooks import WEBHOOKS_MAX, NewSecret, WebhookService
from store.unit import UnitOfWork
from tests.services import build
from tests.support.label import TestLabel
from tests.support.receiver import Call, Receiver, webhook_receiver

HOUR = timedelta(hours=1)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with webhook_receiver() as listening:
        yield listening


async def added(label: TestLabel, receiver: Receiver, *events: str) -> NewSecret:
    return await label.webhooks.add(OPERATOR, receiver.url, events or ("artist.*",))


async def happens(label: TestLabel, name: str = "Harbour Signal") -> None:
    await build.artist(label, name)


async def deliver(label: TestLabel) -> int:
    return await label.webhooks.sender.deliver_due(SYSTEM)


def verify(call: Call, new: NewSecret, at: datetime) -> None:
    """As a receiver does it, at the label's time."""
    signature = Signature(new.secret.get_secret_value()).sign(call.id, at, call.body)
    if signature not in call.headers["webhook-signature"].split():
        raise WebhookVerificationError("no signature fits")
    assert call.headers["webhook-timestamp"] == str(int(at.timestamp()))


async def test_what_happens_is_told_once_and_signed(label: TestLabel, receiver: Receiver) -> None:
    new = await added(label, receiver, "artist.created")
    await happens(label)
    await deliver(label)
    assert await deliver(label) == 0
    (call,) = receiver.calls
    verify(call, new, label.clock.now())
    assert call.payload["type"] == "artist.created"
    assert call.payload["timestamp"] == label.clock.now().isoformat()
    assert call.payload["data"]["artist_id"].startswith("artist_")
    (delivery,) = await label.webhooks.deliveries(OPERATOR, new.webhook.id)
    assert (delivery.status, delivery.tries, delivery.id) == (
        DeliveryStatus.DELIVERED,
        1,
        call.id,
    )


async def test_the_usual_library_of_receivers_takes_the_signature(
    label: TestLabel, receiver: Receiver
) -> None:
    label.clock.advance(datetime.now(UTC) - label.clock.now())  # It looks at the real time.
    new = await added(label, receiver)
    await label.webhooks.test(OPERATOR, new.webhook.id)
    (call,) = receiver.calls
    checker = Signature(new.secret.get_secret_value())
    assert checker.verify(call.body, call.headers)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        checker.verify(call.body + " ", call.headers)


async def test_only_chosen_events_are_told_and_watching_ones_never(
    label: TestLabel, receiver: Receiver
) -> None:
    new = await added(label, receiver, "run.*")
    await happens(label)
    kinds = {d.kind for d in await label.webhooks.deliveries(OPERATOR, new.webhook.id)}
    assert kinds == {"run.changed"}


async def test_a_transaction_that_is_undone_tells_nothing(
    label: TestLabel, receiver: Receiver
) -> None:
    new = await added(label, receiver, "artist.*")
    service = label.artists
    async with label.database.unit() as unit:
        unit.emit(service.event("artist.changed", SYSTEM, artist_id="artist_1"))
    assert await label.webhooks.deliveries(OPERATOR, new.webhook.id) == []


async def test_a_lost_reply_leads_to_the_same_id_again(
    label: TestLabel, receiver: Receiver
) -> None:
    new = await added(label, receiver, "artist.created")
    receiver.manners.extend(["lose_reply"])
    await happens(label)
    assert await deliver(label) == 1
    assert await deliver(label) == 0, "it rests first"
    label.clock.advance(timedelta(seconds=WAITS_S[0] * 1.3))
    assert await deliver(label) == 1
    first, second = receiver.calls
    assert first.id == second.id
    assert first.body == second.body
    verify(second, new, label.clock.now())
    (delivery,) = await label.webhooks.deliveries(OPERATOR, new.webhook.id)
    assert [t.status for t in delivery.log] == [None, 204]


async def test_a_sender_that_dies_in_the_call_is_relieved(
    label: TestLabel, receiver: Receiver
) -> None:
    await added(label, receiver, "artist.created")
    receiver.slow_s = 30
    await happens(label)
    dying = asyncio.create_task(deliver(label))
    while not receiver.calls:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    receiver.slow_s = 0
    assert await deliver(label) == 0, "its claim stands"
    label.clock.advance(CLAIM + timedelta(seconds=1))
    assert await deliver(label) == 1
    assert len({call.id for call in receiver.calls}) == 1


async def test_what_was_put_off_while_the_clock_was_ahead_is_due_when_it_is_set_back(
    label: TestLabel, receiver: Receiver
) -> None:
    await added(label, receiver, "artist.created")
    receiver.manners.extend(["lose_reply"])
    label.clock.advance(timedelta(days=400))
    await happens(label)
    assert await deliver(label) == 1
    label.clock.advance(timedelta(days=-400))
    assert await deliver(label) == 1
    assert len({call.id for call in receiver.calls}) == 1


async def test_two_senders_at_a_time_do_not_call_twice(
    label: TestLabel, receiver: Receiver
) -> None:
    await added(label, receiver, "run.changed")
    other = WebhookSender(
        label.database, label.clock, label.webhooks.secrets, label.webhooks.outbound
    )
    for name in ("One", "Two", "Three"):
        await happens(label, name)
    await asyncio.gather(deliver(label), other.deliver_due(SYSTEM))
    while await deliver(label):
        pass
    told = [call.id for call in receiver.calls]
    assert len(told) == len(set(told))


async def test_one_that_fails_keeps_no_other_waiting(label: TestLabel, receiver: Receiver) -> None:
    async with webhook_receiver() as other:
        other.usual = 500
        await label.webhooks.add(OPERATOR, other.url, ["run.changed"])
        await added(label, receiver, "run.changed")
        for name in ("One", "Two"):
            await happens(label, name)
        await deliver(label)
    assert len(other.calls) == 1, "after a failure it rests"
    assert len(receiver.calls) > 2


async def test_what_is_asked_for_is_granted_within_reason(
    label: TestLabel, receiver: Receiver
) -> None:
    new = await added(label, receiver, "artist.created")
    receiver.usual, receiver.headers = 429, "retry-after: 120\r\n"
    await happens(label)
    await deliver(label)
    (delivery,) = await label.webhooks.deliveries(OPERATOR, new.webhook.id)
    assert delivery.due_at is not None
    assert delivery.due_at >= label.clock.now() + timedelta(seconds=120)


async def test_after_a_day_of_failures_it_is_disabled_and_alerted(
    label: TestLabel, receiver: Receiver
) -> None:
    new = await added(label, receiver, "artist.*")
    receiver.usual = 503
    await happens(label)
    began = label.clock.now()
    while (await label.webhooks.get(OPERATOR, new.webhook.id)).status is WebhookStatus.ACTIVE:
        label.clock.advance(HOUR)
        await deliver(label)
        assert label.clock.now() - began < 2 * DISABLE_AFTER
    assert label.clock.now() - began >= DISABLE_AFTER
    calls = len(receiver.calls)
    label.clock.advance(24 * HOUR)
    assert await deliver(label) == 0
    assert len(receiver.calls) == calls
    (alert,) = await label.alerts.check(SYSTEM)
    assert (alert.rule, alert.subject) == ("webhook_disabled", new.webhook.id)
    receiver.usual = 204
    await label.webhooks.enable(OPERATOR, new.webhook.id)
    await deliver(label)
    assert len(receiver.calls) > calls, "what waited meanwhile goes out"


async def test_one_that_is_gone_is_left_at_once(label: TestLabel, receiver: Receiver) -> None:
    new = await added(label, receiver, "artist.created")
    receiver.usual = 410
    await happens(label)
    await deliver(label)
    webhook = await label.webhooks.get(OPERATOR, new.webhook.id)
    assert webhook.status is WebhookStatus.DISABLED
    assert "410" in (webhook.disabled_why or "")


async def test_tries_come_to_an_end_and_a_person_may_replay(
    label: TestLabel, receiver: Receiver
) -> None:
    new = await added(label, receiver, "artist.created")
    receiver.usual = "drop"
    await happens(label)
    for _ in range(200):
        # Something else gets through, so that the webhook itself stays enabled.
        async with label.database.unit() as unit:
            webhook = await unit.webhooks.get(new.webhook.id)
            await unit.webhooks.save(webhook.enabled(label.clock.now()))
            await unit.commit()
        label.clock.advance(6 * HOUR)
        await deliver(label)
        (delivery,) = await label.webhooks.deliveries(OPERATOR, new.webhook.id)
        if delivery.status is DeliveryStatus.FAILED:
            break
    assert delivery.tries == len(WAITS_S) + 1
    receiver.usual = 200
    again = await label.webhooks.replay(OPERATOR, delivery.id)
    assert again.status is DeliveryStatus.DELIVERED
    assert [c.id for c in receiver.calls] == [delivery.id]
    # Delivered ones may be sent again too, under their id: receivers know it.
    await label.webhooks.replay(OPERATOR, delivery.id)
    assert [c.id for c in receiver.calls] == [delivery.id] * 2


async def test_what_is_on_its_way_is_not_replayed(label: TestLabel, receiver: Receiver) -> None:
    new = await added(label, receiver, "artist.created")
    await happens(label)
    (delivery,) = await label.webhooks.deliveries(OPERATOR, new.webhook.id)
    with pytest.raises(Conflict):
        await label.webhooks.replay(OPERATOR, delivery.id)


async def test_a_new_secret_overlaps_with_the_old_for_a_day(
    label: TestLabel, receiver: Receiver
) -> None:
    old = await added(label, receiver, "artist.created")
    new = await label.webhooks.rotate(OPERATOR, old.webhook.id)
    await label.webhooks.test(OPERATOR, old.webhook.id)
    verify(receiver.calls[-1], old, label.clock.now())
    verify(receiver.calls[-1], new, label.clock.now())
    label.clock.advance(25 * HOUR)
    await label.webhooks.test(OPERATOR, old.webhook.id)
    verify(receiver.calls[-1], new, label.clock.now())
    with pytest.raises(WebhookVerificationError):
        verify(receiver.calls[-1], old, label.clock.now())


async def test_a_secret_whose_change_was_not_kept_stays_in_force(
    label: TestLabel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await added(label, receiver)

    async def cut(_: UnitOfWork) -> None:
        raise EnvironmentProblem("the database went away")

    with monkeypatch.context() as away:
        away.setattr(UnitOfWork, "commit", cut)
        with pytest.raises(EnvironmentProblem):
            await label.webhooks.rotate(OPERATOR, old.webhook.id)
    await label.webhooks.test(OPERATOR, old.webhook.id)
    verify(receiver.calls[-1], old, label.clock.now())


async def test_a_test_tells_how_it_went(label: TestLabel, receiver: Receiver) -> None:
    new = await added(label, receiver)
    good = await label.webhooks.test(OPERATOR, new.webhook.id)
    assert good.status is DeliveryStatus.DELIVERED
    assert receiver.calls[0].payload["type"] == "webhook.test"
    receiver.usual = 500
    bad = await label.webhooks.test(OPERATOR, new.webhook.id)
    assert (bad.status, bad.log[-1].status) == (DeliveryStatus.WAITING, 500)


async def test_a_lost_secret_is_said(label: TestLabel, receiver: Receiver) -> None:
    new = await added(label, receiver)
    label.webhooks.secrets.delete(new.webhook.id.replace("_", "-"))
    tried = await label.webhooks.test(OPERATOR, new.webhook.id)
    assert tried.log[-1].says == "its secret is not there"
    assert receiver.calls == []


async def test_removing_forgets_everything(label: TestLabel, receiver: Receiver) -> None:
    new = await added(label, receiver, "artist.created")
    await happens(label)
    await label.webhooks.remove(OPERATOR, new.webhook.id)
    assert await deliver(label) == 0
    assert await label.webhooks.all(OPERATOR) == []
    assert label.webhooks.secrets.get(new.webhook.id.replace("_", "-")) is None
    with pytest.raises(NotFound):
        await label.webhooks.deliveries(OPERATOR, new.webhook.id)


async def test_old_deliveries_are_forgotten_open_ones_are_not(
    label: TestLabel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = await added(label, receiver, "artist.created")
    await happens(label, "Zero")
    await happens(label, "One")
    await deliver(label)
    receiver.usual = 500
    await happens(label, "Two")
    await deliver(label)
    label.clock.advance(timedelta(days=15))
    # More than are forgotten at once.
    monkeypatch.setattr("services.base.FORGOTTEN_AT_ONCE", 1)
    assert await label.webhooks.sender.prune(SYSTEM) == 2
    (left,) = await label.webhooks.deliveries(OPERATOR, new.webhook.id)
    assert left.status is DeliveryStatus.WAITING


@pytest.mark.parametrize(
    ("url", "events", "field"),
    [
        ("nonsense", ("alert.*",), "url"),
        ("ftp://example.com/", ("alert.*",), "url"),
        ("https://me:secret@example.com/", ("alert.*",), "url"),
        ("http://169.254.169.254/latest", ("alert.*",), "url"),
        ("http://127.0.0.1:9/", ("alert.*", "step.finished"), "events"),
        ("http://127.0.0.1:9/", (" ",), "events"),
    ],
)
async def test_wrong_addresses_and_events_are_named(
    label: TestLabel, url: str, events: tuple[str, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as told:
        await label.webhooks.add(OPERATOR, url, events)
    assert told.value.field == field
    assert "secret" not in str(told.value)


async def test_a_private_address_needs_leave(label: TestLabel) -> None:
    strict = WebhookService(
        label.database,
        label.clock,
        label.webhooks.secrets,
        Outbound(),
        label.webhooks.sender,
    )
    with pytest.raises(InvalidInput, match="private network"):
        await strict.add(OPERATOR, "https://127.0.0.1/hook")


async def test_artists_add_no_webhooks_and_there_is_a_most(
    label: TestLabel, receiver: Receiver
) -> None:
    with pytest.raises(Forbidden):
        await label.webhooks.add(SYSTEM, receiver.url)
    for _ in range(WEBHOOKS_MAX):
        await added(label, receiver)
    with pytest.raises(Conflict):
        await added(label, receiver)


async def test_an_alert_reaches_its_webhook(label: TestLabel, receiver: Receiver) -> None:
    await label.webhooks.add(OPERATOR, receiver.url)
    finding = Finding(rule="disk_low", severity="critical", summary="full", remedy="Free some.")

    async def look() -> list[Finding]:
        return [finding]

    alerts = AlertService(label.database, label.clock, [Probe(frozenset({"disk_low"}), look)])
    await alerts.check(SYSTEM)
    await deliver(label)
    (call,) = receiver.calls
    assert call.payload["type"] == "alert.opened"
    assert call.payload["data"]["data"]["summary"] == "full"
