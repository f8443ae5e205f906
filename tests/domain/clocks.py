"""Zones whose clocks do odd things, and a slow walk through their minutes to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
# Half an hour and two hours of summer time, quarter-hour offsets, changes at midnight, winter
# time that is negative, a change in Ramadan, and some that never change.
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
)


def shown(moment: datetime, zone: str) -> datetime:
    """The wall clock, read by the standard library alone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The hours of the year in which the zone's offset changes."""
    hours = [YEAR + n * HOUR for n in range(366 * 24)]
    offsets = [h.astimezone(ZoneInfo(zone)).utcoffset() for h in hours]
    return tuple(hours[n] for n in range(len(hours) - 1) if offsets[n] != offsets[n + 1])


def minutes(begin: datetime, end: datetime) -> Iterator[datetime]:
    """Every minute from `begin` up to `end`."""
    moment = begin
    while moment < end:
        yield moment
        moment += MINUTE


CHANGING = tuple(zone for zone in ZONES if changes(zone))
