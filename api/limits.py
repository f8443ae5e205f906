"""Refuses bodies that are too long before anything reads them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem_of, problem_response
from api.openai.errors import too_long_response
from domain.errors import InvalidInput

BODY_MAX_BYTES = 64 * 1024
# A brief that is far too long still reaches the domain, which names the field and the limit.
BRIEF_BODY_MAX_BYTES = 512 * 1024
TALK_BODY_MAX_BYTES = 2 * 1024 * 1024
TOOL_BODY_MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class BodyRule:
    """How long a body may be at a path, and the field that makes it long."""

    max_bytes: int = BODY_MAX_BYTES
    field: str = "body"
    answer: Callable[[InvalidInput], Response] = lambda error: problem_response(problem_of(error))


RULES = {
    "/api/v1/artists": BodyRule(BRIEF_BODY_MAX_BYTES, "brief"),
    "/operator/artists": BodyRule(BRIEF_BODY_MAX_BYTES, "brief"),
    # Clients send the whole conversation every time.
    "/v1/chat/completions": BodyRule(TALK_BODY_MAX_BYTES, "messages", too_long_response),
    "/mcp": BodyRule(TOOL_BODY_MAX_BYTES),
    # A form that was interrupted comes along.
    "/sign-in": BodyRule(2 * BRIEF_BODY_MAX_BYTES, "body"),
}


class BodyLimit:
    """ASGI middleware: reads the whole body up to the limit, then hands it on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 422 in its place."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        rule = RULES.get(scope["path"], BodyRule())
        body = await _read(receive, rule.max_bytes)
        if body is None:
            error = InvalidInput(
                f"the request is longer than {rule.max_bytes} bytes",
                field=rule.field,
                remedy=f"Send at most {rule.max_bytes} bytes.",
            )
            await rule.answer(error)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)


async def _read(receive: Receive, max_bytes: int) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > max_bytes:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
