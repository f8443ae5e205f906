"""`Idempotency-Key`: whoever is unsure whether a request arrived may send it again.

A dependency begins the request once its sender is known; a middleware keeps its answer, before
the sender can see it. Successes and failures of the server are kept, refusals are not: they did
nothing, and may turn out otherwise the next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import Context
from api.security import Operator
from domain.errors import InvalidInput
from domain.kept_request import KEY_MAX_CHARS, Answer, Asked, KeptRequest
from services.kept_requests import KeptRequestService

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
DESCRIPTION = (
    "Any text of your own, such as a UUID. The same request under the same key is done once "
    "within a day, and answered the same."
)
_STATE = "greenroom.begun"
_TELLING = ("content-type", "location", "etag")
_ERRORS = 400
_SERVER_ERRORS = 500


class Replayed(Exception):
    """The request was done before; carries its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("the request was done before")
        self.answer = answer


@dataclass
class _Begun:
    """A request under way, which the middleware ends."""

    service: KeptRequestService
    asked: Asked
    request: KeptRequest


async def begin_once(
    request: Request,
    context: Context,
    operator: Operator,
    key: Annotated[str | None, Header(alias=HEADER, include_in_schema=False)] = None,
) -> None:
    """Begin the request under its key; raises `Replayed` where it was done before."""
    if key is None or request.method != "POST":
        return
    asked = Asked(
        key=_checked(key),
        actor=f"{operator.kind}:{operator.id}",
        operation=f"{request.method} {request.url.path}?{request.url.query}",
        content=await request.body(),
    )
    found = await context.kept_requests.begin(asked)
    if isinstance(found, Answer):
        raise Replayed(found)
    request.scope[_STATE] = _Begun(context.kept_requests, asked, found)


def replay(error: Exception) -> Response:
    """The answer of the first time, marked as such."""
    assert isinstance(error, Replayed)
    answer = error.answer
    return Response(answer.body, answer.status, headers={**answer.headers, REPLAYED: "true"})


class KeepAnswers:
    """ASGI middleware: keeps the answers of requests that were begun under a key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer once it is kept."""
        if scope["type"] != "http" or HEADER.lower() not in Headers(scope=scope):
            await self.app(scope, receive, send)
            return
        keeper = _Keeper(scope, send)
        try:
            await self.app(scope, receive, keeper)
        except Exception:
            # Whatever broke it: unwritten, its sender would be told that it is still under way.
            await keeper.broke()
            raise


class _Keeper:
    """Holds an answer back until it is whole and kept; streams go through."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        begun = self._scope.get(_STATE)
        if not isinstance(begun, _Begun):
            await self._send(message)
        elif message["type"] == "http.response.start":
            await self._started(begun, message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._whole(begun)

    async def broke(self) -> None:
        """The handler failed without an answer."""
        begun = self._scope.pop(_STATE, None)
        if isinstance(begun, _Begun):
            await begun.service.broken(begun.request)

    async def _started(self, begun: _Begun, message: Message) -> None:
        if _is_stream(message):
            del self._scope[_STATE]
            await begun.service.unkept(begun.request)
            await self._send(message)
            return
        self._start = message

    async def _whole(self, begun: _Begun) -> None:
        start, body = self._start, bytes(self._body)
        assert start is not None
        del self._scope[_STATE]
        await _keep(begun, start, body)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


async def _keep(begun: _Begun, start: Message, body: bytes) -> None:
    if _ERRORS <= start["status"] < _SERVER_ERRORS:
        await begun.service.refused(begun.request)
        return
    headers = MutableHeaders(raw=start["headers"])
    telling = {name: headers[name] for name in _TELLING if name in headers}
    answer = Answer(status=start["status"], headers=telling, body=body)
    await begun.service.answered(begun.asked, begun.request, answer)


def _is_stream(message: Message) -> bool:
    headers: Any = MutableHeaders(raw=message["headers"])
    return "text/event-stream" in headers.get("content-type", "")


def _checked(key: str) -> str:
    if not key or len(key) > KEY_MAX_CHARS or not key.isprintable():
        raise InvalidInput(
            f"an idempotency key has 1 to {KEY_MAX_CHARS} printable characters",
            field=HEADER,
            remedy="Send a UUID.",
        )
    return key
