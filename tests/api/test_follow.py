from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from domain.actor import OPERATOR
from tests.api.conftest import served
from tests.support.label import TOKEN, TestLabel, cycle, debut, step


@pytest.fixture
async def live(label: TestLabel) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on loopback, with the token."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        served(label) as base,
        httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client,
    ):
        yield client


async def read(
    client: httpx.AsyncClient, path: str, how_many: int, last: str | None = None
) -> list[dict[str, str]]:
    """The next events of a stream, as id, event and data."""
    headers = {"Last-Event-ID": last} if last else {}
    found: list[dict[str, str]] = []
    current: dict[str, str] = {}
    async with asyncio.timeout(10), client.stream("GET", path, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                current[name] = value
            elif not line and "data" in current:
                found.append(current)
                current = {}
                if len(found) == how_many:
                    return found
    return found


async def test_a_stream_goes_on_behind_the_last_event(
    label: TestLabel, live: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    for name in ("perceive", "recall", "plan"):
        await step(label, run, name, name)
    everything = await label.views.events(OPERATOR, 0, run_id=run.id)
    path = f"/api/v1/runs/{run.id}/events"
    first = await read(live, path, 3)
    assert [int(e["id"]) for e in first] == [e.id for e in everything[:3]]
    assert json.loads(first[0]["data"])["run_id"] == run.id
    rest = await read(live, path, len(everything) - 3, last=first[-1]["id"])
    assert [int(e["id"]) for e in first + rest] == [e.id for e in everything]


async def test_a_stream_tells_what_happens_while_it_is_open(
    label: TestLabel, live: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    last = await label.views.last_event()
    reading = asyncio.create_task(read(live, f"/api/v1/events/stream?after={last}", 2))
    await asyncio.sleep(0.3)
    await step(label, run, "plan", "A song.")
    events = await reading
    assert [e["event"] for e in events] == ["step.started", "step.finished"]


async def test_waiting_for_events_ends_when_one_comes(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    last = await label.views.last_event()
    query = f"after={last}&wait=20&run_id={run.id}"
    waiting = asyncio.create_task(api.get(f"/api/v1/events?{query}"))
    await asyncio.sleep(0.1)
    await step(label, run, "plan", "A song.")
    async with asyncio.timeout(15):
        answer = (await waiting).json()
    assert answer["items"][0]["kind"] == "step.started"
    assert answer["last"] == answer["items"][-1]["id"]


async def test_waiting_for_another_run_hears_nothing_of_this_one(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    mine, other = await cycle(label, artist), await cycle(label, artist)
    last = await label.views.last_event()
    query = f"after={last}&wait=0.5&run_id={mine.id}"
    waiting = asyncio.create_task(api.get(f"/api/v1/events?{query}"))
    await asyncio.sleep(0.1)
    await step(label, other, "plan", "A song.")
    assert (await waiting).json() == {"items": [], "last": last}


@pytest.mark.parametrize("last", ["soon", str(2**63)])
async def test_a_nonsensical_last_event_is_named(
    label: TestLabel, api: httpx.AsyncClient, last: str
) -> None:
    answer = await api.get("/api/v1/events/stream", headers={"Last-Event-ID": last})
    assert answer.json()["field"] == "Last-Event-ID"


async def test_a_number_that_no_database_holds_is_named(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    talk = await label.talks.start(OPERATOR, (await debut(label)).handle)
    for path, field in (("events", "after"), (f"talks/{talk.id}", "before")):
        answer = await api.get(f"/api/v1/{path}", params={field: 10**20})
        assert (answer.status_code, answer.json()["field"]) == (422, field)
