"""Streams end when whoever listens may no longer hear what they could when they began."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.actor import OPERATOR
from domain.ports.chat import TextPiece
from domain.user import actor_of
from services.people import PersonChange
from services.people_keys import KeyWish
from services.people_sessions import SignedIn
from services.talks import TalkService
from tests.api.conftest import client_of, served
from tests.support.label import TestLabel, cycle, debut
from tests.support.people import PASSWORD, joined, key
from tests.support.talking import SteeredChat

LOOK_S = 0.1
LOG = "/api/v1/events/stream"
Heard = list[tuple[str, str]]
Deed = Callable[[TestLabel, SignedIn], Awaitable[object]]


@asynccontextmanager
async def program(label: TestLabel, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key, at a server that looks at rights often."""
    headers = {"Authorization": f"Bearer {secret}"}
    async with (
        served(label, rights_look_s=LOOK_S) as base,
        httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client,
    ):
        yield client


async def heard_to_the_end(
    client: httpx.AsyncClient, path: str, deed: Callable[[], Awaitable[object]], **how: Any
) -> Heard:
    """Every event of a stream that is open when the deed is done."""
    found: Heard = []
    async with asyncio.timeout(20), client.stream(how.pop("method", "GET"), path, **how) as answer:
        assert answer.status_code in (200, 202)
        kind, done = "message", False
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                found.append((kind, value))
                kind = "message"
            if not done:
                done = True
                await deed()
    return found


def last_problem(heard: Heard) -> dict[str, Any]:
    kind, data = heard[-1]
    assert kind == "access_ended"
    told: dict[str, Any] = json.loads(data)
    return told


async def disable(label: TestLabel, bo: SignedIn) -> None:
    await label.people.people.disable(OPERATOR, bo.user.id)


async def revoke(label: TestLabel, bo: SignedIn) -> None:
    (mine,) = await label.people.keys.page(actor_of(bo.user))
    await label.people.keys.revoke(OPERATOR, mine.id)


async def expire(label: TestLabel, bo: SignedIn) -> None:
    label.clock.advance(timedelta(days=2))


async def demote(label: TestLabel, bo: SignedIn) -> None:
    await label.people.people.change(OPERATOR, bo.user.id, PersonChange(role="viewer"))


async def narrow(label: TestLabel, bo: SignedIn) -> None:
    await label.people.people.change(OPERATOR, bo.user.id, PersonChange(artists=[]))


@pytest.mark.parametrize(
    ("deed", "status"),
    [(disable, 401), (revoke, 401), (expire, 401), (demote, 403), (narrow, 403)],
)
async def test_a_stream_ends_with_the_rights_it_began_with(
    label: TestLabel, deed: Deed, status: int
) -> None:
    await debut(label)
    bo = await joined(label, "operator", "bo")
    wish = KeyWish("tests", ["read", "chat", "steer"], days=1)
    secret = (await label.people.keys.make(actor_of(bo.user), wish)).secret
    async with program(label, secret) as client:
        heard = await heard_to_the_end(client, LOG, lambda: deed(label, bo))
        problem = last_problem(heard)
        assert (problem["status"], bool(problem["remedy"])) == (status, True)
        assert len(heard) > 1
        again = await client.get("/api/v1/me")
    assert again.is_success is (status == 403)


async def test_what_the_key_does_not_carry_may_change_under_its_stream(label: TestLabel) -> None:
    artist = await debut(label)
    bo = await joined(label, "operator", "bo")
    secret = await key(label, bo, "read")
    run = await cycle(label, artist)

    async def widen_and_end() -> None:
        await demote(label, bo)
        await asyncio.sleep(3 * LOOK_S)
        await label.runs.cancel(OPERATOR, run.id)
        await asyncio.sleep(3 * LOOK_S)
        await disable(label, bo)

    async with program(label, secret) as client:
        heard = await heard_to_the_end(client, f"/api/v1/runs/{run.id}/events", widen_and_end)
    assert "cancelled" in heard[-2][1], "the stream went on while nothing of its rights changed"
    assert last_problem(heard)["status"] == 401


async def test_a_browsers_streams_end_when_it_is_signed_out(label: TestLabel) -> None:
    await debut(label)
    await joined(label, "operator", "bo")
    async with served(label, rights_look_s=LOOK_S) as base:
        headers = {"Origin": base, "Accept": "text/html"}
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as browser:
            await browser.post("/sign-in", data={"name": "bo", "password": PASSWORD})
            (bo,) = await label.people.people.page(OPERATOR)

            async def sign_out() -> None:
                await label.people.sign_in.end_all(OPERATOR, bo.id)

            heard = await heard_to_the_end(browser, "/operator/events", sign_out)
            problem = last_problem(heard)
            assert (problem["title"], problem["status"]) == ("unauthenticated", 401)
            scripts = {"Sec-Fetch-Mode": "cors"}
            assert (await browser.get("/operator/events", headers=scripts)).status_code == 401


async def test_an_answer_is_heard_no_further(label: TestLabel) -> None:
    chat = SteeredChat([TextPiece(text="The kettle "), None, TextPiece(text="is a secret.")])
    label.chat = chat
    label.talks = TalkService(label.database, label.clock, chat, label.talking.acts())
    artist = await debut(label)
    bo = await joined(label, "operator", "bo")
    talk = await label.talks.start(actor_of(bo.user), artist.id)

    async def shut_out() -> None:
        await disable(label, bo)
        await asyncio.sleep(3 * LOOK_S)
        chat.go.set()

    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "talk": (f"/api/v1/talks/{talk.id}/turns", {"text": "Well?"}),
        "openai": (
            "/v1/chat/completions",
            {
                "model": artist.handle,
                "stream": True,
                "messages": [{"role": "user", "content": "Well?"}],
            },
        ),
    }
    secret = await key(label, bo, "read", "chat")
    for name, (path, body) in asked.items():
        await label.people.people.enable(OPERATOR, bo.user.id)
        chat.go.clear()
        how = {"method": "POST", "json": body, "headers": {"Accept": "text/event-stream"}}
        async with program(label, secret) as client:
            heard = await heard_to_the_end(client, path, shut_out, **how)
        assert "kettle" in str(heard), name
        assert "secret" not in str(heard), name
        if name == "talk":
            assert last_problem(heard)["status"] == 401
        else:
            assert "counts no more" in json.loads(heard[-1][1])["error"]["message"]
    await label.talks.aclose()


async def test_who_waited_for_events_hears_none_that_are_not_theirs(label: TestLabel) -> None:
    artist = await debut(label)
    bo = await joined(label, "operator", "bo")
    last = await label.views.last_event()
    secret = await key(label, bo, "read")
    async with client_of(label, Authorization=f"Bearer {secret}") as client:
        waiting = asyncio.create_task(client.get(f"/api/v1/events?after={last}&wait=20"))
        await asyncio.sleep(0.2)
        await disable(label, bo)
        await cycle(label, artist)
        assert (await waiting).status_code == 401
