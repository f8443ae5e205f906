"""A schedule: an artist's rhythm with its zone, quiet hours and manners."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.entity import Entity
from domain.errors import InvalidInput
from domain.local_time import zone
from domain.rhythm import Rhythm, Slots, Window, check_rhythm

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
DEFAULT_NAME = "main"
JITTER_MAX_MIN = 12 * 60

Overlap = Literal["skip", "queue"]
SkipReason = Literal["status", "overlap", "approvals", "late", "broken"]


class Pending(BaseModel):
    """A release that went live, and when the artist acts on it."""

    model_config = ConfigDict(frozen=True)

    release_id: str
    due_at: AwareDatetime


class Shift(BaseModel):
    """A slot that a person moved, once: the rhythm names `slot_at`, the artist acts at `to_at`."""

    model_config = ConfigDict(frozen=True)

    slot_at: AwareDatetime
    to_at: AwareDatetime


class LastSlot(BaseModel):
    """What became of the last slot; `run_id` when it fired, `reason` and `why` when not."""

    model_config = ConfigDict(frozen=True)

    slot_at: AwareDatetime
    run_id: str | None = None
    reason: SkipReason | None = None
    why: str = ""


class Schedule(Entity):
    """When an artist begins a cycle by itself. An artist's schedules differ by name.

    `next_at` is the slot that comes next; None while there is none or the schedule is off.
    `anchor_at` is where “every six hours” counts from.
    """

    artist_id: str
    name: str = DEFAULT_NAME
    rhythm: Rhythm
    tz: str = "UTC"
    quiet: Window | None = None
    jitter_minutes: int = 0
    # What its runs are told about publishing; `by_level`: nothing, the artist's level decides.
    approve: Literal["ask", "auto"] = "ask"
    by_level: bool = False
    overlap: Overlap = "skip"
    catch_up: bool = True
    enabled: bool = True
    anchor_at: AwareDatetime
    next_at: AwareDatetime | None = None
    pending: tuple[Pending, ...] = ()
    shifts: tuple[Shift, ...] = ()
    last: LastSlot | None = None

    @property
    def own(self) -> Literal["ask", "auto"] | None:
        """Its own word on publishing, if it was given one."""
        return None if self.by_level else self.approve

    @property
    def seed(self) -> str:
        """What places of slots are drawn from: the same before and after it is saved."""
        return f"{self.artist_id}/{self.name}"

    def slot_key(self, slot_at: datetime) -> str:
        """The name under which one slot starts one run, whoever fires it and however often.

        A slot that was moved keeps the name it had in its old place.
        """
        for pending in self.pending:
            if pending.due_at == slot_at:
                return f"{self.id}:{pending.release_id}"
        named = self.named(slot_at)
        return f"{self.id}:{named.strftime('%Y%m%dT%H%M%SZ')}"

    def named(self, slot_at: datetime) -> datetime:
        """When the rhythm has the slot that now stands at `slot_at`."""
        return next((s.slot_at for s in self.shifts if s.to_at == slot_at), slot_at)


def check_schedule(schedule: Schedule) -> None:
    """Raise `InvalidInput` naming the field that can never be kept to."""
    if not NAME.fullmatch(schedule.name):
        raise InvalidInput(
            f"{schedule.name!r} cannot be a schedule's name",
            field="name",
            remedy="Use 1 to 40 lower-case letters, digits and inner hyphens.",
        )
    zone(schedule.tz)
    check_rhythm(schedule.rhythm)
    if schedule.quiet is not None:
        _check_quiet(schedule.quiet)
    _check_jitter(schedule)


def _check_quiet(quiet: Window) -> None:
    if quiet.start == quiet.end:
        whole = quiet.start == time(0)
        raise InvalidInput(
            "an artist that is quiet all day never acts" if whole else "quiet hours of no length",
            field="quiet",
            remedy="Give two different local times, such as 22:00-8:00, or none.",
        )


def _check_jitter(schedule: Schedule) -> None:
    if not 0 <= schedule.jitter_minutes <= JITTER_MAX_MIN:
        raise InvalidInput(
            f"a jitter of {schedule.jitter_minutes} minutes",
            field="jitter_minutes",
            remedy=f"Choose between 0 and {JITTER_MAX_MIN} minutes.",
        )
    if schedule.jitter_minutes and isinstance(schedule.rhythm, Slots):
        raise InvalidInput(
            "times that lie somewhere between two hours vary by themselves",
            field="jitter_minutes",
            remedy="Leave the jitter out, or give exact times, such as “daily at 18:30”.",
        )
