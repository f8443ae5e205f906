"""Sliding windows: per client address on the stage, per person in the API.

Visitors' own limits are evaded by dropping a cookie, an address is not. All API processes of a
label count together.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import Context
from api.security import Operator
from domain.errors import LimitReached
from runtime.shared.windows import Taken, Windows

MOST = 120
WINDOW = timedelta(minutes=10)
MINUTE_S = 60
_STATE = "greenroom.rate"


class AddressLimit:
    """At most `most` acts of one address within `window`."""

    def __init__(self, windows: Windows, most: int = MOST, window: timedelta = WINDOW) -> None:
        self._windows = windows
        self._most = most
        self._window_s = window.total_seconds()

    async def count(self, address: str) -> None:
        """Count one act; raises `LimitReached` when there were too many."""
        if not await self._windows.count(f"address {address}", self._most, self._window_s):
            raise LimitReached(
                "too much at once from this address", remedy="Wait a few minutes and try again."
            )


async def within_rate(request: Request, context: Context, operator: Operator) -> None:
    """Count a request of a person, whichever of their keys it came with; or `LimitReached`."""
    most = context.requests_minute
    taken = await context.shared.windows.take(f"person {operator.id}", most, MINUTE_S)
    request.scope[_STATE] = _headers(most, taken)
    if not taken.allowed:
        raise LimitReached(
            f"more than {most} requests within a minute",
            remedy="Wait as long as Retry-After says, and send fewer at once.",
            retry_after_s=taken.forgotten_in_s,
        )


class TellRate:
    """ASGI middleware: every answer tells how many requests are left, as the IETF draft has it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete its answer's headers."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(scope.get(_STATE, {}))
            await send(message)

        await self.app(scope, receive, complete if scope["type"] == "http" else send)


def _headers(most: int, taken: Taken) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"person";q={most};w={MINUTE_S}',
        "RateLimit": f'"person";r={max(0, taken.left)};t={ceil(taken.forgotten_in_s)}',
    }
