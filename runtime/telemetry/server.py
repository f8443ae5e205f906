"""A worker's or scheduler's own small server: `/metrics` for Prometheus, `/healthz` for guards."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import structlog
import uvicorn
from starlette.types import Receive, Scope, Send

from domain.errors import EnvironmentProblem, GreenroomError
from domain.health import HealthCheck, healthy
from runtime.telemetry.metrics import MEDIA_TYPE, Metrics

Ready = Callable[[], Awaitable[Sequence[HealthCheck]]]
JSON = "application/json"
GRACE_S = 1
READY_WITHIN_S = 5.0
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def serve_telemetry(
    host: str, port: int, metrics: Metrics, ready: Ready, token: str
) -> AsyncIterator[int]:
    """Serve until the block ends; gives the port in use, where 0 asked for any.

    Metrics go to this machine, and elsewhere to who sends the label's token. Health goes to
    everybody: one word, no detail.
    """
    listener = _listen(host, port)
    app = _App(metrics, ready, token)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


class _Server(uvicorn.Server):
    """Leaves signals to the process it lives in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _App:
    def __init__(self, metrics: Metrics, ready: Ready, token: str) -> None:
        self._metrics = metrics
        self._ready = ready
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, "text/plain", b"only GET\n")
        elif scope["path"] == "/healthz":
            word = "ok" if await self._healthy() else "broken"
            body = json.dumps({"status": word}).encode()
            await _answer(send, 200 if word == "ok" else 503, JSON, body)
        elif scope["path"] != "/metrics":
            await _answer(send, 404, "text/plain", b"/metrics and /healthz are here\n")
        elif not self._may(scope):
            await _answer(send, 401, "text/plain", b"send the label's token as a bearer\n")
        else:
            await _answer(send, 200, MEDIA_TYPE, await self._metrics.render())

    async def _healthy(self) -> bool:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                return healthy(await self._ready())
        except (GreenroomError, TimeoutError, OSError) as error:
            _log.warning("not ready", why=str(error) or type(error).__name__)
            return False

    def _may(self, scope: Scope) -> bool:
        client = scope.get("client") or ("", 0)
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(client[0]).is_loopback:
                return True
        given = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(given, f"Bearer {self._token}".encode())


async def _answer(send: Send, status: int, content_type: str, body: bytes) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        raise EnvironmentProblem(
            f"port {port} on {host} cannot be used: {error.strerror}",
            field="GREENROOM_METRICS_PORT",
            remedy="Set GREENROOM_METRICS_PORT to a free port, or unset it.",
        ) from error
