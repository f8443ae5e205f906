"""Following the event log: as server-sent events, or by waiting for the next lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.callers import Caller
from api.context import ApiContext
from api.streams import event_stream
from domain.actor import Actor
from domain.errors import InvalidInput
from domain.event import Event

BATCH = 200
# No database counts further.
LAST_ID = 2**63 - 1
# Another process may write the log without waking us; look again this often.
LOOK_AGAIN_S = 5.0


def first_id(request: Request, after: int) -> int:
    """Where to begin: behind the reader's last event, else behind `after`."""
    last = request.headers.get("last-event-id", "")
    if not last:
        return after
    if not last.isdecimal() or int(last) > LAST_ID:
        raise InvalidInput(
            "Last-Event-ID is not an event's id",
            field="Last-Event-ID",
            remedy="Send the id of the last event you saw.",
        )
    return int(last)


async def wait_for(
    context: ApiContext,
    actor: Actor,
    after: int,
    wait_s: float,
    run_id: str | None = None,
    artist_id: str | None = None,
    limit: int = BATCH,
) -> list[Event]:
    """The next lines after an id; without any, wait up to `wait_s` seconds for the first."""
    now = asyncio.get_running_loop().time
    deadline = now() + wait_s
    while True:
        newest = await context.views.last_event()
        found = await context.views.events(
            actor, after, run_id=run_id, artist_id=artist_id, limit=limit
        )
        left = deadline - now()
        if found or left <= 0:
            return found
        await context.bus.wait(max(after, newest), min(left, LOOK_AGAIN_S))


async def follow(
    context: ApiContext,
    actor: Actor,
    after: int,
    run_id: str | None = None,
    artist_id: str | None = None,
) -> AsyncIterator[Event]:
    """Every line after an id, as it comes, for ever."""
    while True:
        for event in await wait_for(context, actor, after, LOOK_AGAIN_S, run_id, artist_id):
            after = event.id
            yield event


def stream(
    context: ApiContext,
    caller: Caller,
    after: int,
    run_id: str | None = None,
    artist_id: str | None = None,
) -> EventSourceResponse:
    """The log as server-sent events: `id` is the event's id, `event` its kind, `data` its JSON."""

    async def lines() -> AsyncIterator[ServerSentEvent]:
        async for event in follow(context, caller.actor, after, run_id, artist_id):
            yield ServerSentEvent(
                id=str(event.id), event=event.kind, data=event.model_dump_json(), retry=2000
            )

    return event_stream(context, caller, lines())
