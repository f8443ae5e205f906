"""Server-sent events, which end when whoever listens may no longer hear what they could."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from sse_starlette import EventSourceResponse, ServerSentEvent

from api.callers import Caller, actor_now
from api.context import ApiContext
from api.errors import problem_of
from domain.errors import Forbidden, Unauthenticated

PING_S = 15
# The last event of a stream whose listener may not go on; its data is a problem.
ACCESS_ENDED = "access_ended"
HEADERS = {"X-Accel-Buffering": "no"}
Item = TypeVar("Item")


def event_stream(
    context: ApiContext, caller: Caller, events: AsyncIterator[ServerSentEvent]
) -> EventSourceResponse:
    """Send events for as long as the caller has the rights it came with."""
    told = _told(while_allowed(context, caller, events))
    return EventSourceResponse(told, ping=PING_S, headers=HEADERS)


async def while_allowed(
    context: ApiContext, caller: Caller, items: AsyncIterator[Item]
) -> AsyncIterator[Item]:
    """The same items; raises soon after the caller's rights have ended or are others."""
    now = asyncio.get_running_loop().time
    look_at = now() + context.rights_look_s
    coming: asyncio.Task[Item | None] | None = None
    try:
        while True:
            coming = coming or asyncio.create_task(_next(items))
            await asyncio.wait({coming}, timeout=max(0.0, look_at - now()))
            if now() >= look_at:
                await must_stand(context, caller)
                look_at = now() + context.rights_look_s
            if coming.done():
                item, coming = coming.result(), None
                if item is None:
                    return
                yield item
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def must_stand(context: ApiContext, caller: Caller) -> None:
    """Raise `Unauthenticated` or `Forbidden` unless the caller has the rights it came with."""
    actor = await actor_now(context, caller)
    if actor is None:
        raise Unauthenticated(
            "the session or key that this began with counts no more",
            remedy="Sign in again, or use a key that works.",
        )
    if actor != caller.actor:
        raise Forbidden(
            "what you may do was changed meanwhile",
            remedy="Connect again, and go on with what you may see now.",
        )


async def _told(events: AsyncIterator[ServerSentEvent]) -> AsyncIterator[ServerSentEvent]:
    try:
        async for event in events:
            yield event
    except (Unauthenticated, Forbidden) as error:
        data = problem_of(error).model_dump_json(exclude_none=True)
        yield ServerSentEvent(event=ACCESS_ENDED, data=data)


async def _next(items: AsyncIterator[Item]) -> Item | None:
    return await anext(items, None)
