"""What the calendar shows: days in the reader's zone, with what happens on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Literal
from urllib.parse import urlencode
from zlib import crc32
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.hues import HUES
from api.web.operator_views import Notice
from api.web.page import Page
from domain.actor import Actor
from domain.errors import InvalidInput
from domain.local_time import DAY, at, instant, wall, zone
from services.calendar import CalendarDay, CalendarEntry

View = Literal["month", "week", "day"]
PAGE = "/operator/calendar"
SHOWN = {"month": 5, "week": 30, "day": 300}
CALLED = {
    "slot": "acts",
    "release": "released",
    "post": "posted",
    "expires": "approval expires",
    "veto": "goes out unless stopped",
}
LEGEND_MAX = 16


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asked(_Part):
    """Which part of the calendar is looked at."""

    view: View = "month"
    on: date
    tz: str
    artist: str = ""

    @property
    def where(self) -> ZoneInfo:
        """The reader's zone."""
        return zone(self.tz)

    def url(self, **changes: str) -> str:
        """The address of this view with changes."""
        now = {"view": self.view, "on": self.on.isoformat(), "tz": self.tz, "artist": self.artist}
        return f"{PAGE}?{urlencode({k: v for k, v in (now | changes).items() if v})}"


class Chip(_Part):
    """One thing on a day."""

    kind: str
    clock: str
    who: str
    what: str
    hue: int
    url: str
    moved: bool = False
    slot: str = Field(default="", description="The moment of a slot that can be moved.")
    handle: str = ""
    schedule: str = ""


class DayCell(_Part):
    """One day with what is on it; `more` things are left out."""

    day: date
    name: str
    inside: bool
    today: bool
    chips: tuple[Chip, ...]
    more: int
    url: str


class LegendArtist(_Part):
    """An artist and its colour; the link shows it alone."""

    stage_name: str
    hue: int
    url: str
    here: bool


class Undo(_Part):
    """What takes a move back."""

    artist: str
    schedule: str
    slot: str
    to: str


class CalendarPage(Page):
    """The calendar."""

    template: ClassVar[str] = "calendar.html"

    asked: Asked = Field(description="Which part is looked at.")
    heading: str = Field(description="The stretch of time in words.")
    days: tuple[DayCell, ...] = Field(description="The days, whole weeks in a month.")
    views: tuple[tuple[str, str, bool], ...] = Field(description="The other views.")
    before_url: str = Field(description="The stretch before.")
    after_url: str = Field(description="The stretch after.")
    today_url: str = Field(description="Where today is.")
    legend: tuple[LegendArtist, ...] = Field(description="Artists on the page.")
    everybody_url: str | None = Field(description="All artists, while only one is shown.")
    planned: bool = Field(description="Whether slots are on the page.")
    notice: Notice | None = Field(description="What was just done or went wrong.")
    undo: Undo | None = Field(description="What takes it back.")


class SlotPage(Page):
    """One slot, and the form that moves it."""

    template: ClassVar[str] = "calendar_slot.html"

    asked: Asked = Field(description="Where one came from.")
    back_url: str = Field(description="The way back there.")
    handle: str = Field(description="The artist's handle.")
    stage_name: str = Field(description="The artist.")
    schedule: str = Field(description="Name of the schedule.")
    rhythm: str = Field(description="Its rhythm in words.")
    slot: str = Field(description="The slot's moment.")
    when: str = Field(description="The same in the reader's zone.")
    named: str | None = Field(description="Where the rhythm has it, if it was moved.")
    to: str = Field(description="The new time, as typed.")
    error: str | None = Field(description="What is wrong with it.")
    remedy: str | None = Field(description="What to do about that.")


def asked_for(view: str, on: str, tz: str, artist: str, now: datetime) -> Asked:
    """Read the address; what cannot be read is today, the month, and UTC."""
    try:
        where = zone(tz or "UTC")
    except InvalidInput:
        tz, where = "UTC", zone("UTC")
    try:
        day = date.fromisoformat(on)
        if not 1970 <= day.year <= 2200:
            raise ValueError(on)
    except ValueError:
        day = wall(now, where).date()
    known: View = "week" if view == "week" else "day" if view == "day" else "month"
    return Asked(view=known, on=day, tz=tz or "UTC", artist=artist)


async def calendar_page(
    context: ApiContext,
    actor: Actor,
    asked: Asked,
    notice: Notice | None = None,
    undo: Undo | None = None,
) -> CalendarPage:
    """Read the page."""
    first, last = _stretch(asked)
    days = [first + n * DAY for n in range((last - first).days + 1)]
    edges = [at(day, time(0), asked.where) for day in (*days, last + DAY)]
    most = SHOWN[asked.view]
    found = await context.desk.calendar.days(actor, edges, most, asked.artist or None)
    shown = [entry for day in found for entry in day.entries]
    step = _step(asked)
    today = wall(context.clock.now(), asked.where).date()
    return CalendarPage(
        title="Calendar · Greenroom",
        asked=asked,
        heading=_heading(asked, first, last),
        days=tuple(_cell(asked, *pair, today) for pair in zip(days, found, strict=True)),
        views=tuple((v.title(), asked.url(view=v), v == asked.view) for v in SHOWN),
        before_url=asked.url(on=step[0].isoformat()),
        after_url=asked.url(on=step[1].isoformat()),
        today_url=asked.url(on=today.isoformat()),
        legend=_legend(asked, shown),
        everybody_url=asked.url(artist="") if asked.artist else None,
        planned=any(entry.kind == "slot" for entry in shown),
        notice=notice,
        undo=undo,
    )


def local_moment(text: str, where: ZoneInfo) -> datetime:
    """A moment as a form gives it: local without a zone, or with one of its own."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            "that is no date and time", field="to", remedy="Write it as 2026-05-04T14:30."
        ) from None
    return instant(read, where) if read.tzinfo is None else read


def told(moment: datetime, where: ZoneInfo) -> str:
    """A moment on the reader's wall clock, such as `Tue 5 May, 14:30`."""
    here = wall(moment, where)
    return f"{here:%a} {here.day} {here:%b}, {here:%H:%M}"


def _stretch(asked: Asked) -> tuple[date, date]:
    if asked.view == "day":
        return asked.on, asked.on
    if asked.view == "week":
        monday = asked.on - asked.on.weekday() * DAY
        return monday, monday + 6 * DAY
    first = asked.on.replace(day=1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return first - first.weekday() * DAY, last + (6 - last.weekday()) * DAY


def _step(asked: Asked) -> tuple[date, date]:
    if asked.view != "month":
        days = timedelta(days=7 if asked.view == "week" else 1)
        return asked.on - days, asked.on + days
    first = asked.on.replace(day=1)
    return (first - DAY).replace(day=1), (first + 31 * DAY).replace(day=1)


def _heading(asked: Asked, first: date, last: date) -> str:
    if asked.view == "month":
        return f"{asked.on:%B %Y}"
    if asked.view == "day":
        return f"{first:%A} {first.day} {first:%B %Y}"
    begins = f"{first.day} {first:%B}" if first.month != last.month else str(first.day)
    return f"{begins} – {last.day} {last:%B %Y}"


def _cell(asked: Asked, day: date, found: CalendarDay, today: date) -> DayCell:
    return DayCell(
        day=day,
        name=f"{day:%A} {day.day} {day:%B}",
        inside=asked.view != "month" or day.month == asked.on.month,
        today=day == today,
        chips=tuple(_chip(asked, entry) for entry in found.entries),
        more=found.total - len(found.entries),
        url=asked.url(view="day", on=day.isoformat()),
    )


def _chip(asked: Asked, entry: CalendarEntry) -> Chip:
    chip = Chip(
        kind=entry.kind,
        clock=f"{wall(entry.at, asked.where):%H:%M}",
        who=entry.artist.stage_name,
        what=_what(entry),
        hue=hue(entry.artist.id),
        url=_url(asked, entry),
        moved=entry.moved,
    )
    if entry.schedule is None:
        return chip
    return chip.model_copy(
        update={
            "slot": entry.at.isoformat(),
            "handle": entry.artist.handle,
            "schedule": entry.schedule.name,
        }
    )


def _what(entry: CalendarEntry) -> str:
    if entry.kind == "slot":
        return "acts, moved here" if entry.moved else "acts"
    text = " ".join(entry.text.split())
    return f"{CALLED[entry.kind]} {text[:60]}".strip()


def _url(asked: Asked, entry: CalendarEntry) -> str:
    if entry.kind in ("expires", "veto"):
        return f"/operator/approvals/{entry.subject_id}"
    if entry.schedule is None:
        return f"/operator/runs/{entry.run_id}"
    where = {
        "artist": entry.artist.handle,
        "schedule": entry.schedule.name,
        "slot": entry.at.isoformat(),
        "tz": asked.tz,
        "view": asked.view,
    }
    return f"{PAGE}/slot?{urlencode(where)}"


def _legend(asked: Asked, found: Sequence[CalendarEntry]) -> tuple[LegendArtist, ...]:
    artists = {entry.artist.handle: entry.artist for entry in found}
    return tuple(
        LegendArtist(
            stage_name=artist.stage_name,
            hue=hue(artist.id),
            url=asked.url(artist=handle),
            here=handle == asked.artist,
        )
        for handle, artist in sorted(artists.items())[:LEGEND_MAX]
    )


def hue(artist_id: str) -> int:
    """The artist's colour, one of a few, always the same."""
    return crc32(artist_id.encode()) % HUES
