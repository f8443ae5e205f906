"""The processes that answer people: all in one, or the API and its pages apart."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.routes.people import JOIN
from app.first_artist import welcome
from app.ground import Edges
from app.handing import hand_over
from app.heap import settle
from app.home import Home
from app.label import Label
from app.roles import Role, check_apart
from app.signals import End, on_end
from app.wiring import open_label
from domain.actor import SYSTEM
from domain.errors import EnvironmentProblem, GreenroomError
from runtime.settings import Settings

GRACE_S = 5
_log = structlog.get_logger(__name__)


async def serve(
    settings: Settings,
    announce: Callable[[str, str, str | None], None],
    role: Role = Role.ALL,
    edges: Edges | None = None,
) -> None:
    """Serve until stopped; calls `announce(url, operator_url, first_url)` when ready.

    The last is the link that makes the first admin; None once anybody has a name here.

    With the role of the API it only answers; workers and a scheduler stand elsewhere.
    """
    if role is Role.API:
        check_apart(settings)
    home = Home.of(settings).claim()
    try:
        listener = listen(settings.host, settings.port)
        url = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}"
        async with open_label(settings, home, edges, role=role) as label:
            public = settings.public_url or url
            pages = create_app(label.api_context(lambda: public))
            settle()
            task = await _started(pages, listener)
            home.publish_address(url)
            link = await label.people.joining.first_link(SYSTEM) if role is Role.ALL else None
            first_url = None if link is None else f"{public}{JOIN}{link.secret}"
            announce(url, f"{url}/operator?token={home.token()}", first_url)
            first = asyncio.create_task(_welcome(label) if role is Role.ALL else asyncio.sleep(0))
            await task
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            if role is Role.ALL:
                end = End()
                with on_end(end.note):
                    await hand_over(label, end.asked())
    finally:
        home.release()


class _Server(uvicorn.Server):
    """Ends on SIGINT and SIGTERM without raising them again, so that the label closes cleanly."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ask for the end on the first signal, insist on the second."""
        with on_end(lambda number: self.handle_exit(number, None)):
            yield


async def _started(app: FastAPI, listener: socket.socket) -> asyncio.Task[None]:
    """A server that answers already, or that ended before it could; its task ends with it."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.02)
    return task


async def _welcome(label: Label) -> None:
    """The first artist is a courtesy: if it fails, say so and go on serving."""
    try:
        await welcome(label)
    except GreenroomError as error:
        _log.error("the first artist could not begin", why=error.message, remedy=error.remedy)
    except (OSError, ValueError) as error:
        _log.error("the first artist's brief cannot be read", why=str(error))


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises `EnvironmentProblem` where the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only where the protocol is named does asyncio send small answers at once (TCP_NODELAY).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise EnvironmentProblem(
            f"port {port} on {host} cannot be used: {error.strerror}",
            field="GREENROOM_PORT",
            remedy="Set GREENROOM_PORT to a free port, or 0 for any.",
        ) from error
    listener.listen(128)
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
