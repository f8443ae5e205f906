"""The calendar and the moving of slots in it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.calendar_view import (
    Asked,
    SlotPage,
    Undo,
    asked_for,
    calendar_page,
    local_moment,
    told,
)
from api.web.operator_views import Notice
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput, NotFound
from domain.local_time import wall
from domain.rhythm_words import rhythm_words
from domain.schedule import DEFAULT_NAME
from services.slot_moves import Moved

router = APIRouter(prefix="/operator/calendar", include_in_schema=False)
Text = Annotated[str, Form(max_length=100)]


@router.get("")
async def calendar(
    context: Context,
    operator: LocalOperator,
    view: str = "month",
    on: str = "",
    tz: str = "",
    artist: str = "",
) -> HTMLResponse:
    """A month, a week or a day."""
    asked = asked_for(view, on, tz, artist, context.clock.now())
    return (await calendar_page(context, operator, asked)).response()


@router.get("/slot")
async def slot(
    context: Context,
    operator: LocalOperator,
    slot: str,
    artist: str,
    schedule: str = DEFAULT_NAME,
    tz: str = "",
    view: str = "month",
) -> HTMLResponse:
    """One slot, with the form that moves it."""
    asked = asked_for(view, "", tz, "", context.clock.now())
    moment = local_moment(slot, asked.where)
    return (await _slot_page(context, operator, asked, artist, schedule, moment)).response()


@router.post("/move", dependencies=[FromOurPage])
async def move(
    context: Context,
    operator: LocalOperator,
    slot: Text,
    to: Text,
    artist: Text,
    schedule: Text = DEFAULT_NAME,
    tz: Text = "",
    view: Text = "month",
) -> HTMLResponse:
    """Move a slot, and show where it is now; what cannot be is told beside the form."""
    asked = asked_for(view, "", tz, "", context.clock.now())
    moment = local_moment(slot, asked.where)
    try:
        moved = await context.schedules.move(
            operator, artist, moment, local_moment(to, asked.where), schedule
        )
    except (InvalidInput, Conflict) as error:
        page = await _slot_page(context, operator, asked, artist, schedule, moment)
        wrong = {"to": to, "error": error.message, "remedy": error.remedy}
        return page.model_copy(update=wrong).response(error.status)
    except NotFound as error:
        gone = Notice(kind="bad", text=f"{error.message}.", remedy=error.remedy)
        return (await calendar_page(context, operator, asked, gone)).response(error.status)
    return await _moved(context, operator, asked, artist, moved)


async def _moved(
    context: ApiContext, actor: Actor, asked: Asked, artist: str, moved: Moved
) -> HTMLResponse:
    shown = asked.model_copy(update={"on": wall(moved.to_at, asked.where).date()})
    text = f"Moved from {told(moved.slot_at, asked.where)} to {told(moved.to_at, asked.where)}."
    notice = Notice(
        kind="ask" if moved.warnings else "good",
        text=text,
        remedy=" ".join(moved.warnings) or None,
    )
    back = Undo(
        artist=artist,
        schedule=moved.schedule.name,
        slot=moved.to_at.isoformat(),
        to=moved.slot_at.isoformat(),
    )
    return (await calendar_page(context, actor, shown, notice, back)).response()


async def _slot_page(
    context: ApiContext, actor: Actor, asked: Asked, artist: str, name: str, moment: datetime
) -> SlotPage:
    found = await context.artists.find(actor, artist)
    schedule = await context.schedules.find(actor, found.id, name)
    here = wall(moment, asked.where)
    named = schedule.named(moment)
    return SlotPage(
        title=f"A slot of {found.stage_name} · Greenroom",
        asked=asked,
        back_url=asked.url(on=here.date().isoformat()),
        handle=found.handle,
        stage_name=found.stage_name,
        schedule=schedule.name,
        rhythm=rhythm_words(schedule.rhythm),
        slot=moment.isoformat(),
        when=told(moment, asked.where),
        named=told(named, asked.where) if named != moment else None,
        to=here.isoformat(timespec="minutes"),
        error=None,
        remedy=None,
    )
