"""The alerts' page, and the buttons on it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.alerts_view import (
    Secret,
    WebhookForm,
    alerts_live,
    alerts_page,
    answer_words,
)
from api.web.once import Sent, once
from api.web.operator_views import Notice
from domain.actor import Actor
from domain.errors import Conflict, GreenroomError, InvalidInput, NotFound, ProviderError
from domain.webhook import Delivery
from services.webhooks import NewSecret

router = APIRouter(prefix="/operator/alerts", include_in_schema=False)
SEE_OTHER = 303
PAGE: Literal["/operator/alerts"] = "/operator/alerts"
DONE = {"removed": "It is told nothing any more.", "enabled": "It is told again what happens."}


@router.get("")
async def alerts(
    context: Context, operator: LocalOperator, done: str | None = None
) -> HTMLResponse:
    """The page; `done` tells what was just done."""
    words = DONE.get(done or "")
    notice = Notice(kind="good", text=words) if words else None
    return (await alerts_page(context, operator, notice)).response()


@router.get("/live")
async def live(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part that follows the event log."""
    return (await alerts_live(context, operator)).response()


@router.post("/{alert_id}/acknowledge", dependencies=[FromOurPage])
async def acknowledge(
    alert_id: str,
    context: Context,
    operator: LocalOperator,
    back: Annotated[Literal["/operator", "/operator/alerts"], Form()] = PAGE,
) -> Response:
    """Note that the operator has seen it, and go back to where the button was."""
    try:
        await context.alerts.acknowledge(operator, alert_id)
    except (Conflict, NotFound) as error:
        return await _refused(context, operator, error)
    return RedirectResponse(back, SEE_OTHER)


@router.post("/webhooks", dependencies=[FromOurPage])
async def add_webhook(
    context: Context,
    operator: LocalOperator,
    sent: Sent,
    url: Annotated[str, Form(max_length=5000)] = "",
    events: Annotated[str, Form(max_length=5000)] = "",
    description: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    """Add one and show its secret, this once."""

    async def add() -> Response:
        new = await context.webhooks.add(operator, url, events.split(","), description)
        return await _with_secret(context, operator, new)

    try:
        return await once(context, operator, sent, add)
    except (InvalidInput, Conflict, ProviderError) as error:
        form = WebhookForm(
            url=url,
            events=events,
            description=description,
            field=error.field or "url",
            error=error.message,
            remedy=error.remedy,
        )
        return (await alerts_page(context, operator, form=form)).response(error.status)


@router.post("/webhooks/{webhook_id}/{act}", dependencies=[FromOurPage])
async def change_webhook(
    webhook_id: str,
    act: Literal["test", "rotate", "enable", "remove"],
    context: Context,
    operator: LocalOperator,
) -> Response:
    """Do one thing to a webhook."""
    try:
        if act == "test":
            return await _told(context, operator, await context.webhooks.test(operator, webhook_id))
        if act == "rotate":
            return await _with_secret(
                context, operator, await context.webhooks.rotate(operator, webhook_id)
            )
        if act == "enable":
            await context.webhooks.enable(operator, webhook_id)
            return RedirectResponse(f"{PAGE}?done=enabled", SEE_OTHER)
        await context.webhooks.remove(operator, webhook_id)
    except NotFound as error:
        return await _refused(context, operator, error)
    return RedirectResponse(f"{PAGE}?done=removed", SEE_OTHER)


@router.post("/deliveries/{delivery_id}/replay", dependencies=[FromOurPage])
async def replay(delivery_id: str, context: Context, operator: LocalOperator) -> Response:
    """Send a delivery once more."""
    try:
        return await _told(context, operator, await context.webhooks.replay(operator, delivery_id))
    except (Conflict, NotFound) as error:
        return await _refused(context, operator, error)


async def _with_secret(context: ApiContext, operator: Actor, new: NewSecret) -> Response:
    shown = Secret(url=new.webhook.url, secret=new.secret.get_secret_value())
    return (await alerts_page(context, operator, secret=shown)).response()


async def _told(context: ApiContext, operator: Actor, delivery: Delivery) -> Response:
    taken = delivery.status.value == "delivered"
    notice = Notice(
        kind="good" if taken else "bad",
        text=f"{'It was taken' if taken else 'It was not taken'}: {answer_words(delivery)}.",
        remedy=None if taken else "It is tried again by itself.",
    )
    return (await alerts_page(context, operator, notice)).response()


async def _refused(context: ApiContext, operator: Actor, error: GreenroomError) -> Response:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    notice = Notice(kind="bad", text=text, remedy=error.remedy)
    return (await alerts_page(context, operator, notice)).response(error.status)
