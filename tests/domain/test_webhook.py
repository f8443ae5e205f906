from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import IllegalTransition, InvalidInput
from domain.event import Event, EventKind
from domain.webhook import (
    DISABLE_AFTER,
    DISABLE_MIN_FAILURES,
    LONGEST_WAIT_S,
    TRIES_KEPT,
    WAITS_S,
    WEBHOOK_KINDS,
    Delivery,
    DeliveryStatus,
    Try,
    Webhook,
    WebhookStatus,
    check_events,
    check_url,
    payload_of,
    wait_s,
)

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def webhook(*events: str) -> Webhook:
    return Webhook(
        id="webhook_1", created_at=NOW, updated_at=NOW, url="https://x.example/", events=events
    )


def delivery() -> Delivery:
    return Delivery(
        id="delivery_1",
        created_at=NOW,
        updated_at=NOW,
        webhook_id="webhook_1",
        kind="alert.opened",
        payload={},
        due_at=NOW,
    )


@given(
    st.integers(-3, 200),
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.floats(0, 1),
)
def test_a_wait_never_shrinks_below_the_usual_nor_grows_beyond_the_longest(
    tries: int, asked_s: float | None, jitter: float
) -> None:
    waits = wait_s(tries, asked_s, jitter)
    assert WAITS_S[0] <= waits <= LONGEST_WAIT_S * 1.25
    assert waits >= min(asked_s or 0.0, LONGEST_WAIT_S)
    assert wait_s(tries, None, 0.0) <= wait_s(tries + 1, None, 0.0)


@given(st.lists(st.sampled_from([200, 204, 400, 500, None]), max_size=60))
def test_a_delivery_ends_by_success_or_when_its_tries_are_spent(codes: list[int | None]) -> None:
    mine, at = delivery(), NOW
    for code in codes:
        if mine.status is not DeliveryStatus.WAITING:
            break
        at += timedelta(hours=1)
        mine = mine.sending(at, at + timedelta(minutes=1))
        mine = mine.told(at, Try(at=at, took_s=0.1, status=code), 60.0)
        assert (mine.due_at is None) == (mine.status is not DeliveryStatus.WAITING)
    assert mine.tries <= len(WAITS_S) + 1
    assert len(mine.log) <= TRIES_KEPT
    ended = mine.status is DeliveryStatus.DELIVERED
    assert ended == bool(mine.log and mine.log[-1].ok)


def test_what_is_delivered_is_not_sent_again_by_itself() -> None:
    done = delivery().sending(NOW, NOW).told(NOW, Try(at=NOW, took_s=0, status=200), 1)
    with pytest.raises(IllegalTransition):
        done.sending(NOW, NOW)
    assert done.again(NOW).status is DeliveryStatus.WAITING


def test_it_takes_many_failures_over_a_long_time_to_be_disabled() -> None:
    brief = webhook("alert.*")
    for _ in range(10 * DISABLE_MIN_FAILURES):
        brief = brief.failed(NOW, 60, gone=False)
    assert brief.status is WebhookStatus.ACTIVE
    few = webhook("alert.*").failed(NOW, 60, gone=False)
    few = few.failed(NOW + 2 * DISABLE_AFTER, 60, gone=False)
    assert few.status is WebhookStatus.ACTIVE
    worn = brief.failed(NOW + DISABLE_AFTER, 60, gone=False)
    assert worn.status is WebhookStatus.DISABLED
    assert worn.enabled(NOW).failures == 0
    assert brief.answered(NOW).failing_since is None


@pytest.mark.parametrize("kind", get_args(EventKind))
def test_everything_but_watching_can_be_told(kind: EventKind) -> None:
    watching = kind in ("run.progress", "step.started", "step.finished", "webhook.changed")
    assert webhook("*").wants(kind) == (not watching)
    assert (kind in WEBHOOK_KINDS) == (not watching)


def test_patterns_fit_kinds_and_nothing_else() -> None:
    assert webhook("alert.*", "run.changed").wants("alert.closed")
    assert not webhook("alert.*").wants("run.changed")
    assert not webhook("run").wants("run.changed")
    assert check_events([" alert.* ", "alert.*", ""]) == ("alert.*",)
    for wrong in (["alerts.*"], ["run.progress"], []):
        with pytest.raises(InvalidInput) as told:
            check_events(wrong)
        assert told.value.field == "events"


@pytest.mark.parametrize(
    "url",
    ["", "x", "//x", "https://", "https://a b/", "https://x:0/", "https://x:99999/", "https://[::1",
     "https://" + "x" * 3000, "javascript:alert(1)", "https://me@x.example/"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as told:
        check_url(url)
    assert told.value.field == "url"


@given(st.text(max_size=40))
def test_no_text_makes_the_check_of_an_address_fall_over(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert check_url(text) == text


def test_a_payload_tells_type_moment_and_facts() -> None:
    event = Event(id=7, kind="alert.opened", at=NOW, actor="system:system", data={"rule": "x"})
    told = payload_of(event)
    assert told["type"] == "alert.opened"
    assert told["timestamp"] == "2026-05-04T00:00:00+00:00"
    assert told["data"]["id"] == 7
    assert told["data"]["data"] == {"rule": "x"}
    assert "kind" not in told["data"]
