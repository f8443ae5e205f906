"""Writes every write by a person into the audit log: before it is carried out, and its outcome."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import Caller
from api.observe import route_of
from api.origin import place_of
from domain.errors import GreenroomError
from services.audit import Act, AuditService

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ARTIST_PARAMETERS = ("handle", "artist_id", "artist")
SUBJECT_MAX_CHARS = 200
_ENTRY = "audit_entry"
_log = structlog.get_logger(__name__)


def is_write(request: HTTPConnection) -> bool:
    """Whether the request's method may change anything."""
    return request.scope["method"] not in SAFE


async def begin_audit(request: HTTPConnection, audit: AuditService, caller: Caller) -> None:
    """Write down what is about to be done; `Audited` adds what came of it."""
    given = {name: str(value)[:SUBJECT_MAX_CHARS] for name, value in request.path_params.items()}
    artist = next((given.pop(name) for name in ARTIST_PARAMETERS if name in given), None)
    act = Act(
        user_id=caller.actor.id,
        who=caller.name,
        key=None if caller.key is None else caller.key.name,
        operation=f"{request.scope['method']} {route_of(request.scope)}",
        what=_words(request.scope),
        subject=" ".join(given.values()) or None,
        artist=artist,
        address=place_of(request).address,
    )
    setattr(request.state, _ENTRY, await audit.begin(act))


class Audited:
    """ASGI middleware: once a call is over, its entry gets the outcome."""

    def __init__(self, app: ASGIApp, audit: AuditService) -> None:
        self.app = app
        self.audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note the status of its answer."""
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self.app(scope, receive, send)
            return
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            entry = scope.get("state", {}).get(_ENTRY)
            if entry is not None:
                await self._end(entry, status)

    async def _end(self, entry_id: str, status: int) -> None:
        """The answer is on its way: a log that cannot be written now leaves the entry begun."""
        try:
            await self.audit.end(entry_id, status)
        except GreenroomError as error:
            _log.error("an audit entry has no outcome", entry=entry_id, why=error.message)


def _words(scope: Scope) -> str:
    name = str(getattr(scope.get("route"), "name", "")) or scope["method"]
    return name.replace("_", " ").capitalize()
