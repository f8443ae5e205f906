"""Everybody who may call the API, and what they call it about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from api.callers import session_cookie_name
from domain.actor import OPERATOR
from domain.rights import RIGHTS, ROLES, Right, Role
from services.people_base import Place
from services.people_keys import KeyWish
from services.people_sessions import begin_session
from tests.store import nouns
from tests.support.label import TestLabel
from tests.support.two_artists import MINE, NOBODYS

HOST = "127.0.0.1"
HERE = Place(HOST)
# With the roles, these tell any two rights apart: somebody has one of them without the other.
KEYS: tuple[tuple[Right, ...], ...] = (("read", "chat", "connect"), ("read", "steer"))
# Only what hangs takes so long, even on a busy machine.
LONGEST_S = 60.0


@dataclass(frozen=True)
class Caller:
    """Somebody with what they send to be known; `limited` to the artist `MINE`."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    person: str = ""
    rights: frozenset[Right] = frozenset()
    known: bool = True
    by_key: bool = False
    limited: bool = False


NOBODY = Caller("nobody", known=False)


async def everybody(label: TestLabel) -> list[Caller]:
    """Every role by session, keys with few rights, and a person limited to an artist."""
    people = [await _person(label, role) for role in ROLES]
    keys = [await _key(label, frozenset(rights)) for rights in KEYS]
    return [NOBODY, *people, *keys, await _person(label, "admin", limited=True)]


async def _person(label: TestLabel, role: Role, *, limited: bool = False) -> Caller:
    name = f"{role}-of-one" if limited else role
    artists = (f"artist_{MINE}",) if limited else None
    user = nouns.user(f"user_{name}", name, role=role, artists=artists)
    async with label.database.unit() as unit:
        await unit.users.add(user)
        made = await begin_session(unit, user, HERE, label.clock.now())
        await unit.commit()
    headers = {"cookie": f"{_cookie(label)}={made.secret}", "origin": f"http://{HOST}"}
    return Caller(name, headers, user.id, RIGHTS[role], limited=limited)


async def _key(label: TestLabel, rights: frozenset[Right]) -> Caller:
    """A key of the admin's."""
    name = f"key to {' and '.join(sorted(rights))}"
    wish = KeyWish(name, sorted(rights), owner="admin")
    made = await label.people.keys.make(OPERATOR, wish)
    headers = {"authorization": f"Bearer {made.secret}"}
    return Caller(name, headers, made.key.user_id, rights, by_key=True)


def _cookie(label: TestLabel) -> str:
    return session_cookie_name(HTTPConnection(_scope("GET", "/", {})), label.context())


# What stands for a path's parameter, for either artist; others exist for nobody.
OF_ARTIST: Mapping[str, str] = {
    "adaptation_id": "adaptation_{x}",
    "approval_id": "approval_{x}",
    "artist": "handle-{x}",
    "comment_id": "comment_{x}",
    "directive_id": "directive_{x}",
    "handle": "handle-{x}",
    "job_id": "job_{x}",
    "person": "person-{x}",
    "post_id": "post_{x}",
    "release_id": "release_{x}",
    "run_id": "run_{x}",
    "sha256": "{x}" * 64,
    "talk_id": "talk_{x}",
    "turn_id": "turn_{x}",
    "work_id": "work_{x}",
}
OTHERS: Mapping[str, str] = {
    "act": "pause",
    "alert_id": NOBODYS,
    "delivery_id": NOBODYS,
    "entry_id": NOBODYS,
    "genre": "lofi",
    "invitation_id": NOBODYS,
    "key_id": NOBODYS,
    "memory_id": NOBODYS,
    # No call may leave this machine.
    "network": NOBODYS,
    "name": "main",
    "model": NOBODYS,
    "number": "1",
    "session_id": NOBODYS,
    "question_id": f"{NOBODYS}.1",
    "step_id": NOBODYS,
    "webhook_id": NOBODYS,
    "worker_id": NOBODYS,
}


async def ask(
    app: FastAPI, method: str, path: str, caller: Caller, body: object = None
) -> tuple[int, str]:
    """Call; gives the status, and the answer's words if it is a refusal."""
    headers = dict(caller.headers) | {"host": HOST, "if-match": "*"}
    sent = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        headers["content-type"] = "application/json"
    begun = asyncio.get_running_loop().create_future()
    answer = bytearray()

    asked = iter([{"type": "http.request", "body": sent, "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(asked, None)
        if message is None:
            await asyncio.Event().wait()
        return message or {}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            begun.set_result((message["status"], kind.startswith(b"text/event-stream")))
        else:
            answer.extend(message.get("body", b""))

    call = asyncio.create_task(app(_scope(method, path, headers), receive, send))  # type: ignore[arg-type]
    await asyncio.wait({call, begun}, timeout=LONGEST_S, return_when=asyncio.FIRST_COMPLETED)
    status, endless = begun.result() if begun.done() else (500, True)
    if endless:
        call.cancel()
    await asyncio.wait({call}, timeout=LONGEST_S)
    return status, answer.decode(errors="replace")[:300] if status >= 400 else ""


def _scope(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    where, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": where,
        "raw_path": where.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
        "client": (HOST, 1234),
        "server": (HOST, 80),
        "state": {},
    }
