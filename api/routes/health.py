"""Is it alive, how are its parts, which version is it."""

from __future__ import annotations

from fastapi import APIRouter

from api.context import Context
from api.schemas import Health, Version
from api.security import Bearer, Operator, bearer_is_valid
from domain.health import healthy

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(context: Context, bearer: Bearer) -> Health:
    """Answer whether the server is alive; with the token, check every part."""
    if not bearer_is_valid(context, bearer):
        return Health(status="ok")
    checks = await context.health()
    return Health(status="ok" if healthy(checks) else "broken", checks=list(checks))


@router.get("/version")
async def version(context: Context, operator: Operator) -> Version:
    """Tell which version answers."""
    return Version(version=context.version)
