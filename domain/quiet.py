"""Quiet hours: a window of local time in which nothing goes out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.local_time import DAY, at, wall
from domain.rhythm import Window


def quiet_until(moment: datetime, quiet: Window | None, where: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that `moment` lies in; their end is not part of them."""
    if quiet is None:
        return None
    today = wall(moment, where).date()
    for day in (today - DAY, today):
        last = day + DAY if quiet.end <= quiet.start else day
        end = at(last, quiet.end, where)
        if at(day, quiet.start, where) <= moment < end:
            return end
    return None
