"""What the alerts' page shows: what is open, what is over, and who is told."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.operator_views import Notice
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.alert import Alert, AlertStatus
from domain.webhook import USUAL_EVENTS, WEBHOOK_KINDS, Delivery, Webhook

PAST_SHOWN = 15
DELIVERIES_SHOWN = 8
GRAVEST_FIRST = ("critical", "warning", "notice")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class AlertLine(_Part):
    """One alert."""

    id: str
    severity: str
    summary: str
    remedy: str
    path: str | None
    opened_at: datetime
    closed_at: datetime | None
    seen: bool


class DeliveryLine(_Part):
    """One telling and its last answer."""

    id: str
    kind: str
    status: str
    at: datetime
    tries: int
    answer: str
    may_replay: bool


class WebhookCard(_Part):
    """A webhook and what it was told lately."""

    id: str
    url: str
    description: str
    events: str
    status: str
    words: str
    deliveries: tuple[DeliveryLine, ...]


class WebhookForm(_Part):
    """The form for another webhook, kept as typed when something is wrong."""

    url: str = ""
    events: str = ", ".join(USUAL_EVENTS)
    description: str = ""
    field: str | None = None
    error: str | None = None
    remedy: str | None = None


class Secret(_Part):
    """A secret that is shown this once."""

    url: str
    secret: str


class AlertsLive(Fragment):
    """The part of the page that follows the event log."""

    template: ClassVar[str] = "alerts_live.html"

    alerts: tuple[AlertLine, ...] = Field(description="What is open, the gravest first.")
    past: tuple[AlertLine, ...] = Field(description="What is over, newest first.")


class AlertsPage(Page):
    """The alerts' page."""

    template: ClassVar[str] = "alerts.html"

    live_html: AlertsLive = Field(description="The part that follows the event log.")
    webhooks: tuple[WebhookCard, ...] = Field(description="Who is told, in the order they came.")
    kinds: tuple[str, ...] = Field(description="Kinds of events that can be told.")
    form: WebhookForm = Field(description="State of the form for another webhook.")
    secret: Secret | None = Field(description="A secret that was just made.")
    notice: Notice | None = Field(description="What was just done or went wrong.")
    last_event: int = Field(description="Event id from which the page follows.")


async def alerts_page(
    context: ApiContext,
    operator: Actor,
    notice: Notice | None = None,
    form: WebhookForm | None = None,
    secret: Secret | None = None,
) -> AlertsPage:
    """Read the page."""
    last_event = await context.views.last_event()
    cards = []
    for webhook in await _webhooks(context, operator):
        told = await context.webhooks.deliveries(operator, webhook.id, limit=DELIVERIES_SHOWN)
        cards.append(_card(webhook, told))
    return AlertsPage(
        title="Alerts · Greenroom",
        live_html=await alerts_live(context, operator),
        webhooks=tuple(cards),
        kinds=tuple(sorted(WEBHOOK_KINDS)),
        form=form or WebhookForm(),
        secret=secret,
        notice=notice,
        last_event=last_event,
    )


async def alerts_live(context: ApiContext, operator: Actor) -> AlertsLive:
    """Read what the page follows."""
    past = await context.alerts.page(operator, limit=PAST_SHOWN, status=AlertStatus.CLOSED)
    return AlertsLive(
        alerts=await open_alerts(context, operator), past=tuple(alert_line(alert) for alert in past)
    )


async def open_alerts(context: ApiContext, operator: Actor) -> tuple[AlertLine, ...]:
    """What is open: the gravest first, and of those the newest."""
    lines = [alert_line(alert) for alert in reversed(await context.alerts.open(operator))]
    return tuple(sorted(lines, key=lambda line: GRAVEST_FIRST.index(line.severity)))


def alert_line(alert: Alert) -> AlertLine:
    """An alert in a list."""
    return AlertLine(
        id=alert.id,
        severity=alert.severity,
        summary=alert.summary,
        remedy=alert.remedy,
        path=alert.path,
        opened_at=alert.created_at,
        closed_at=alert.closed_at,
        seen=alert.acknowledged_at is not None,
    )


def answer_words(delivery: Delivery) -> str:
    """What came of the last try."""
    if not delivery.log:
        return "not tried yet"
    last = delivery.log[-1]
    status = f"HTTP {last.status}" if last.status else "no answer"
    return f"{status}: {last.says}" if last.says else status


async def _webhooks(context: ApiContext, operator: Actor) -> list[Webhook]:
    """Those that the person may see."""
    if "connect" not in operator.rights or operator.artists is not None:
        return []
    return await context.webhooks.all(operator)


def _card(webhook: Webhook, told: list[Delivery]) -> WebhookCard:
    healthy = webhook.status.value == "active" and not webhook.failures
    status = "healthy" if healthy else "failing" if webhook.status.value == "active" else "stopped"
    return WebhookCard(
        id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        events=", ".join(webhook.events),
        status=status,
        words=_words(webhook),
        deliveries=tuple(
            DeliveryLine(
                id=each.id,
                kind=each.kind,
                status=each.status.value,
                at=each.created_at,
                tries=each.tries,
                answer=answer_words(each),
                may_replay=each.status.value in ("delivered", "failed"),
            )
            for each in told
        ),
    )


def _words(webhook: Webhook) -> str:
    if webhook.disabled_why:
        return f"Nothing is sent: {webhook.disabled_why}."
    if webhook.failures:
        times = "once" if webhook.failures == 1 else f"{webhook.failures} times in a row"
        return f"It failed {times}, and is tried again by itself."
    return "It takes what it is told." if webhook.last_ok_at else "It was told nothing yet."
