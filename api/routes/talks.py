"""Talks with artists: begin one, say something, follow the answer, answer its questions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.callers import Caller
from api.context import ApiContext, Context
from api.listing import NUMBER_MAX, After
from api.schemas import Page
from api.security import Asking, Operator
from api.streams import event_stream
from domain.talk import SAID_MAX_CHARS, Talk, Turn
from services.following_answers import Told

router = APIRouter(tags=["talks"])
STREAM = "text/event-stream"
Limit = Annotated[int, Query(ge=1, le=200, description="At most this many.")]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=100,
        description="Go on behind this event; what went before is not sent again.",
    ),
]
EVENTS = {
    200: {
        "description": "The answer as it grows. `event` is the kind: `text`, `tool_begun`, "
        "`tool_ended`, `question`, `finished`, `failed`, `stopped`; `turn` is the whole turn as "
        "it is kept, which comes last; `access_ended` where you may not hear it any more.",
        "content": {STREAM: {"schema": {"type": "string"}}},
    }
}


class NewTurn(BaseModel):
    """What to say."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "Your next song should be slower."}]},
    )

    text: str = Field(min_length=1, max_length=SAID_MAX_CHARS)
    key: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Your own name for it: said twice under one key, it is one turn.",
    )


class Word(BaseModel):
    """A person's word on a question."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"yes": True}]})

    yes: bool


class TalkOut(BaseModel):
    """A talk and its last turns, oldest first."""

    talk: Talk
    turns: list[Turn]


@router.post("/artists/{handle}/talks", status_code=status.HTTP_201_CREATED)
async def start_talk(handle: str, response: Response, context: Context, operator: Operator) -> Talk:
    """Begin a talk with an artist."""
    talk = await context.talks.start(operator, handle)
    response.headers["Location"] = f"/api/v1/talks/{talk.id}"
    return talk


@router.get("/artists/{handle}/talks")
async def list_artist_talks(
    handle: str, context: Context, operator: Operator, after: After = None, limit: Limit = 30
) -> Page[Talk]:
    """List everybody's talks with an artist, the lately used first."""
    found = await context.talks.page(operator, handle, after=after, limit=limit)
    return _page(found, limit)


@router.get("/talks")
async def list_own_talks(
    context: Context, operator: Operator, after: After = None, limit: Limit = 30
) -> Page[Talk]:
    """List your own talks with all artists, the lately used first."""
    return _page(await context.talks.page(operator, after=after, limit=limit), limit)


@router.get("/talks/{talk_id}")
async def show_talk(
    talk_id: str,
    context: Context,
    operator: Operator,
    before: Annotated[
        int | None, Query(ge=1, le=NUMBER_MAX, description="Turns before this number.")
    ] = None,
    limit: Limit = 50,
) -> TalkOut:
    """Show a talk with its last turns."""
    talk = await context.talks.get(operator, talk_id)
    turns = await context.talks.turns(operator, talk_id, before=before, limit=limit)
    return TalkOut(talk=talk, turns=turns)


@router.post(
    "/talks/{talk_id}/turns",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Turn,
    responses=EVENTS,  # type: ignore[arg-type]
)
async def say(
    talk_id: str,
    body: NewTurn,
    request: Request,
    response: Response,
    context: Context,
    caller: Asking,
) -> Turn | EventSourceResponse:
    """Say something; the answer's turn comes back at once, its words come as events.

    With `Accept: text/event-stream` the events come in this very response. The answer goes on
    when the connection is cut: read it later, or go on at `…/events` with `Last-Event-ID`.
    """
    turn = await context.talks.say(caller.actor, talk_id, body.text, key=body.key)
    if STREAM in request.headers.get("accept", ""):
        return _stream(context, caller, turn, f"{turn.tries}.0")
    response.headers["Location"] = _address(turn)
    return turn


@router.get("/talks/{talk_id}/turns/{turn_id}")
async def show_turn(talk_id: str, turn_id: str, context: Context, operator: Operator) -> Turn:
    """Show one turn."""
    return await context.talks.turn(operator, talk_id, turn_id)


@router.get(
    "/talks/{talk_id}/turns/{turn_id}/events",
    response_class=EventSourceResponse,
    responses=EVENTS,  # type: ignore[arg-type]
)
async def follow_answer(
    talk_id: str,
    turn_id: str,
    context: Context,
    caller: Asking,
    last_event_id: LastEventId = None,
) -> EventSourceResponse:
    """Follow an answer as it grows."""
    turn = await context.talks.turn(caller.actor, talk_id, turn_id)
    return _stream(context, caller, turn, last_event_id)


@router.post("/talks/{talk_id}/stop")
async def stop_answer(talk_id: str, context: Context, operator: Operator) -> Turn:
    """Stop the answer; its words so far stay."""
    return await context.talks.stop(operator, talk_id)


@router.post("/talks/{talk_id}/again", status_code=status.HTTP_202_ACCEPTED)
async def answer_again(
    talk_id: str, response: Response, context: Context, operator: Operator
) -> Turn:
    """Let the artist answer once more, where its answer failed or was stopped."""
    turn = await context.talks.again(operator, talk_id)
    response.headers["Location"] = _address(turn)
    return turn


@router.post("/talks/{talk_id}/questions/{question_id}")
async def answer_question(
    talk_id: str, question_id: str, body: Word, context: Context, operator: Operator
) -> Turn:
    """Say yes or no to what the artist asked; an act that is agreed to twice is done once."""
    return await context.talks.decide(operator, talk_id, question_id, yes=body.yes)


def _stream(
    context: ApiContext, caller: Caller, turn: Turn, last_id: str | None
) -> EventSourceResponse:
    told = context.talks.follow(caller.actor, turn.talk_id, turn.id, last_id)
    return event_stream(context, caller, _lines(told))


async def _lines(told: AsyncIterator[Told]) -> AsyncIterator[ServerSentEvent]:
    async for one in told:
        data = one.event.model_dump_json()
        yield ServerSentEvent(id=one.id, event=one.event.type, data=data, retry=1500)


def _address(turn: Turn) -> str:
    return f"/api/v1/talks/{turn.talk_id}/turns/{turn.id}"


def _page(found: list[Talk], limit: int) -> Page[Talk]:
    return Page(items=found, next=found[-1].id if len(found) == limit else None)
