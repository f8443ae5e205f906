"""`/mcp`: the streamable HTTP transport behind the label's keys.

Every request stands alone (no session is kept), so that any API process of a label may answer it,
and each carries its own key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.types import Receive, Scope, Send

from api.context import ApiContext
from api.errors import problem_of, problem_response
from api.mcp.server import Context, build_server
from api.mcp.who import SCOPE_KEY, Asker, asker_of
from api.rate import within_rate
from domain.errors import GreenroomError

PATH = "/mcp"
NEAR = ("127.0.0.1", "localhost", "[::1]")


class McpEndpoint:
    """The ASGI application at `/mcp`; it answers within its `lifespan`."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Hold the transport open; begins once the label's address is known."""
        self._manager = StreamableHTTPSessionManager(
            build_server(self._context, _asker),
            stateless=True,
            security_settings=_only_ours(self._context.public_url()),
        )
        try:
            async with self._manager.run():
                yield
        finally:
            self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once its key is known to be good."""
        assert self._manager is not None, "the application's lifespan has not begun"
        try:
            asker = await asker_of(HTTPConnection(scope), self._context)
            await within_rate(Request(scope), self._context, asker.actor)
        except GreenroomError as error:
            await problem_response(problem_of(error))(scope, receive, send)
            return
        scope[SCOPE_KEY] = asker
        await self._manager.handle_request(scope, receive, send)


def _asker(ctx: Context) -> Asker:
    assert ctx.request is not None, "every request comes over HTTP"
    asker = ctx.request.scope[SCOPE_KEY]
    assert isinstance(asker, Asker)
    return asker


def _only_ours(public_url: str) -> TransportSecuritySettings:
    """Names by which the label may be called: a page elsewhere that points its own name at us is
    refused, and so is a browser's request from any page but our own."""
    own = urlsplit(public_url)
    hosts = [own.netloc, f"{own.netloc.rpartition('@')[2]}:*"]
    hosts += [f"{host}{port}" for host in NEAR for port in ("", ":*")]
    origins = [f"{own.scheme}://{own.netloc}"]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
