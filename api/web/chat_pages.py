"""The chat pages: talk with an artist; everything works by plain forms, and grows with a script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import JSONResponse, Response

from api.context import ApiContext, Context
from api.listing import NUMBER_MAX
from api.security import FromOurPage, LocalAsking, LocalOperator
from api.streams import event_stream
from api.web.chat_view import PAGE, chat_home, chat_page, turn_part
from api.web.once import Sent, once
from api.web.operator_views import bad_notice, typed_notice
from domain.actor import Actor
from domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.ports.chat import TextPiece
from domain.seen import Seen
from domain.talk import Turn
from services.answering import grown
from services.following_answers import Snapshot

router = APIRouter(prefix=PAGE, include_in_schema=False)
SEE_OTHER = 303
TEXT_MAX = 20_000
Text = Annotated[str, Form(max_length=TEXT_MAX)]


@router.get("")
async def home(
    context: Context, operator: LocalOperator, artist: str | None = None
) -> HTMLResponse:
    """The talks; `artist` is chosen for a new one."""
    return (await chat_home(context, operator, artist)).response()


@router.post("", dependencies=[FromOurPage])
async def begin(
    context: Context, operator: LocalOperator, sent: Sent, artist: Text = "", text: Text = ""
) -> Response:
    """Say the first word of a new talk."""

    async def start() -> Response:
        if not text.strip():
            raise InvalidInput("nothing was said", field="text", remedy="Write a sentence.")
        talk = await context.talks.start(operator, artist)
        await context.talks.say(operator, talk.id, text)
        return RedirectResponse(f"{PAGE}/{talk.id}", SEE_OTHER)

    try:
        return await once(context, operator, sent, start)
    except (InvalidInput, Conflict, NotFound) as error:
        page = await chat_home(context, operator, artist, text, bad_notice(error))
        return page.response(error.status)


@router.get("/{talk_id}")
async def show(
    talk_id: str,
    context: Context,
    operator: LocalOperator,
    before: Annotated[int | None, Query(ge=1, le=NUMBER_MAX)] = None,
) -> HTMLResponse:
    """One talk."""
    return (await chat_page(context, operator, talk_id, before=before)).response()


@router.post("/{talk_id}/say", dependencies=[FromOurPage])
async def say(
    talk_id: str,
    request: Request,
    context: Context,
    operator: LocalOperator,
    text: Text = "",
    key: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Say something; a script gets both turns as HTML, a plain form the page."""
    scripted = _scripted(request)
    try:
        answer = await context.talks.say(operator, talk_id, text, key=key or None)
    except (InvalidInput, Conflict) as error:
        if scripted:
            notice = bad_notice(error)
            told = {"problem": f"{notice.text} {notice.remedy or ''}".strip()}
            return JSONResponse(told, error.status)
        page = await chat_page(context, operator, talk_id, said=text, notice=bad_notice(error))
        return page.response(error.status)
    if not scripted:
        return _back(talk_id)
    # The turn before these as well: what was said may have answered its question.
    turns = await context.talks.turns(operator, talk_id, before=answer.number + 1, limit=3)
    name = (await context.artists.find(operator, answer.artist_id)).stage_name
    parts = [await turn_part(context, operator, turn, name, own=True) for turn in turns]
    return JSONResponse({"html": "".join(p.html() for p in parts), "turn": answer.id})


@router.get("/{talk_id}/turns/{turn_id}/events")
async def follow(
    talk_id: str, turn_id: str, context: Context, caller: LocalAsking
) -> EventSourceResponse:
    """An answer as it grows: `text` is appended, `turn` replaces all that was shown of it.

    Whoever was cut off begins with the whole turn again, so nothing is shown twice.
    """
    operator = caller.actor
    talk = await context.talks.get(operator, talk_id)
    turn = await context.talks.turn(operator, talk_id, turn_id)
    name = (await context.artists.find(operator, turn.artist_id)).stage_name
    drawn = _drawn(context, operator, turn, name, own=talk.person == operator.id)
    return event_stream(context, caller, drawn)


@router.post("/{talk_id}/stop", dependencies=[FromOurPage])
async def stop(
    talk_id: str, request: Request, context: Context, operator: LocalOperator
) -> Response:
    """Stop the answer."""
    turn = await context.talks.stop(operator, talk_id)
    return await _turn_or_back(request, context, operator, turn)


@router.post("/{talk_id}/again", dependencies=[FromOurPage])
async def again(
    talk_id: str, request: Request, context: Context, operator: LocalOperator
) -> Response:
    """Let the artist answer once more."""
    try:
        turn = await context.talks.again(operator, talk_id)
    except Conflict:
        return _back(talk_id)  # Another window was quicker.
    return await _turn_or_back(request, context, operator, turn)


@router.post("/{talk_id}/questions/{question_id}", dependencies=[FromOurPage])
async def decide(
    talk_id: str,
    question_id: str,
    request: Request,
    context: Context,
    operator: LocalOperator,
    yes: Annotated[bool, Form()],
) -> Response:
    """Say yes or no."""
    try:
        turn = await context.talks.decide(operator, talk_id, question_id, yes=yes)
    except (Conflict, Forbidden) as error:
        page = await chat_page(context, operator, talk_id, notice=bad_notice(error))
        return page.response(error.status)
    return await _turn_or_back(request, context, operator, turn)


@router.post("/{talk_id}/directives/{directive_id}/{act}", dependencies=[FromOurPage])
async def change_directive(
    talk_id: str,
    directive_id: str,
    act: str,
    context: Context,
    operator: LocalOperator,
    text: Text = "",
    version: Annotated[int, Form(ge=0, le=NUMBER_MAX)] = 0,
) -> Response:
    """Edit or revoke a directive where it was given; a stale edit overwrites nothing."""
    try:
        if act == "revoke":
            await context.directives.revoke(operator, directive_id)
        elif act == "edit":
            seen = Seen(versions=frozenset({version}))
            await context.directives.edit(operator, directive_id, text, seen=seen)
        else:
            raise NotFound(f"a directive cannot be {act!r}")
    except (Conflict, InvalidInput, Forbidden) as error:
        page = await chat_page(context, operator, talk_id, notice=typed_notice(error, text))
        return page.response(error.status)
    return _back(talk_id)


async def _drawn(
    context: ApiContext, actor: Actor, turn: Turn, name: str, *, own: bool
) -> AsyncIterator[ServerSentEvent]:
    async for told in context.talks.follow(actor, turn.talk_id, turn.id):
        if isinstance(told.event, Snapshot):
            turn = told.event.turn
        else:
            parts = grown(turn.parts, told.event)
            turn = turn.model_copy(update={"parts": parts})
            if isinstance(told.event, TextPiece):
                data = json.dumps({"text": told.event.text})
                yield ServerSentEvent(event="text", data=data, retry=1500)
                continue
        part = await turn_part(context, actor, turn, name, own=own)
        data = json.dumps({"html": part.html(), "status": turn.status.value})
        yield ServerSentEvent(event="turn", data=data, retry=1500)


async def _turn_or_back(
    request: Request, context: ApiContext, actor: Actor, turn: Turn
) -> Response:
    if not _scripted(request):
        return _back(turn.talk_id)
    name = (await context.artists.find(actor, turn.artist_id)).stage_name
    part = await turn_part(context, actor, turn, name, own=True)
    return JSONResponse({"html": part.html(), "turn": turn.id, "status": turn.status.value})


def _scripted(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _back(talk_id: str) -> Response:
    return RedirectResponse(f"{PAGE}/{talk_id}", SEE_OTHER)
