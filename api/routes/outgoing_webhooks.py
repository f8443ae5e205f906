"""Webhooks: addresses of the operator's own that are told what happens, signed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.webhook import USUAL_EVENTS, Delivery, DeliveryStatus, Webhook
from services.webhooks import NewSecret

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class NewWebhook(BaseModel):
    """Where to send what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "url": "https://example.com/greenroom",
                    "events": ["alert.*", "run.changed"],
                    "description": "Pages the person on duty",
                }
            ]
        },
    )

    url: str = Field(description="An https address.")
    events: list[str] = Field(
        default=list(USUAL_EVENTS),
        max_length=50,
        description="Kinds of events or patterns of them, such as `alert.*`.",
    )
    description: str = ""


class WebhookWithSecret(BaseModel):
    """A webhook with its secret, which nobody can read later."""

    webhook: Webhook
    secret: str = Field(description="Signs every call, as Standard Webhooks has it.")


def _told(new: NewSecret) -> WebhookWithSecret:
    return WebhookWithSecret(webhook=new.webhook, secret=new.secret.get_secret_value())


@router.get("")
async def list_webhooks(context: Context, operator: Operator) -> list[Webhook]:
    """List webhooks in the order they came."""
    return await context.webhooks.all(operator)


@router.post("", status_code=201)
async def add_webhook(body: NewWebhook, context: Context, operator: Operator) -> WebhookWithSecret:
    """Tell an address of events from now on; the answer holds its secret, this once."""
    return _told(await context.webhooks.add(operator, body.url, body.events, body.description))


@router.get("/{webhook_id}")
async def show_webhook(webhook_id: str, context: Context, operator: Operator) -> Webhook:
    """Show one webhook."""
    return await context.webhooks.get(operator, webhook_id)


@router.delete("/{webhook_id}")
async def remove_webhook(webhook_id: str, context: Context, operator: Operator) -> Webhook:
    """Tell it nothing any more; what was still to be sent is dropped."""
    return await context.webhooks.remove(operator, webhook_id)


@router.post("/{webhook_id}/test")
async def test_webhook(webhook_id: str, context: Context, operator: Operator) -> Delivery:
    """Send a harmless event now, and show what came of it."""
    return await context.webhooks.test(operator, webhook_id)


@router.post("/{webhook_id}/rotate")
async def rotate_secret(webhook_id: str, context: Context, operator: Operator) -> WebhookWithSecret:
    """Give it a new secret; for a day calls are signed with the old one too."""
    return _told(await context.webhooks.rotate(operator, webhook_id))


@router.post("/{webhook_id}/enable")
async def enable_webhook(webhook_id: str, context: Context, operator: Operator) -> Webhook:
    """Let a disabled webhook work again."""
    return await context.webhooks.enable(operator, webhook_id)


@router.get("/{webhook_id}/deliveries")
async def list_deliveries(
    webhook_id: str,
    context: Context,
    operator: Operator,
    status: DeliveryStatus | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Page[Delivery]:
    """List what it was told, newest first, with every try and its answer."""
    found = await context.webhooks.deliveries(operator, webhook_id, after, limit, status)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.post("/deliveries/{delivery_id}/replay")
async def replay_delivery(delivery_id: str, context: Context, operator: Operator) -> Delivery:
    """Send a delivery once more, under the same id."""
    return await context.webhooks.replay(operator, delivery_id)
