"""Cron expressions of five fields, with the clocks' changes as Debian's cron has them.

A line whose minute or hour begins with `*` follows the wall clock as it runs: what is skipped is
skipped, what comes twice counts twice. Any other line names exact times: one that is skipped is
due at the moment of the change, one that comes twice is due the first time only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from domain.errors import InvalidInput
from domain.local_time import SECOND, instant, next_change, offset, wall

LONGEST = 120
SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_ANY_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - a wall clock's time has no zone


def check_cron(expression: str) -> str:
    """The expression in its plain form; raises `InvalidInput` naming `rhythm`."""
    plain = " ".join(expression.split())
    plain = SHORTHANDS.get(plain.lower(), plain)
    if len(plain) > LONGEST:
        raise _bad(f"it has more than {LONGEST} characters", plain[:20] + "…")
    if len(plain.split()) != 5:
        raise _bad("it needs five fields: minute, hour, day, month, weekday", plain)
    try:
        found = next(CronSim(plain, _ANY_DAY), None)
    except CronSimError as error:
        raise _bad(str(error).lower(), plain) from error
    if found is None:
        raise _bad("no day ever fits it", plain)
    return plain


def cron_after(expression: str, where: ZoneInfo, after: datetime) -> datetime | None:
    """The first moment behind `after` that the expression names; None when none ever comes."""
    if _runs_with_the_clock(expression):
        return _by_running_clock(expression, where, after)
    for shown in CronSim(expression, wall(after, where).replace(fold=0)):
        moment = instant(shown, where)
        if moment > after:
            return moment
    return None


def _runs_with_the_clock(expression: str) -> bool:
    minute, hour = expression.split()[:2]
    return minute.startswith("*") or hour.startswith("*")


def _by_running_clock(expression: str, where: ZoneInfo, after: datetime) -> datetime | None:
    """Look through stretches of one offset each: in these local time runs evenly."""
    behind = begin = after.astimezone(UTC)
    while True:
        ahead = offset(begin, where)
        shown = next(CronSim(expression, (behind + ahead).replace(tzinfo=None)), None)
        if shown is None:
            return None
        moment = shown.replace(tzinfo=UTC) - ahead
        change = next_change(where, begin, moment)
        if change is None:
            return moment
        behind, begin = change - SECOND, change


def _bad(why: str, expression: str) -> InvalidInput:
    return InvalidInput(
        f"the cron expression {expression!r} cannot be used: {why}",
        field="rhythm",
        remedy="Write minute, hour, day of month, month and weekday, such as “30 18 * * 1-5”; "
        "or plain words, such as “weekdays at 18:30”.",
    )
