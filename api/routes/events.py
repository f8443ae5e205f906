"""The event log: by waiting, or as a stream."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse

from api.context import Context
from api.follow import BATCH, LAST_ID, first_id, stream, wait_for
from api.listing import Limit
from api.schemas import Events
from api.security import Asking
from api.streams import must_stand

router = APIRouter(prefix="/events", tags=["events"])
After = Annotated[int, Query(ge=0, le=LAST_ID, description="Only lines behind this id.")]
WAIT_MAX_S = 30


@router.get("")
async def wait_for_events(
    context: Context,
    caller: Asking,
    run_id: str | None = None,
    artist_id: str | None = None,
    after: After = 0,
    limit: Limit = BATCH,
    wait: Annotated[float, Query(ge=0, le=WAIT_MAX_S, description="Seconds to wait.")] = 0,
) -> Events:
    """Read the event log behind an id; with `wait`, hold the answer until something happens."""
    found = await wait_for(context, caller.actor, after, wait, run_id, artist_id, limit)
    if wait:
        await must_stand(context, caller)
    return Events(items=found, last=found[-1].id if found else after)


@router.get("/stream", response_class=EventSourceResponse)
async def stream_events(
    request: Request,
    context: Context,
    caller: Asking,
    run_id: str | None = None,
    artist_id: str | None = None,
    after: After = 0,
) -> EventSourceResponse:
    """Follow the whole log as server-sent events, resumable by `Last-Event-ID`."""
    caller.actor.must_read()
    return stream(context, caller, first_id(request, after), run_id, artist_id)
