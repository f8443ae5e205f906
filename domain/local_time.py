"""Local time and the clocks' changes: which moment a wall clock means, and when offsets change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from domain.errors import InvalidInput

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone this machine knows."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; raises `InvalidInput` naming `tz`."""
    if name not in zone_names():
        raise InvalidInput(
            f"there is no time zone {name!r}",
            field="tz",
            remedy="Give an IANA name, such as Europe/Berlin, America/New_York or UTC.",
        )
    return ZoneInfo(name)


def wall(moment: datetime, where: ZoneInfo) -> datetime:
    """What the wall clock shows at `moment`, without a zone."""
    return moment.astimezone(where).replace(tzinfo=None)


def instant(shown: datetime, where: ZoneInfo) -> datetime:
    """The moment in UTC at which the wall clock shows `shown`.

    A time that comes twice means its first; one that is skipped, the moment of the change: what
    was due in the missing hour is due when the hour is over.
    """
    moment = shown.replace(tzinfo=where, fold=0).astimezone(UTC)
    if wall(moment, where) == shown.replace(fold=0):
        return moment
    before = shown.replace(tzinfo=where, fold=1).astimezone(UTC)
    return _bisected(where, before, moment)


def at(day: date, clock: time, where: ZoneInfo) -> datetime:
    """The moment in UTC of a local time on a local day."""
    return instant(datetime.combine(day, clock), where)


def offset(moment: datetime, where: ZoneInfo) -> timedelta:
    """How far local time is ahead of UTC at `moment`."""
    found = moment.astimezone(where).utcoffset()
    assert found is not None
    return found


def next_change(where: ZoneInfo, begin: datetime, end: datetime) -> datetime | None:
    """The first moment behind `begin`, up to `end`, from which on another offset holds."""
    first = offset(begin, where)
    low = begin
    while low < end:
        high = min(low + DAY, end)
        if offset(high, where) != first:
            return _bisected(where, low, high)
        low = high
    return None


def days_from(day: date) -> Iterator[date]:
    """That day and every later one."""
    while True:
        yield day
        day += DAY


def _bisected(where: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The change between two moments with different offsets, to the second."""
    first = offset(low, where)
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    while high - low > SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds() / 2))
        if offset(middle, where) == first:
            low = middle
        else:
            high = middle
    return high
