"""What the document promises, the running server keeps: schemathesis asks every operation.

A little of each here; `make test-slow` asks much more.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import api_document
from domain.actor import OPERATOR
from domain.listing import Listing
from runtime.version import VERSION
from tests.api.conftest import served
from tests.support.label import TOKEN, TestLabel, ask, cycle, debut, live_release, open_label, song

BEARER = {"Authorization": f"Bearer {TOKEN}"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LIMITS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
# Streams that never end; the others are asked for what is not there.
ENDLESS = "/stream$"
# Would ask a network of elsewhere, or follow a run without end: asked of what is not there only.
TIMEOUT_S = 120
FAR = ("/connect", "/test", "/events")

Known = dict[str, str]


async def _fill(label: TestLabel) -> Known:
    """A label that has one of the usual nouns; gives their ids by the names of parameters."""
    artist = await debut(label)
    release = await live_release(label, artist)
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run))
    posts = await label.catalogue.posts(OPERATOR, Listing())
    return {
        "artist": artist.handle,
        "handle": artist.handle,
        "run_id": run.id,
        "approval_id": approval.id,
        "release_id": release.id,
        "work_id": release.work_ids[0],
        "post_id": posts[0].id,
        "genre": artist.genre_pack,
        "name": "main",
        "number": "1",
        "network": "bluesky",
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Known]]:
    """A running server in a thread of its own, with a label that has something in it."""
    home = tmp_path_factory.mktemp("schema")
    told: list[tuple[str, Known]] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with open_label(home) as label:
            known = await _fill(label)
            async with served(label) as base:
                told.append((base, known))
                ready.set()
                await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(300)
    yield told[0]
    over.set()
    thread.join()


def _check_all(server: tuple[str, Known], examples: int) -> None:
    """Ask every operation so often; all that fail are told together."""
    base, known = server
    schema = schemathesis.openapi.from_dict(api_document(VERSION))
    asked, failed = 0, []
    for found in schema.exclude(path_regex=ENDLESS).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=examples, **LIMITS)
        def check(case: Any) -> None:
            _ask(case, base, known)

        try:
            check()
        except FailureGroup as group:
            failed.append(f"{operation.label}: {group.exceptions}")
        asked += 1
    assert not failed, "\n".join(failed)
    assert asked > 90


def _ask(case: Any, base: str, known: Known) -> None:
    """As it was generated, and of a noun that is there."""
    if "wait" in (case.query or {}):
        case.query["wait"] = 0
    case.call_and_validate(base_url=base, headers=BEARER, checks=CHECKS, timeout=TIMEOUT_S)
    parts = case.path_parameters or {}
    if parts and set(parts) <= set(known) and not case.path.endswith(FAR):
        case.path_parameters = {name: known[name] for name in parts}
        case.call_and_validate(base_url=base, headers=BEARER, checks=CHECKS, timeout=TIMEOUT_S)


def test_the_server_keeps_what_the_document_says(server: tuple[str, Known]) -> None:
    _check_all(server, examples=1)


@pytest.mark.slow
def test_whatever_is_asked_the_server_keeps_it(server: tuple[str, Known]) -> None:
    _check_all(server, examples=30)
