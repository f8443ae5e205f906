"""Tools about schedules: when an artist acts by itself."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE, NameArtist
from api.mcp.tools.runs import RunLine
from domain.artist import Artist
from domain.schedule import DEFAULT_NAME, Schedule
from domain.seen import Seen
from services.schedules_view import ScheduleView, ScheduleWords, schedule_view


class NameSchedule(Arguments):
    """Which schedule of which artist."""

    artist: str = Field(description=HANDLE)
    name: str = Field(default=DEFAULT_NAME, description="As `list_schedules` told it.")


class SetSchedule(NameSchedule):
    """What the schedule shall be."""

    version: int | None = Field(
        default=None,
        description="As `list_schedules` told it, refused when it has changed; null: a new one.",
    )
    change: ScheduleWords = Field(description="What to set. What is left out stays as it is.")


class ScheduleLine(ScheduleView):
    """A schedule in words."""

    version: int = Field(description="Send it with a change.")


class Schedules(Result):
    """An artist's schedules, oldest first."""

    schedules: list[ScheduleLine]


def _line(schedule: Schedule, artist: Artist) -> ScheduleLine:
    told: dict[str, Any] = dict(schedule_view(schedule, artist))
    return ScheduleLine(version=schedule.row_version, **told)


async def list_schedules(caller: Caller, asked: NameArtist) -> Schedules:
    """List when an artist acts by itself, and when it does next."""
    artist = await caller.context.artists.find(caller.actor, asked.artist)
    found = await caller.context.schedules.of_artist(caller.actor, artist.id)
    return Schedules(schedules=[_line(schedule, artist) for schedule in found])


async def set_schedule(caller: Caller, asked: SetSchedule) -> ScheduleLine:
    """Give an artist a rhythm in plain words, such as “twice a week”, or change one.

    Slots that have gone by never fire. `approve: auto` takes the right to approve.
    """
    new = asked.version is None
    seen = Seen(nothing=True) if new else Seen(versions=frozenset({asked.version or 0}))
    schedule = await caller.context.schedules.put(
        caller.actor, asked.artist, asked.change.change(), asked.name, seen=seen
    )
    return await _told(caller, schedule)


async def pause_schedule(caller: Caller, asked: NameSchedule) -> ScheduleLine:
    """Switch one schedule off; the artist's others go on."""
    found = await caller.context.schedules.pause(caller.actor, asked.artist, asked.name)
    return await _told(caller, found)


async def resume_schedule(caller: Caller, asked: NameSchedule) -> ScheduleLine:
    """Switch a schedule on again, from now."""
    found = await caller.context.schedules.resume(caller.actor, asked.artist, asked.name)
    return await _told(caller, found)


async def remove_schedule(caller: Caller, asked: NameSchedule) -> ScheduleLine:
    """Forget a schedule; runs that it started stay. Gives what it was."""
    found = await caller.context.schedules.remove(caller.actor, asked.artist, asked.name)
    return await _told(caller, found)


async def run_schedule_now(caller: Caller, asked: NameSchedule) -> RunLine:
    """Start at once what a schedule would start.

    Answers at once; `show_run` tells how far it is. It takes minutes.
    """
    run = await caller.context.schedules.run_now(caller.actor, asked.artist, asked.name)
    artist = await caller.context.artists.find(caller.actor, run.artist_id)
    return RunLine.of(run, artist)


async def _told(caller: Caller, schedule: Schedule) -> ScheduleLine:
    return _line(schedule, await caller.context.artists.find(caller.actor, schedule.artist_id))


TOOLS = (
    McpTool(
        "list_schedules",
        "List an artist's schedules",
        "read",
        NameArtist,
        Schedules,
        list_schedules,
        read_only=True,
    ),
    McpTool("set_schedule", "Set a schedule", "steer", SetSchedule, ScheduleLine, set_schedule),
    McpTool(
        "pause_schedule",
        "Pause a schedule",
        "steer",
        NameSchedule,
        ScheduleLine,
        pause_schedule,
        idempotent=True,
    ),
    McpTool(
        "resume_schedule",
        "Resume a schedule",
        "steer",
        NameSchedule,
        ScheduleLine,
        resume_schedule,
        idempotent=True,
    ),
    McpTool(
        "remove_schedule",
        "Remove a schedule",
        "steer",
        NameSchedule,
        ScheduleLine,
        remove_schedule,
        destructive=True,
    ),
    McpTool(
        "run_schedule_now",
        "Run a schedule now",
        "steer",
        NameSchedule,
        RunLine,
        run_schedule_now,
        open_world=True,
    ),
)
