"""Call-backs of providers: a genuine one wakes the job that waits for it."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from api.context import Context

# No part of the API that people program against: what comes here is signed, not authorised.
router = APIRouter(prefix="/webhooks", include_in_schema=False)


@router.post("/providers/{name}", status_code=status.HTTP_204_NO_CONTENT)
async def provider_calls_back(name: str, request: Request, context: Context) -> None:
    """Take a provider's signed call-back; sending it again changes nothing."""
    headers = {key.lower(): value for key, value in request.headers.items()}
    await context.generation.call_back(name, headers, await request.body())
