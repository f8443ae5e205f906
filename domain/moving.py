"""Move one slot of a schedule to another time: once, never doubled, never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from domain.errors import Conflict, InvalidInput, NotFound
from domain.rhythm import AfterRelease
from domain.schedule import Schedule, Shift
from domain.slots import hushed, next_slot, slots

# How far ahead slots are moved, and to where; and how many of one schedule at a time.
HORIZON = timedelta(days=92)
MOST_SHIFTS = 50
_MOST_LOOKED_AT = 5000


def move_slot(schedule: Schedule, slot_at: datetime, to_at: datetime, now: datetime) -> Schedule:
    """The schedule with the slot at `slot_at` moved to `to_at`.

    Moving it back to where the rhythm has it undoes the move. A slot that is overdue keeps its
    place. Raises `InvalidInput` or `Conflict` with the reason where the schedule cannot keep to it.
    """
    to_at = to_at.astimezone(UTC).replace(microsecond=0)
    taken = set(_within(schedule, now))
    if slot_at <= now or slot_at not in taken:
        raise NotFound(
            f"schedule {schedule.name} has no slot to move at {slot_at.isoformat()}",
            field="slot",
            remedy="It may have begun or been moved already; look at the calendar again.",
        )
    if to_at == slot_at:
        return schedule
    _check_place(schedule, to_at, taken, now)
    if isinstance(schedule.rhythm, AfterRelease):
        moved = _delayed(schedule, slot_at, to_at, now)
    else:
        moved = _shifted(schedule, slot_at, to_at, now)
    if schedule.next_at is not None and schedule.next_at <= now:
        return moved
    return moved.amend(now, next_at=next_slot(moved, now))


def without_gone(schedule: Schedule, now: datetime) -> tuple[Shift, ...]:
    """The moves that still matter: those with a place, old or new, that is yet to come."""
    return tuple(s for s in schedule.shifts if max(s.slot_at, s.to_at) > now)


def _within(schedule: Schedule, now: datetime) -> list[datetime]:
    coming = takewhile(lambda slot: slot <= now + HORIZON, slots(schedule, now))
    return list(islice(coming, _MOST_LOOKED_AT))


def _check_place(schedule: Schedule, to_at: datetime, taken: set[datetime], now: datetime) -> None:
    if to_at <= now:
        raise InvalidInput(
            "that time has gone by", field="to", remedy="Choose a time that is still to come."
        )
    if to_at > now + HORIZON:
        raise InvalidInput(
            f"that is more than {HORIZON.days} days ahead",
            field="to",
            remedy="Choose an earlier time, or change the rhythm itself.",
        )
    if hushed(schedule, to_at):
        raise InvalidInput(
            "that is within the artist's quiet hours",
            field="to",
            remedy="Choose a time outside of them, or change the quiet hours.",
        )
    if to_at in taken:
        raise Conflict(
            "the artist acts at exactly that time already",
            field="to",
            remedy="Choose another time; two slots at once would be one.",
        )


def _shifted(schedule: Schedule, slot_at: datetime, to_at: datetime, now: datetime) -> Schedule:
    named = schedule.named(slot_at)
    others = tuple(s for s in without_gone(schedule, now) if s.slot_at != named)
    if len(others) >= MOST_SHIFTS:
        raise Conflict(
            f"{len(others)} slots of this schedule are moved already",
            field="slot",
            remedy="Change the rhythm itself instead of its slots one by one.",
        )
    own = () if named == to_at else (Shift(slot_at=named, to_at=to_at),)
    return schedule.amend(now, shifts=(*others, *own))


def _delayed(schedule: Schedule, slot_at: datetime, to_at: datetime, now: datetime) -> Schedule:
    """A slot after a release is kept with the release: its due time is all there is to move."""
    first = next(p for p in schedule.pending if p.due_at == slot_at)
    pending = tuple(
        p.model_copy(update={"due_at": to_at}) if p is first else p for p in schedule.pending
    )
    return schedule.amend(now, pending=pending)
