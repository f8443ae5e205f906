"""When an artist acts: the kinds of rhythm, and what each of them must keep to."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.cron import check_cron
from domain.errors import InvalidInput

ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)
MINUTES_A_DAY = 24 * 60
# Two slots nearer than this are one act for whoever listens.
SHORTEST_SHARE_MIN = 10
SHORTEST_PERIOD_MIN = 10
LONGEST_PERIOD_MIN = 366 * MINUTES_A_DAY

Weekdays = Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Window(_Part):
    """From one local time to another; it may cross midnight, and 00:00 to 00:00 is a whole day."""

    start: time
    end: time

    @property
    def minutes(self) -> int:
        """How long it is on a day without a change of the clocks."""
        length = (_minutes(self.end) - _minutes(self.start)) % MINUTES_A_DAY
        return length or (MINUTES_A_DAY if self.start == time(0) == self.end else 0)


DAYTIME = Window(start=time(10), end=time(22))


class Cron(_Part):
    """A cron expression of five fields."""

    kind: Literal["cron"] = "cron"
    expression: str


class At(_Part):
    """Exact local times on some weekdays; Monday is 0."""

    kind: Literal["at"] = "at"
    times: Annotated[tuple[time, ...], Field(min_length=1)]
    weekdays: Weekdays = ALL_DAYS


class Slots(_Part):
    """So many times a day or week, somewhere in a window of each of some weekdays.

    The window, or those of a week put end to end, is cut into equal shares, one a slot. Where in
    its share a slot lies differs from day to day and from artist to artist, and never changes.
    """

    kind: Literal["slots"] = "slots"
    times: Annotated[int, Field(ge=1)]
    per: Literal["day", "week"]
    window: Window = DAYTIME
    weekdays: Weekdays = ALL_DAYS


class Every(_Part):
    """Again and again after so many minutes, whatever the clocks do meanwhile."""

    kind: Literal["every"] = "every"
    minutes: int


class AfterRelease(_Part):
    """Once after each release of the artist that goes live."""

    kind: Literal["after_release"] = "after_release"
    delay_minutes: int = 0


AnyRhythm = Cron | At | Slots | Every | AfterRelease
Rhythm = Annotated[AnyRhythm, Field(discriminator="kind")]


def check_rhythm(rhythm: AnyRhythm) -> None:
    """Raise `InvalidInput` naming `rhythm` when it can never be kept."""
    if isinstance(rhythm, Cron):
        check_cron(rhythm.expression)
    elif isinstance(rhythm, Slots):
        _check_slots(rhythm)
    elif isinstance(rhythm, Every):
        low, high = SHORTEST_PERIOD_MIN, LONGEST_PERIOD_MIN
        if not low <= rhythm.minutes <= high:
            raise _bad(
                f"every {rhythm.minutes} minutes is no rhythm for an artist",
                f"Choose between {low} minutes and {high // MINUTES_A_DAY} days.",
            )
    elif isinstance(rhythm, AfterRelease) and not 0 <= rhythm.delay_minutes <= LONGEST_PERIOD_MIN:
        raise _bad("so late after a release nobody remembers it", "Wait a year at most.")


def _check_slots(rhythm: Slots) -> None:
    if rhythm.window.minutes == 0:
        raise _bad(
            f"nothing lies between {rhythm.window.start:%H:%M} and {rhythm.window.end:%H:%M}",
            "Give two different times; “between 0:00 and 24:00” is the whole day.",
        )
    days = len(set(rhythm.weekdays)) if rhythm.per == "week" else 1
    most = days * rhythm.window.minutes // SHORTEST_SHARE_MIN
    if rhythm.times > most:
        raise _bad(
            f"{rhythm.times} times a {rhythm.per} do not fit between "
            f"{rhythm.window.start:%H:%M} and {rhythm.window.end:%H:%M}",
            f"At most {most} do: each needs {SHORTEST_SHARE_MIN} minutes."
            if most
            else f"Give a window of at least {SHORTEST_SHARE_MIN} minutes.",
        )


def _bad(message: str, remedy: str) -> InvalidInput:
    return InvalidInput(message, field="rhythm", remedy=remedy)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
