"""Cron lines against a walk through every minute around changes of the clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cron import check_cron, cron_after
from domain.errors import InvalidInput
from tests.domain.clocks import CHANGING, HOUR, MINUTE, YEAR, ZONES, changes, minutes, shown

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """A cron line and what it means, put together from the same sets."""

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    weekdays: frozenset[int]
    running: bool

    def fits(self, wall: datetime) -> bool:
        return (
            wall.minute in self.minutes
            and wall.hour in self.hours
            and wall.isoweekday() % 7 in self.weekdays
        )


@st.composite
def lines(draw: st.DrawFn) -> Line:
    def field(low: int, high: int) -> tuple[str, frozenset[int]]:
        kind = draw(st.sampled_from(["*", "*/n", "list", "range"]))
        if kind == "*":
            return "*", frozenset(range(low, high + 1))
        if kind == "*/n":
            step = draw(st.integers(2, max(2, (high - low) // 2)))
            return f"*/{step}", frozenset(range(low, high + 1, step))
        some = draw(st.sets(st.integers(low, high), min_size=1, max_size=4))
        if kind == "list":
            return ",".join(map(str, sorted(some))), frozenset(some)
        return f"{min(some)}-{max(some)}", frozenset(range(min(some), max(some) + 1))

    # Hours lean to where clocks change.
    few = draw(st.sets(st.integers(0, 4), min_size=1, max_size=3))
    by_night = ",".join(map(str, sorted(few))), frozenset(few)
    minute_text, minute_set = field(0, 59)
    hour_text, hour_set = draw(st.sampled_from([by_night, field(0, 23)]))
    week_text, week_set = field(0, 6)
    return Line(
        text=f"{minute_text} {hour_text} * * {week_text}",
        minutes=minute_set,
        hours=hour_set,
        weekdays=week_set,
        running=minute_text.startswith("*") or hour_text.startswith("*"),
    )


def expected(line: Line, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """Read off a walk through the minutes: no arithmetic of zones but the library's own."""
    walk = [(moment, shown(moment, zone)) for moment in minutes(begin - DAY, end + DAY)]
    if line.running:
        found = {moment for moment, wall in walk if line.fits(wall)}
    else:
        found = set()
        highest = walk[0][1] - MINUTE
        for moment, wall in walk:
            # Every wall minute up to this one that was not shown before: one, or the missing hour.
            while highest < wall:
                highest += MINUTE
                if line.fits(highest):
                    found.add(moment)
    return sorted(moment for moment in found if begin < moment <= end)


def given_by(text: str, zone: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    found = cron_after(text, ZoneInfo(zone), begin)
    while found is not None and found <= end:
        yield found
        found = cron_after(text, ZoneInfo(zone), found)


@given(line=lines(), zone=st.sampled_from(CHANGING), data=st.data())
@settings(deadline=None, max_examples=120)
def test_around_every_change_a_line_fires_as_a_walk_through_the_minutes_says(
    line: Line, zone: str, data: st.DataObject
) -> None:
    change = data.draw(st.sampled_from(changes(zone)))
    begin = change - data.draw(st.integers(1, 30)) * HOUR
    end = change + 30 * HOUR
    assert list(given_by(line.text, zone, begin, end)) == expected(line, zone, begin, end)


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"])
@pytest.mark.parametrize("text", ["30 2 * * *", "15 */6 * * 1-5", "0 0,12 * * *"])
def test_over_a_whole_year_nothing_is_missed_or_doubled(zone: str, text: str) -> None:
    minute, hour, _, _, weekday = text.split()
    hours = {"2": {2}, "*/6": {0, 6, 12, 18}, "0,12": {0, 12}}[hour]
    days = set(range(1, 6)) if weekday == "1-5" else set(range(7))
    line = Line(
        text,
        frozenset({int(minute)}),
        frozenset(hours),
        frozenset(days),
        running=hour.startswith("*"),
    )
    end = YEAR + 365 * DAY
    assert list(given_by(text, zone, YEAR, end)) == expected(line, zone, YEAR, end)


@given(
    text=st.sampled_from(["0 9 1 * *", "0 0 29 2 *", "30 1 * * 0", "*/7 * * * *", "0 0 L * *"]),
    zone=st.sampled_from(ZONES),
    after=st.datetimes(datetime(2000, 1, 1), datetime(2080, 1, 1)),  # noqa: DTZ001
)
@settings(deadline=None)
def test_the_next_time_is_always_later_in_utc_and_on_the_minute(
    text: str, zone: str, after: datetime
) -> None:
    moment = after.replace(tzinfo=UTC)
    found = cron_after(text, ZoneInfo(zone), moment)
    assert found is not None
    assert found > moment
    assert found.tzinfo is UTC
    assert (found.second, found.microsecond) == (0, 0)


def test_a_time_in_the_missing_hour_is_due_when_the_hour_is_over() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert cron_after("30 2 * * *", berlin, before) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    # One that runs with the clock has no such hour at all.
    assert cron_after("*/30 2 * * *", berlin, before) == datetime(2026, 3, 30, 0, tzinfo=UTC)


def test_an_hour_that_comes_twice_counts_once_for_exact_times() -> None:
    berlin, end = "Europe/Berlin", datetime(2026, 10, 25, 3, tzinfo=UTC)
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert list(given_by("30 2 * * *", berlin, begin, end)) == [begin + timedelta(hours=2.5)]
    twice = [begin + timedelta(hours=2.5), begin + timedelta(hours=3.5)]
    assert list(given_by("*/60 2 * * *", berlin, begin, end)) == [t - HOUR / 2 for t in twice]
    # Even one who asks between the two hours is not given the second.
    late = begin + timedelta(hours=3.1)
    assert cron_after("30 2 * * *", ZoneInfo(berlin), late) == begin + timedelta(hours=27.5)


@given(text=st.text(max_size=60) | st.from_regex(r"[\d*,/#LW-]{1,6}( [\d*,/#LWa-z-]{1,6}){4}"))
@settings(deadline=None, max_examples=400)
def test_an_expression_is_accepted_or_named_as_the_wrong_field(text: str) -> None:
    refused: InvalidInput | None = None
    try:
        plain = check_cron(text)
    except InvalidInput as error:
        refused = error
    if refused is None:
        assert cron_after(plain, ZoneInfo("UTC"), YEAR) is not None
    else:
        assert refused.field == "rhythm"
        assert refused.remedy


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("61 * * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 31 2 *", "day"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * 9", "week"),
        ("* * * * * *", "five fields"),
        ("@reboot", "five fields"),
        ("9" * 130, "more than 120"),
        ("0 0 30 2 */7", "day"),
    ],
)
def test_what_is_wrong_with_it_is_said(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        check_cron(text)
    assert refused.value.field == "rhythm"


def test_shorthands_are_written_out() -> None:
    assert check_cron(" @Daily ") == "0 0 * * *"
    assert check_cron("0  9 * *   mon-fri") == "0 9 * * mon-fri"
