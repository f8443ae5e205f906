"""Who asks over MCP: whoever holds the bearer key of the very request, never an open session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from api.callers import caller_by_bearer
from api.context import ApiContext
from api.origin import place_of
from domain.actor import Actor
from domain.errors import Unauthenticated

SCOPE_KEY = "greenroom.mcp.asker"


@dataclass(frozen=True)
class Asker:
    """The actor, and how the audit log names it."""

    actor: Actor
    who: str
    key: str | None
    address: str


async def asker_of(request: HTTPConnection, context: ApiContext) -> Asker:
    """Whoever holds the key, or `Unauthenticated`; a browser's cookie counts for nothing here."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    caller = None
    if scheme.lower() == "bearer" and secret.strip():
        caller = await caller_by_bearer(context, secret.strip())
    if caller is None:
        raise Unauthenticated(
            "this needs a key of the label",
            remedy="Send `Authorization: Bearer KEY`; a person of the label makes keys.",
        )
    return Asker(
        actor=caller.actor,
        who=caller.name,
        key=None if caller.key is None else caller.key.name,
        address=place_of(request).address,
    )
