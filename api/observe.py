"""Measures and traces every request: its route, its status, the time to its first byte."""

from __future__ import annotations

import re
import time

from opentelemetry.trace import Span, SpanKind
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.telemetry import catalogue
from runtime.telemetry.metrics import Metrics
from runtime.telemetry.tracing import span

UNKNOWN_ROUTE = "unknown"
# These would fill the traces with what nobody asked for.
QUIET = ("/metrics", "/api/v1/health", "/static/")
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observed:
    """ASGI middleware. Routes go by their pattern, so that ids make no new series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch its answer begin."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(QUIET):
            await self.app(scope, receive, self._timed(scope, send, None))
            return
        method = _method(scope)
        with span(
            method,
            {"http.request.method": method, "url.path": scope["path"]},
            kind=SpanKind.SERVER,
            parent=Headers(scope=scope).get("traceparent"),
        ) as found:
            await self.app(scope, receive, self._timed(scope, send, found))

    def _timed(self, scope: Scope, send: Send, found: Span | None) -> Send:
        started = time.monotonic()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], time.monotonic() - started, found)
            await send(message)

        return sent

    def _note(self, scope: Scope, status: int, took_s: float, found: Span | None) -> None:
        method, route = _method(scope), route_of(scope)
        self.metrics.observe(
            catalogue.HTTP_SECONDS, took_s, method=method, route=route, status=str(status)
        )
        if found is not None:
            found.update_name(f"{method} {route}")
            found.set_attribute("http.route", route)
            found.set_attribute("http.response.status_code", status)


def route_of(scope: Scope) -> str:
    """The pattern of the route that answered, such as `/api/v1/runs/{run_id}`.

    A route knows its pattern without the prefixes it stands under: those are what is left of the
    path once the pattern is filled in.
    """
    pattern = getattr(scope.get("route"), "path", None)
    if not isinstance(pattern, str):
        return UNKNOWN_ROUTE
    params = scope.get("path_params", {})
    tail = PARAMETER.sub(lambda found: str(params.get(found[1], "")), pattern)
    path = str(scope["path"])
    return path.removesuffix(tail) + pattern if path.endswith(tail) else pattern


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "OTHER"
