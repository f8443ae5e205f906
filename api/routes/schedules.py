"""Schedules: artists' rhythms, the next slots of all, run now; and the hold on everything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import ApiContext, Context
from api.etags import SeenOrNone, tag
from api.schemas import Page
from api.security import Operator
from domain.actor import Actor
from domain.hold import Hold
from domain.run import Run
from domain.schedule import Schedule
from services.schedules_view import (
    ScheduleView,
    ScheduleWords,
    SlotView,
    schedule_view,
    slot_view,
)

router = APIRouter(tags=["schedules"])
OF_ARTIST = "/artists/{handle}/schedules"
ONE = OF_ARTIST + "/{name}"
Limit = Annotated[int, Query(ge=1, le=200)]


class Previewed(BaseModel):
    """What would be saved, and its next slots."""

    schedule: ScheduleView
    next: list[AwareDatetime]


class HoldReason(BaseModel):
    """Why everything is held."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "moving to another machine"}]}
    )

    why: str = Field(default="", max_length=2000)


class HoldState(BaseModel):
    """Whether everything is held, and why."""

    held: bool
    hold: Hold | None = None


@router.get("/schedules")
async def list_schedules(
    context: Context, operator: Operator, after: str | None = None, limit: Limit = 50
) -> Page[ScheduleView]:
    """List all artists' schedules in the order they came."""
    found = await context.schedules.page(operator, after, limit)
    items = [schedule_view(schedule, artist) for schedule, artist in found]
    return Page(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/schedules/next")
async def list_next_slots(
    context: Context,
    operator: Operator,
    artist: Annotated[str | None, Query(description="Handle or id of an artist.")] = None,
    limit: Limit = 20,
) -> list[SlotView]:
    """List the next slots, soonest first; nothing is started by looking."""
    return [
        slot_view(coming) for coming in await context.schedules.upcoming(operator, limit, artist)
    ]


@router.get(OF_ARTIST)
async def list_artist_schedules(
    handle: str, context: Context, operator: Operator
) -> list[ScheduleView]:
    """List an artist's schedules."""
    artist = await context.artists.find(operator, handle)
    return [
        schedule_view(s, artist) for s in await context.schedules.of_artist(operator, artist.id)
    ]


@router.get(ONE)
async def show_schedule(
    handle: str, name: str, response: Response, context: Context, operator: Operator
) -> ScheduleView:
    """Show one schedule of an artist."""
    found = await context.schedules.find(operator, handle, name)
    tag(response, found.row_version)
    return await _view(context, operator, found)


@router.put(ONE)
async def set_schedule(
    handle: str,
    name: str,
    body: ScheduleWords,
    seen: SeenOrNone,
    response: Response,
    context: Context,
    operator: Operator,
) -> ScheduleView:
    """Give an artist a rhythm, or change it; slots that have gone by never fire.

    One that is there already is changed only with its ETag as `If-Match`.
    """
    saved = await context.schedules.put(operator, handle, body.change(), name, seen=seen)
    tag(response, saved.row_version)
    return await _view(context, operator, saved)


@router.post(ONE + "/preview")
async def preview_schedule(
    handle: str, name: str, body: ScheduleWords, context: Context, operator: Operator
) -> Previewed:
    """Show what setting it would give, with the next five slots; saves nothing."""
    schedule, slots = await context.schedules.preview(operator, handle, body.change(), name)
    return Previewed(schedule=await _view(context, operator, schedule), next=slots)


@router.post(ONE + "/pause")
async def pause_schedule(
    handle: str, name: str, context: Context, operator: Operator
) -> ScheduleView:
    """Switch one schedule off."""
    return await _view(context, operator, await context.schedules.pause(operator, handle, name))


@router.post(ONE + "/resume")
async def resume_schedule(
    handle: str, name: str, context: Context, operator: Operator
) -> ScheduleView:
    """Switch a schedule on again, from now."""
    return await _view(context, operator, await context.schedules.resume(operator, handle, name))


@router.post(ONE + "/remove")
async def remove_schedule(
    handle: str, name: str, context: Context, operator: Operator
) -> ScheduleView:
    """Forget a schedule; runs that it started stay."""
    return await _view(context, operator, await context.schedules.remove(operator, handle, name))


@router.post(ONE + "/runs", status_code=status.HTTP_202_ACCEPTED)
async def run_now(
    handle: str, name: str, response: Response, context: Context, operator: Operator
) -> Run:
    """Start at once what the schedule would start."""
    run = await context.schedules.run_now(operator, handle, name)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.get("/hold")
async def show_hold(context: Context, operator: Operator) -> HoldState:
    """Show whether everything is held."""
    hold = await context.holds.state(operator)
    return HoldState(held=hold is not None, hold=hold)


@router.post("/hold")
async def hold_everything(
    context: Context, operator: Operator, body: HoldReason | None = None
) -> HoldState:
    """Let nothing begin, and what runs stop at its next safe point."""
    hold = await context.holds.hold(operator, body.why if body else "")
    return HoldState(held=True, hold=hold)


@router.post("/hold/lift")
async def lift_hold(context: Context, operator: Operator) -> HoldState:
    """Let everything go on."""
    await context.holds.lift(operator)
    return HoldState(held=False)


async def _view(context: ApiContext, operator: Actor, schedule: Schedule) -> ScheduleView:
    return schedule_view(schedule, await context.artists.find(operator, schedule.artist_id))
