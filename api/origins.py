"""Which pages of elsewhere may use the API from a browser: none, unless a setting names them."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

PATHS = ("/api/", "/v1/")
SENT = (
    *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    "Last-Event-ID",
)
TOLD = (
    *("ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy"),
    "Retry-After",
)


class Origins:
    """ASGI middleware: CORS for programs only. Cookies never count from elsewhere."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self.app = app
        self.shared = CORSMiddleware(
            app,
            allow_origins=list(allowed),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=SENT,
            expose_headers=TOLD,
            allow_credentials=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what a browser asks first, and say who may read answers."""
        programs = scope["type"] == "http" and scope["path"].startswith(PATHS)
        await (self.shared if programs else self.app)(scope, receive, send)
