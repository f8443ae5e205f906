"""Schedules in the words that people and scripts read and write."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.artist import Artist
from domain.clock_words import parse_window, window_words
from domain.rhythm_words import parse_rhythm, rhythm_words
from domain.schedule import DEFAULT_NAME, LastSlot, Overlap, Schedule
from services.schedules import ScheduleChange, Upcoming

NO_QUIET = ("none", "off")


class ScheduleWords(BaseModel):
    """What to set, in plain words; what is left out stays as it is."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"rhythm": "twice a week", "tz": "Europe/Berlin", "quiet": "22:00-8:00"},
                {"rhythm": "30 18 * * 1-5", "jitter_minutes": 20, "approve": "auto"},
            ]
        },
    )

    rhythm: str | None = Field(
        default=None, description="Plain words or a cron expression of five fields."
    )
    tz: str | None = Field(default=None, description="IANA time zone; UTC unless given.")
    quiet: str | None = Field(
        default=None, description="Local hours without slots, such as 22:00-8:00, or `none`."
    )
    jitter_minutes: int | None = Field(
        default=None, description="Delay each slot by up to so many minutes."
    )
    approve: Literal["ask", "auto", "level"] | None = Field(
        default=None,
        description="`auto` approves by standing order what passes the gates, unless the artist's "
        "level is stricter; `level` leaves it to the level.",
    )
    overlap: Overlap | None = Field(
        default=None, description="While the run before goes on: `skip` the slot, or `queue` one."
    )
    catch_up: bool | None = Field(
        default=None, description="Keep a missed slot within grace, once; otherwise skip it."
    )

    def change(self) -> ScheduleChange:
        """Read the words; raises `InvalidInput` naming the field."""
        given = self.model_dump(exclude_none=True, exclude={"rhythm", "quiet"})
        if self.rhythm is not None:
            given["rhythm"] = parse_rhythm(self.rhythm)
        if self.quiet is not None:
            none = self.quiet.strip().lower() in NO_QUIET
            given["quiet"] = "none" if none else parse_window(self.quiet, "quiet")
        return ScheduleChange.model_validate(given)


class ScheduleView(BaseModel):
    """A schedule as people read it."""

    model_config = ConfigDict(frozen=True)

    id: str
    artist: str = Field(description="The artist's handle.")
    stage_name: str
    name: str = DEFAULT_NAME
    rhythm: str
    tz: str
    quiet: str | None
    jitter_minutes: int
    approve: Literal["ask", "auto", "level"]
    overlap: Overlap
    catch_up: bool
    enabled: bool
    next_at: AwareDatetime | None
    last: LastSlot | None


class SlotView(BaseModel):
    """A slot that comes."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    artist: str = Field(description="The artist's handle.")
    stage_name: str
    name: str = Field(description="The schedule's name.")
    rhythm: str
    tz: str


def schedule_view(schedule: Schedule, artist: Artist) -> ScheduleView:
    """The schedule in words."""
    return ScheduleView(
        artist=artist.handle,
        stage_name=artist.stage_name,
        rhythm=rhythm_words(schedule.rhythm),
        quiet=window_words(schedule.quiet) if schedule.quiet else None,
        approve=schedule.own or "level",
        **{
            name: getattr(schedule, name)
            for name in ScheduleView.model_fields
            if name not in ("artist", "stage_name", "rhythm", "quiet", "approve")
        },
    )


def slot_view(coming: Upcoming) -> SlotView:
    """The slot in words."""
    return SlotView(
        at=coming.slot_at,
        artist=coming.artist.handle,
        stage_name=coming.artist.stage_name,
        name=coming.schedule.name,
        rhythm=rhythm_words(coming.schedule.rhythm),
        tz=coming.schedule.tz,
    )
