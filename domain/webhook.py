"""Webhooks: addresses that are told what happens, and each telling on its way there."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.errors import InvalidInput
from domain.event import Event, EventKind
from domain.states import StateMachine

# Steps and progress are for those who watch; telling of webhooks would feed upon itself.
_NEVER = frozenset({"run.progress", "step.started", "step.finished", "webhook.changed"})
WEBHOOK_KINDS: frozenset[str] = frozenset(get_args(EventKind)) - _NEVER
TEST_KIND = "webhook.test"
USUAL_EVENTS = ("alert.*",)
URL_MAX_CHARS = 2000

# Waits between the tries of one delivery; together about two days.
WAITS_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, *(4 * 3600.0,) * 10)
LONGEST_WAIT_S = max(WAITS_S)
JITTER = 0.25
# What is due later than this was written down while the clock was ahead.
LONGEST_DUE = timedelta(seconds=LONGEST_WAIT_S * (1 + JITTER))
# An address that failed every time for so long is left alone until a person enables it.
DISABLE_AFTER = timedelta(hours=24)
DISABLE_MIN_FAILURES = 8
OLD_SECRET_HOURS = 24
TRIES_KEPT = 20


class WebhookStatus(StrEnum):
    """Whether anything is sent."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DeliveryStatus(StrEnum):
    """How far a delivery has come; `sending` is written before the call."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


_D = DeliveryStatus
DELIVERY_STATES = StateMachine(
    "delivery",
    {
        # A sender may have died: what is being sent may be sent again, under the same id.
        _D.WAITING: {_D.SENDING, _D.FAILED},
        _D.SENDING: {_D.SENDING, _D.WAITING, _D.DELIVERED, _D.FAILED},
        _D.FAILED: {_D.WAITING},
        _D.DELIVERED: {_D.WAITING},
    },
)


class Try(BaseModel):
    """One call to the address and what came of it."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    took_s: float
    status: int | None = Field(default=None, description="None when no answer came.")
    says: str = ""

    @property
    def ok(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class Webhook(Entity):
    """An address of an operator's own, told of the events that fit its patterns."""

    url: str
    events: tuple[str, ...] = USUAL_EVENTS
    description: str = ""
    status: WebhookStatus = WebhookStatus.ACTIVE
    disabled_why: str | None = None
    failures: int = 0
    failing_since: AwareDatetime | None = None
    resting_until: AwareDatetime | None = None
    last_ok_at: AwareDatetime | None = None
    rotated_at: AwareDatetime | None = None

    def wants(self, kind: str) -> bool:
        """Whether an event of this kind is told there."""
        return kind in WEBHOOK_KINDS and any(fnmatch.fnmatchcase(kind, p) for p in self.events)

    def answered(self, at: datetime) -> Webhook:
        """It took a delivery."""
        return self.amend(at, failures=0, failing_since=None, resting_until=None, last_ok_at=at)

    def failed(self, at: datetime, rest_s: float, *, gone: bool) -> Webhook:
        """It did not; one that is gone, or has failed for too long, is disabled."""
        since = self.failing_since or at
        failures = self.failures + 1
        worn_out = failures >= DISABLE_MIN_FAILURES and at - since >= DISABLE_AFTER
        changes: dict[str, Any] = {}
        if gone or worn_out:
            why = "it said that it is gone (410)" if gone else f"{failures} tries failed in a row"
            changes = {"status": WebhookStatus.DISABLED, "disabled_why": why}
        return self.amend(
            at,
            failures=failures,
            failing_since=since,
            resting_until=at + timedelta(seconds=rest_s),
            **changes,
        )

    def enabled(self, at: datetime) -> Webhook:
        """A person lets it work again; it begins with a clean record."""
        return self.amend(
            at,
            status=WebhookStatus.ACTIVE,
            disabled_why=None,
            failures=0,
            failing_since=None,
            resting_until=None,
        )


class Delivery(Entity):
    """One telling. Its id is the `webhook-id` of every try, so receivers can tell repeats."""

    webhook_id: str
    kind: str
    event_id: int | None = None
    payload: dict[str, Any]
    status: DeliveryStatus = DeliveryStatus.WAITING
    due_at: AwareDatetime | None
    tries: int = 0
    log: tuple[Try, ...] = ()

    def move_to(self, status: DeliveryStatus, at: datetime, **changes: Any) -> Delivery:
        """Take a legal step."""
        return self.amend(at, status=DELIVERY_STATES.check(self.status, status), **changes)

    def sending(self, at: datetime, until: datetime) -> Delivery:
        """Somebody calls now; if nothing is heard until then, somebody calls again."""
        return self.move_to(_D.SENDING, at, tries=self.tries + 1, due_at=until)

    def told(self, at: datetime, told: Try, wait_s: float) -> Delivery:
        """How the call went; after a failure it waits for the next, until all are spent."""
        log = (*self.log, told)[-TRIES_KEPT:]
        if told.ok:
            return self.move_to(_D.DELIVERED, at, due_at=None, log=log)
        if self.tries > len(WAITS_S):
            return self.move_to(_D.FAILED, at, due_at=None, log=log)
        return self.move_to(_D.WAITING, at, due_at=at + timedelta(seconds=wait_s), log=log)

    def again(self, at: datetime) -> Delivery:
        """A person wants it sent once more, under the same id and with all tries anew."""
        return self.move_to(_D.WAITING, at, due_at=at, tries=0)


def wait_s(tries: int, asked_s: float | None, jitter: float) -> float:
    """Seconds until the next try; `jitter` lies in 0 to 1.

    What the receiver asks for counts up to the longest wait; nobody may stop us for a year.
    """
    usual = WAITS_S[min(max(tries, 1), len(WAITS_S)) - 1]
    wanted = max(usual, min(asked_s or 0.0, LONGEST_WAIT_S))
    return wanted * (1.0 + JITTER * jitter)


def payload_of(event: Event) -> dict[str, Any]:
    """An event as Standard Webhooks writes it: its type, its moment, its facts."""
    told = event.model_dump(mode="json", exclude={"kind", "at"})
    return {"type": event.kind, "timestamp": event.at.isoformat(), "data": told}


def check_events(patterns: Sequence[str]) -> tuple[str, ...]:
    """Patterns such as `alert.*`; raises `InvalidInput` for one that no event ever fits."""
    kept = tuple(dict.fromkeys(p.strip() for p in patterns if p.strip()))
    for pattern in kept:
        if not any(fnmatch.fnmatchcase(kind, pattern) for kind in WEBHOOK_KINDS):
            raise InvalidInput(
                f"no event is called {pattern!r}",
                field="events",
                remedy=f"Use a pattern such as alert.*, or of: {', '.join(sorted(WEBHOOK_KINDS))}.",
            )
    if not kept:
        raise InvalidInput("no event is named", field="events", remedy="Name some, or use alert.*")
    return kept


def check_url(url: str) -> str:
    """An http or https address without credentials; raises `InvalidInput`."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or len(url) > URL_MAX_CHARS or any(c.isspace() for c in url):
        raise InvalidInput(
            "that is no address", field="url", remedy="Give one such as https://example.com/hook."
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidInput(
            "an address with a name or password in it would show up in lists",
            field="url",
            remedy="Leave it out: every call is signed, which the receiver can check.",
        )
    return url
