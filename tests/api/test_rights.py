"""Everybody calls every operation of the OpenAPI document; `api.needs` says what comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from fastapi import FastAPI

from api import needs
from api.app import create_app
from api.needs import API_PREFIX
from domain.rights import EVERY_RIGHT, RIGHTS
from tests.api.everybody import KEYS, OF_ARTIST, OTHERS, Caller, ask, everybody
from tests.support.label import BRIEF, TestLabel
from tests.support.two_artists import MINE, NOBODYS, TALKER, THEIRS, settle_in

# Valid for everybody; nothing in them leads off this machine.
BODIES: dict[str, object] = {
    "POST /artists": {"brief": BRIEF, "debut": False},
    "POST /artists/{handle}/runs": {"approve": "ask"},
    "PUT /artists/{handle}/steering": {"posts_day": 2},
    "PUT /artists/{handle}/schedules/{name}": {"rhythm": "twice a week"},
    "POST /artists/{handle}/schedules/{name}/move": {
        "slot": "2026-05-05T16:30:00Z",
        "to": "2026-05-06T09:00:00Z",
    },
    "POST /invitations": {"role": "viewer", "artists": [f"artist_{MINE}"]},
    "POST /keys": {"name": "numbers", "scopes": ["read"]},
    "POST /operations/dead-letters/discard": {"code": "none"},
    "POST /operations/dead-letters/replay": {"code": "none"},
    "PATCH /people/{person}": {"display_name": "Bo"},
    "POST /v1/chat/completions": {"model": NOBODYS, "messages": [{"role": "user", "content": "?"}]},
    "POST /webhooks": {"url": "no address"},
}
QUERIES = {
    "GET /artists/{handle}/profile/diff": "?before=1&after=1",
    "GET /calendar": "?begin=2026-05-01T00:00:00Z&end=2026-06-01T00:00:00Z",
    "GET /search": "?q=harbour",
}
# Who looks after people sees all of them.
SEEN_BY_ALL = {"GET /people/{person}"}
# Ends the session that asks.
LAST = "DELETE /sessions"
UNKNOWN, FORBIDDEN = REFUSED = (401, 403)


@dataclass(frozen=True)
class Operation:
    """One line of the document."""

    name: str
    body: object = None

    @property
    def names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.name)

    @property
    def of_an_artist(self) -> bool:
        return not {*self.names}.isdisjoint(OF_ARTIST) and self.name not in SEEN_BY_ALL

    def call(self, x: str) -> tuple[str, str]:
        """Method and path about one of the two artists."""
        method, path = self.name.split(" ")
        for name in self.names:
            value = OF_ARTIST[name].format(x=x) if name in OF_ARTIST else OTHERS[name]
            path = path.replace(f"{{{name}}}", value)
        prefix = "" if path.startswith("/v1/") else API_PREFIX
        return method, prefix + path + QUERIES.get(self.name, "")


def operations(app: FastAPI) -> list[Operation]:
    """Every operation, the one that signs out last."""
    found = [
        Operation(name, BODIES.get(name, _example(told)))
        for name, told in described(app)
        if name.startswith(("GET ", "PUT ", "POST ", "PATCH ", "DELETE "))
    ]
    return sorted(found, key=lambda operation: operation.name == LAST)


def described(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path.removeprefix(API_PREFIX)}", told


def _example(told: dict[str, Any]) -> object:
    content = told.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("example")


def refusal(operation: Operation, caller: Caller, x: str) -> int | None:
    """How the caller must be refused; None: not at all."""
    name = operation.name
    if name in needs.ANYBODY:
        return None
    if not caller.known:
        return UNKNOWN
    if name in needs.KNOWN:
        return None
    if name in needs.PEOPLE:
        return FORBIDDEN if caller.by_key and "administer" not in caller.rights else None
    if needs.right_of(name) not in caller.rights:
        return FORBIDDEN
    if name in needs.OWN and caller.person != TALKER:
        return FORBIDDEN
    if caller.limited and (name in needs.WHOLE_LABEL or (operation.of_an_artist and x != MINE)):
        return FORBIDDEN
    return None


def test_the_callers_tell_any_two_rights_apart() -> None:
    held = [*RIGHTS.values(), *map(frozenset, KEYS)]
    for one, other in combinations(sorted(EVERY_RIGHT), 2):
        assert any((one in rights) != (other in rights) for rights in held), (one, other)


def test_every_operation_has_its_line_and_every_line_its_operation(label: TestLabel) -> None:
    app = create_app(label.context())
    names = [name for name, _ in described(app)]
    assert [name for name in names if needs.words(name) is None] == []
    lines = [*needs.ANYBODY, *needs.KNOWN, *needs.PEOPLE]
    lines += [name for names in needs.NEEDS.values() for name in names]
    assert sorted(lines) == sorted(names)
    assert {*names} >= needs.WHOLE_LABEL


def test_the_document_says_what_each_operation_needs(label: TestLabel) -> None:
    told = dict(described(create_app(label.context())))
    assert told["POST /hold"]["x-right"] == "operate"
    assert told["POST /hold"]["description"].endswith(
        "Needs the right to operate, and all artists of the label."
    )
    assert "x-right" not in told["GET /health"]
    assert told["GET /me"]["description"].endswith("For whoever is known to the label.")


async def test_everybody_may_do_what_the_table_says_and_nothing_else(label: TestLabel) -> None:
    await settle_in(label)
    callers = await everybody(label)
    app = create_app(label.context())
    calls = [
        (operation, caller, x, refusal(operation, caller, x))
        for operation in operations(app)
        for caller in callers
        for x in ((MINE, THEIRS) if caller.limited else (THEIRS,))
    ]
    # What must be refused first: it changes nothing for the others.
    wrong = []
    for operation, caller, x, wanted in sorted(calls, key=lambda call: call[3] is None):
        method, path = operation.call(x)
        status, says = await ask(app, method, path, caller, operation.body)
        if status >= 500 or (wanted or status) != status or (not wanted and status in REFUSED):
            wrong.append(f"{caller.name}: {method} {path}: {status}, not {wanted}: {says}")
    assert not wrong, "\n".join(wrong)
