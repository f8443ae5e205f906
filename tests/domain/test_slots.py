"""Slots of every kind of rhythm: in order, once each, out of quiet hours, within their window."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.rhythm import AfterRelease, At, Cron, Every, Slots, Window
from domain.schedule import Pending, Schedule, check_schedule
from domain.slots import after_release, next_slot, slots, upcoming
from tests.domain.clocks import CHANGING, HOUR, MINUTE, YEAR, changes, minutes, shown
from tests.domain.schedules import exact, quiets, schedule, schedules, shares, zones

DAY = timedelta(days=1)
NIGHT = Window(start=time(22), end=time(8))
moments = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


def within(moment: datetime, window: Window, zone: str) -> bool:
    """Whether the wall clock stands within the window; read off it, without arithmetic of zones."""
    clock = shown(moment, zone).time()
    if window.start < window.end:
        return window.start <= clock < window.end
    return clock >= window.start or clock < window.end


@given(made=schedules(), after=moments)
@settings(deadline=None, max_examples=300)
def test_slots_rise_and_asking_again_from_anywhere_gives_the_same(
    made: Schedule, after: datetime
) -> None:
    check_schedule(made)
    found = upcoming(made, after, 6)
    assert len(found) == 6
    assert all(one < two for one, two in pairwise([after, *found]))
    for before, slot in pairwise([after, *found]):
        assert next_slot(made, before) == slot
        assert next_slot(made, before + (slot - before) / 2) == slot
        assert next_slot(made, slot - timedelta(microseconds=1)) == slot
        assert slot.tzinfo is UTC


@given(made=schedules(), after=moments)
@settings(deadline=None, max_examples=200)
def test_no_slot_falls_within_quiet_hours(made: Schedule, after: datetime) -> None:
    for slot in upcoming(made, after, 8):
        if made.quiet is not None:
            assert not within(slot, made.quiet, made.tz)


@given(rhythm=exact, zone=zones, quiet=quiets, after=moments)
@settings(deadline=None, max_examples=150)
def test_quiet_hours_move_slots_to_their_end_and_no_others(
    rhythm: At | Cron | Every, zone: str, quiet: Window | None, after: datetime
) -> None:
    plain, hushed = schedule(rhythm, tz=zone), schedule(rhythm, tz=zone, quiet=quiet)
    end = after + 4 * DAY
    named = until_end(plain, after - DAY - HOUR, end)
    kept = [s for s in named if quiet is None or not within(s, quiet, zone)]
    found = until_end(hushed, after, end)
    assert [s for s in kept if after < s] == [s for s in found if s in set(kept)]
    for slot in set(found) - set(kept):
        assert quiet is not None
        # Moved: the minute before is quiet, and something was named since quiet began.
        assert within(slot - MINUTE, quiet, zone)
        assert any(s < slot and within(s, quiet, zone) and slot - s <= DAY + HOUR for s in named)


def until_end(made: Schedule, after: datetime, end: datetime) -> list[datetime]:
    found = []
    for slot in slots(made, after):
        if slot > end:
            break
        found.append(slot)
    return found


@given(rhythm=exact, zone=zones, jitter=st.integers(1, 720), after=moments)
@settings(deadline=None, max_examples=150)
def test_jitter_delays_each_slot_by_less_than_itself_and_never_past_the_next(
    rhythm: At | Cron | Every, zone: str, jitter: int, after: datetime
) -> None:
    plain = schedule(rhythm, tz=zone)
    shaken = schedule(rhythm, tz=zone, jitter_minutes=jitter)
    named = list(islice(slots(plain, after), 12))
    delayed = list(islice(slots(shaken, named[0] - timedelta(microseconds=1)), 16))
    # One named before may still be on its way; from the first own one on they go in pairs.
    first = next(n for n, slot in enumerate(delayed) if slot >= named[0])
    behind = [slot for slot in delayed[first:] if slot >= named[0]]
    for (slot, following), late in zip(pairwise(named), _own(behind, named), strict=False):
        assert slot <= late < min(slot + timedelta(minutes=jitter), following)


def _own(delayed: list[datetime], named: list[datetime]) -> list[datetime]:
    """One delayed slot for each named: those within each gap."""
    own = []
    for slot, following in pairwise(named):
        inside = [late for late in delayed if slot <= late < following]
        own.append(inside[-1])
    return own


@given(rhythm=shares, zone=zones, after=moments)
@settings(deadline=None, max_examples=200)
def test_slots_lie_in_their_window_on_their_days(rhythm: Slots, zone: str, after: datetime) -> None:
    for slot in upcoming(schedule(rhythm, tz=zone), after, 10):
        wall = shown(slot, zone)
        crossed = rhythm.window.end <= rhythm.window.start and wall.time() <= rhythm.window.end
        # A window that the clocks swallow whole shrinks to the moment of the change.
        if not _near_change(slot, zone):
            assert within(slot, rhythm.window, zone) or rhythm.window.minutes == 24 * 60
            assert (wall - crossed * DAY).weekday() in rhythm.weekdays


def _near_change(slot: datetime, zone: str) -> bool:
    return any(abs(slot - change) <= 3 * HOUR for change in changes(zone))


@given(per=st.sampled_from(["day", "week"]), times=st.integers(1, 5), zone=zones)
@settings(deadline=None, max_examples=40)
def test_there_are_as_many_as_asked_for_all_year_and_never_close(
    per: str, times: int, zone: str
) -> None:
    window = Window(start=time(10), end=time(22))
    made = schedule(Slots(times=times, per=per, window=window), tz=zone)
    monday = datetime(2026, 1, 5, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    weeks = 4
    found = until_end(made, monday, monday + weeks * 7 * DAY)
    # No clock changes in these weeks of these zones.
    assert len(found) == times * weeks * (7 if per == "day" else 1)
    share = timedelta(hours=12 * (7 if per == "week" else 1)) / times
    assert all(two - one >= share / 4 - timedelta(seconds=1) for one, two in pairwise(found))


@pytest.mark.parametrize("zone", CHANGING)
def test_a_daily_time_comes_once_on_every_day_of_the_year(zone: str) -> None:
    for clock in (time(0, 15), time(1, 30), time(2, 30), time(23, 45)):
        made = schedule(At(times=(clock,)), tz=zone)
        found = until_end(made, YEAR - DAY, YEAR + 365 * DAY)
        days = [_day_meant(slot, clock, zone) for slot in found]
        assert all((two - one).days == 1 for one, two in pairwise(days))


def _day_meant(slot: datetime, clock: time, zone: str) -> date:
    """Whose time it is; one in a missing hour stands at the first minute that there is."""
    wall = shown(slot, zone)
    if wall.time() == clock:
        return wall.date()
    before = shown(slot - MINUTE, zone)
    # The hour may be a day's first or its last.
    meant = [day for day in (before.date(), wall.date()) if before < _on(day, clock) < wall]
    assert meant
    return meant[0]


def _on(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


def test_a_time_that_comes_twice_is_kept_the_first_time() -> None:
    made = schedule(At(times=(time(2, 30),)), tz="Europe/Berlin")
    after = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert upcoming(made, after, 2) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_every_so_many_hours_counts_real_hours_from_its_anchor() -> None:
    anchor = datetime(2026, 3, 28, 21, 7, 3, 5, tzinfo=UTC)
    made = schedule(Every(minutes=360), tz="Europe/Berlin", anchor_at=anchor)
    first = anchor.replace(microsecond=0) + 6 * HOUR
    assert upcoming(made, anchor, 3) == [first, first + 6 * HOUR, first + 12 * HOUR]
    assert next_slot(made, anchor - 10 * DAY) == first


def test_artists_with_the_same_words_spread_over_their_window() -> None:
    rhythm = Slots(times=1, per="day", window=Window(start=time(10), end=time(20)))
    found = {next_slot(schedule(rhythm, artist_id=f"artist_{n}"), YEAR) for n in range(200)}
    hours = [slot.hour for slot in found if slot is not None]
    assert len(found) > 190
    assert all(hours.count(hour) >= 10 for hour in range(12, 19))


def test_jitter_keeps_clear_of_quiet_hours() -> None:
    made = schedule(At(times=(time(21, 50),)), quiet=NIGHT, jitter_minutes=120)
    for slot in upcoming(made, YEAR, 30):
        assert time(21, 50) <= slot.time() < time(22)


def test_several_slots_within_the_same_quiet_hours_become_one() -> None:
    made = schedule(Cron(expression="0 * * * *"), quiet=NIGHT)
    found = upcoming(made, YEAR + 20 * HOUR, 3)
    assert [slot.hour for slot in found] == [21, 8, 9]


def test_a_schedule_that_is_off_has_no_slots() -> None:
    made = schedule(Every(minutes=60), enabled=False)
    assert next_slot(made, YEAR) is None
    assert upcoming(made, YEAR, 5) == []


def test_after_a_release_the_delay_the_quiet_hours_and_the_jitter_count() -> None:
    live = datetime(2026, 1, 5, 21, 30, tzinfo=UTC)
    made = schedule(AfterRelease(delay_minutes=60), quiet=NIGHT)
    assert after_release(made, live) == datetime(2026, 1, 6, 8, tzinfo=UTC)
    shaken = schedule(AfterRelease(delay_minutes=60), quiet=NIGHT, jitter_minutes=30)
    due = after_release(shaken, live)
    assert timedelta(0) <= due - datetime(2026, 1, 6, 8, tzinfo=UTC) < 30 * MINUTE
    waiting = made.model_copy(update={"pending": (Pending(release_id="r1", due_at=due),)})
    assert next_slot(waiting, YEAR) == due
    assert next_slot(made, YEAR) is None


def test_minutes_walk_agrees_with_windows_over_a_change() -> None:
    """The windows of a day in which an hour is missing are an hour shorter, and still kept to."""
    zone = "Europe/Berlin"
    window = Window(start=time(1), end=time(4))
    made = schedule(Slots(times=4, per="day", window=window), tz=zone)
    night = datetime(2026, 3, 28, 23, tzinfo=UTC)
    inside = [m for m in minutes(night, night + 5 * HOUR) if within(m, window, zone)]
    assert len(inside) == 120
    found = until_end(made, night, night + 5 * HOUR)
    assert len(found) == 4
    assert all(inside[0] <= slot <= inside[-1] + MINUTE for slot in found)
