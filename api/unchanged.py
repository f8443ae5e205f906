"""`If-None-Match`: whoever has an answer already is told that it still holds."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/api/v1/"
OK = 200
NOT_MODIFIED = 304


class Unchanged:
    """ASGI middleware: gives JSON that was read an ETag, and answers 304 to who has it.

    What can be edited has an ETag of its version already; other answers get one of their content.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the answer is held until it is whole, if it is JSON."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Holder(Headers(scope=scope).get("if-none-match"), send))


class _Holder:
    def __init__(self, known: str | None, send: Send) -> None:
        self._known = known
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._whole(self._start)

    async def _whole(self, start: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        body = bytes(self._body)
        tag = headers.get("etag") or f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers["etag"] = tag
        if self._known is not None and _names(self._known, tag):
            start["status"] = NOT_MODIFIED
            body = b""
            for name in ("content-length", "content-type"):
                del headers[name]
        start["headers"] = headers.raw
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_json(message: Message) -> bool:
    kind = MutableHeaders(raw=message["headers"]).get("content-type", "")
    return bool(message["status"] == OK and kind == "application/json")


def _names(header: str, tag: str) -> bool:
    """Weak comparison, as RFC 9110 wants it here."""
    known = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in known or tag.removeprefix("W/") in known
