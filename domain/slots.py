"""Which slots a schedule has: pure functions of the schedule and a moment.

A rhythm names moments; one within quiet hours moves to their end; jitter then delays it a little.
Neither ever changes the order, and no slot falls within quiet hours. What a person moved stands
in its new place instead.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from domain.cron import cron_after
from domain.local_time import DAY, SECOND, at, days_from, wall, zone
from domain.rhythm import AfterRelease, At, Cron, Every, Slots, Window
from domain.schedule import Schedule

# Slots keep away from the ends of their share, so that two are never close.
MARGIN = 1 / 8


def next_slot(schedule: Schedule, after: datetime) -> datetime | None:
    """The first slot behind `after`, in UTC; None when none comes or the schedule is off."""
    return next(slots(schedule, after), None)


def upcoming(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """The next slots, soonest first, at most `count`."""
    return list(islice(slots(schedule, after), count))


def slots(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Every slot behind `after`, in order; after releases: those that wait, however late."""
    if not schedule.enabled:
        return
    if isinstance(schedule.rhythm, AfterRelease):
        yield from sorted({p.due_at for p in schedule.pending})
        return
    gone = {shift.slot_at for shift in schedule.shifts}
    come = sorted(shift.to_at for shift in schedule.shifts if shift.to_at > after)
    yield from heapq.merge((s for s in _by_rhythm(schedule, after) if s not in gone), come)


def hushed(schedule: Schedule, moment: datetime) -> bool:
    """Whether a moment lies within the schedule's quiet hours."""
    return _quiet_around(moment, schedule.quiet, zone(schedule.tz)) is not None


def after_release(schedule: Schedule, live_at: datetime) -> datetime:
    """When the artist acts on a release that went live at `live_at`."""
    assert isinstance(schedule.rhythm, AfterRelease)
    where = zone(schedule.tz)
    due = live_at.astimezone(UTC) + timedelta(minutes=schedule.rhythm.delay_minutes)
    return _delayed(schedule, where, _unhushed(due, schedule.quiet, where), None)


def _by_rhythm(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """The slots behind `after` as if nobody had moved any."""
    where = zone(schedule.tz)
    begin = after.astimezone(UTC) - timedelta(minutes=schedule.jitter_minutes)
    quiet = _quiet_around(begin, schedule.quiet, where)
    moved = _moved(schedule, where, quiet[0] - SECOND if quiet else begin)
    for slot in _jittered(schedule, where, moved):
        if slot > after:
            yield slot


def _jittered(schedule: Schedule, where: ZoneInfo, moved: Iterator[datetime]) -> Iterator[datetime]:
    if not schedule.jitter_minutes:
        yield from moved
        return
    slot = next(moved, None)
    while slot is not None:
        following = next(moved, None)
        yield _delayed(schedule, where, slot, following)
        slot = following


def _delayed(
    schedule: Schedule, where: ZoneInfo, slot: datetime, following: datetime | None
) -> datetime:
    """Delay a slot by its jitter, but neither up to the next one nor into quiet hours."""
    room = timedelta(minutes=schedule.jitter_minutes)
    if following is not None:
        room = min(room, following - slot)
    if schedule.quiet is not None:
        room = min(room, _next_quiet(slot, schedule.quiet, where) - slot)
    share = _drawn(schedule.seed, "jitter", slot.isoformat())
    return slot + timedelta(seconds=int(share * room.total_seconds()))


def _moved(schedule: Schedule, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """What the rhythm names, out of quiet hours; several within the same become one."""
    last = after
    for named in _named(schedule, where, after):
        slot = _unhushed(named, schedule.quiet, where)
        if slot > last:
            yield slot
            last = slot


def _named(schedule: Schedule, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    rhythm = schedule.rhythm
    if isinstance(rhythm, Cron):
        yield from _by_cron(rhythm, where, after)
    elif isinstance(rhythm, Every):
        yield from _by_period(rhythm, schedule.anchor_at, after)
    elif isinstance(rhythm, At):
        yield from (m for m in _by_clock(rhythm, where, after) if m > after)
    elif isinstance(rhythm, Slots):
        yield from (m for m in _by_share(rhythm, schedule.seed, where, after) if m > after)


def _by_cron(rhythm: Cron, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    found = cron_after(rhythm.expression, where, after)
    while found is not None:
        yield found
        found = cron_after(rhythm.expression, where, found)


def _by_period(rhythm: Every, anchor: datetime, after: datetime) -> Iterator[datetime]:
    period = timedelta(minutes=rhythm.minutes)
    anchor = anchor.astimezone(UTC).replace(microsecond=0)
    slot = anchor + max((after - anchor) // period + 1, 1) * period
    while True:
        yield slot
        slot += period


def _by_clock(rhythm: At, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    for day in days_from(wall(after, where).date() - DAY):
        if day.weekday() in rhythm.weekdays:
            yield from (at(day, clock, where) for clock in sorted(set(rhythm.times)))


def _by_share(rhythm: Slots, seed: str, where: ZoneInfo, after: datetime) -> Iterator[datetime]:
    # Yesterday's window may reach into today, and a week's last one into the next week.
    yesterday = wall(after, where).date() - DAY
    if rhythm.per == "day":
        for day in days_from(yesterday):
            if day.weekday() in rhythm.weekdays:
                yield from _spread(rhythm, seed, day, [_bounds(rhythm.window, day, where)])
        return
    monday = yesterday - yesterday.weekday() * DAY
    while True:
        days = [monday + n * DAY for n in sorted(set(rhythm.weekdays))]
        yield from _spread(rhythm, seed, monday, [_bounds(rhythm.window, d, where) for d in days])
        monday += 7 * DAY


def _spread(
    rhythm: Slots, seed: str, first: date, windows: list[tuple[datetime, datetime]]
) -> Iterator[datetime]:
    """One slot a share, where the windows are put end to end and cut into equal shares."""
    share = sum((end - start).total_seconds() for start, end in windows) / rhythm.times
    for number in range(rhythm.times):
        place = MARGIN + (1 - 2 * MARGIN) * _drawn(seed, first.isoformat(), str(number))
        left = int((number + place) * share)
        for start, end in windows:
            length = int((end - start).total_seconds())
            if left < length or (start, end) == windows[-1]:
                yield start + timedelta(seconds=left)
                break
            left -= length


def _bounds(window: Window, day: date, where: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments of a window that begins on `day`."""
    last = day + DAY if window.end <= window.start else day
    return at(day, window.start, where), at(last, window.end, where)


def _unhushed(moment: datetime, quiet: Window | None, where: ZoneInfo) -> datetime:
    while hushed := _quiet_around(moment, quiet, where):
        moment = hushed[1]
    return moment


def _quiet_around(
    moment: datetime, quiet: Window | None, where: ZoneInfo
) -> tuple[datetime, datetime] | None:
    """The quiet hours that `moment` lies in; their end is not part of them."""
    if quiet is None:
        return None
    today = wall(moment, where).date()
    for day in (today - DAY, today):
        start, end = _bounds(quiet, day, where)
        if start <= moment < end:
            return start, end
    return None


def _next_quiet(moment: datetime, quiet: Window, where: ZoneInfo) -> datetime:
    today = wall(moment, where).date()
    starts = (at(today + n * DAY, quiet.start, where) for n in range(3))
    return next(start for start in starts if start > moment)


def _drawn(*parts: str) -> float:
    """A number from 0 up to 1 that these parts always give."""
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
