"""Providers: how each stands, connecting and checking them. Secrets go in and never come out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.context import Context
from api.security import Operator
from domain.generation import ProviderStatus

router = APIRouter(prefix="/providers", tags=["providers"])


class NewConnection(BaseModel):
    """What connecting a provider needs; `fields` and `optional_fields` of its status name it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"fields": {"key": "sk_…"}}]}
    )

    fields: Annotated[dict[str, SecretStr], Field(max_length=20)]


@router.get("")
async def list_providers(context: Context, operator: Operator) -> list[ProviderStatus]:
    """List providers with health, price and features: the connected first, embedded last."""
    return await context.providers.statuses(operator)


@router.get("/{name}")
async def show_provider(name: str, context: Context, operator: Operator) -> ProviderStatus:
    """Show how one provider stands."""
    return await context.providers.status(operator, name)


@router.post("/{name}/connect")
async def connect(
    name: str, body: NewConnection, context: Context, operator: Operator
) -> ProviderStatus:
    """Try credentials at the provider and keep them; refused ones are not kept."""
    return await context.providers.connect(operator, name, body.fields)


@router.post("/{name}/disconnect")
async def disconnect(name: str, context: Context, operator: Operator) -> ProviderStatus:
    """Forget a provider's credentials."""
    return await context.providers.disconnect(operator, name)


@router.post("/{name}/check")
async def check(name: str, context: Context, operator: Operator) -> ProviderStatus:
    """Ask a provider something free of charge; a good answer lets it work again."""
    return await context.providers.check(operator, name)
