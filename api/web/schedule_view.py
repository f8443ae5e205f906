"""What the rhythm page shows: who acts when, what comes next, and the form with its preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.operator_views import Notice
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.artist import Artist, ArtistStatus
from domain.errors import GreenroomError, NotFound
from domain.hold import Hold
from domain.local_time import wall, zone, zone_names
from domain.schedule import DEFAULT_NAME, Schedule
from services.schedules_view import (
    ScheduleView,
    ScheduleWords,
    SlotView,
    schedule_view,
    slot_view,
)

PAGE = "/operator/schedule"
SLOTS_SHOWN = 40
RHYTHMS_A_PAGE = 50
ARTISTS_TO_CHOOSE = 200
EXAMPLES = (
    "twice a week",
    "weekdays at 9",
    "daily at 18:30",
    "3 times a day between 10 and 22",
    "every 6 hours",
    "after each release",
)
DONE = {
    "saved": "Saved. It keeps to that from now on.",
    "paused": "That schedule is off; it fires nothing until you resume it.",
    "resumed": "That schedule is on again, from now.",
    "removed": "That schedule is gone; runs that it started stay.",
    "held": "Everything stops at its next safe point, and nothing begins.",
    "lifted": "Everything goes on.",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ArtistChoice(_Part):
    """An artist to give a rhythm to."""

    handle: str
    stage_name: str
    has_rhythm: bool


class ComingSlot(_Part):
    """A slot as a wall clock in the artist's zone shows it, and the moment itself."""

    at: datetime
    shown: str


class RhythmForm(_Part):
    """The form, kept as typed; `coming` previews what it would give."""

    artist: str = ""
    name: str = DEFAULT_NAME
    rhythm: str = ""
    tz: str = ""
    quiet: str = ""
    jitter: str = ""
    approve: Literal["ask", "auto", "level"] = "level"
    overlap: Literal["skip", "queue"] = "skip"
    catch_up: bool = True
    field: str | None = None
    error: str | None = None
    remedy: str | None = None
    read_as: str | None = None
    coming: tuple[ComingSlot, ...] = ()

    @property
    def details_open(self) -> bool:
        """Whether the finer points are set, or wrong."""
        fine = (self.quiet, self.jitter, self.approve != "level", self.overlap == "queue")
        wrong = self.field in ("quiet", "jitter_minutes", "name", "approve", "overlap")
        return wrong or any(fine) or not self.catch_up or self.name != DEFAULT_NAME


class ScheduleLive(Fragment):
    """The part of the rhythm page that follows the event log."""

    template: ClassVar[str] = "schedule_live.html"

    hold: Hold | None = Field(description="The hold that stands, if one does.")
    coming: tuple[SlotView, ...] = Field(description="The next slots of all artists.")
    schedules: tuple[ScheduleView, ...] = Field(description="Schedules of this page, by name.")
    next_url: str = Field(description="The page behind, if there is one.")
    first_url: str = Field(description="The first page, from a later one.")


class SchedulePage(Page):
    """The rhythm page."""

    template: ClassVar[str] = "schedule.html"

    live_html: ScheduleLive = Field(description="The part that follows the event log.")
    live_url: str = Field(description="Where that part is read again.")
    artists: tuple[ArtistChoice, ...] = Field(description="Artists that may be given a rhythm.")
    more_artists: bool = Field(description="Whether there are others, chosen by their handle.")
    zones: tuple[str, ...] = Field(description="Time zones to choose from.")
    examples: tuple[str, ...] = Field(description="Rhythms in plain words.")
    form: RhythmForm = Field(description="The form, as typed.")
    notice: Notice | None = Field(description="What was just done or went wrong.")
    last_event: int = Field(description="Event id from which the page follows.")


class HoldBanner(Fragment):
    """Told at the top of every page of the operator while everything is held."""

    template: ClassVar[str] = "hold.html"

    hold: Hold | None = Field(description="The hold that stands, if one does.")


async def schedule_live(
    context: ApiContext, operator: Actor, after: str | None = None
) -> ScheduleLive:
    """Read what the page follows; `after` is the last schedule of the page before."""
    found = await context.schedules.page(operator, after, RHYTHMS_A_PAGE + 1)
    shown = found[:RHYTHMS_A_PAGE]
    views = [schedule_view(schedule, artist) for schedule, artist in shown]
    return ScheduleLive(
        hold=await context.holds.state(operator),
        coming=tuple(slot_view(c) for c in await context.schedules.upcoming(operator, SLOTS_SHOWN)),
        schedules=tuple(sorted(views, key=lambda view: (view.stage_name, view.name))),
        next_url=f"{PAGE}?after={shown[-1][0].id}" if len(found) > len(shown) else "",
        first_url=PAGE if after else "",
    )


async def schedule_page(
    context: ApiContext,
    operator: Actor,
    form: RhythmForm | None = None,
    notice: Notice | None = None,
    after: str | None = None,
) -> SchedulePage:
    """Read the page."""
    last_event = await context.views.last_event()
    artists = await context.artists.page(operator, limit=ARTISTS_TO_CHOOSE + 1)
    return SchedulePage(
        title="Rhythms · Greenroom",
        live_html=await schedule_live(context, operator, after),
        live_url=f"{PAGE}/live" + (f"?after={quote(after)}" if after else ""),
        artists=await _choices(context, operator, artists[:ARTISTS_TO_CHOOSE]),
        more_artists=len(artists) > ARTISTS_TO_CHOOSE,
        zones=tuple(sorted(zone_names())),
        examples=EXAMPLES,
        form=form or RhythmForm(),
        notice=notice,
        last_event=last_event,
    )


async def form_of(
    context: ApiContext, operator: Actor, artist: str | None, name: str
) -> RhythmForm:
    """The form for an artist: filled with the schedule it has, if it has one of that name."""
    if not artist:
        return RhythmForm()
    found = await context.artists.find(operator, artist)
    try:
        schedule = await context.schedules.find(operator, found.id, name)
    except NotFound:
        return RhythmForm(artist=found.handle, name=name)
    view = schedule_view(schedule, found)
    return RhythmForm(
        artist=view.artist,
        name=view.name,
        rhythm=view.rhythm,
        tz=view.tz,
        quiet=view.quiet or "",
        jitter=str(view.jitter_minutes or ""),
        approve=view.approve,
        overlap=view.overlap,
        catch_up=view.catch_up,
    )


def words_of(form: RhythmForm) -> ScheduleWords:
    """What the form says; fields left empty say no."""
    return ScheduleWords(
        rhythm=form.rhythm,
        tz=form.tz.strip() or "UTC",
        quiet=form.quiet.strip() or "none",
        jitter_minutes=int(form.jitter.strip() or 0),
        approve=form.approve,
        overlap=form.overlap,
        catch_up=form.catch_up,
    )


async def previewed(context: ApiContext, operator: Actor, form: RhythmForm) -> RhythmForm:
    """The form with the slots that saving it would give."""
    schedule, slots = await context.schedules.preview(
        operator, form.artist, words_of(form).change(), form.name
    )
    read = schedule_view(schedule, await context.artists.find(operator, form.artist)).rhythm
    return form.model_copy(update={"coming": _shown(schedule, slots), "read_as": read})


def refused(form: RhythmForm, error: GreenroomError) -> RhythmForm:
    """The form with what is wrong beside its field."""
    told = f"{error.message[:1].upper()}{error.message[1:]}."
    return form.model_copy(
        update={"field": error.field or "artist", "error": told, "remedy": error.remedy}
    )


def _shown(schedule: Schedule, slots: Sequence[datetime]) -> tuple[ComingSlot, ...]:
    where = zone(schedule.tz)
    local = ((slot, wall(slot, where)) for slot in slots)
    return tuple(
        ComingSlot(at=slot, shown=f"{here:%a} {here.day} {here:%b, %H:%M}") for slot, here in local
    )


async def _choices(
    context: ApiContext, operator: Actor, artists: Sequence[Artist]
) -> tuple[ArtistChoice, ...]:
    known = await context.schedules.having(operator, [artist.id for artist in artists])
    return tuple(
        ArtistChoice(handle=a.handle, stage_name=a.stage_name, has_rhythm=a.id in known)
        for a in artists
        if a.status is not ArtistStatus.RETIRED
    )
