"""Rhythms in plain words: read what a person writes, and write what is kept."""

from __future__ import annotations

import re
from datetime import time

from domain.clock_words import (
    PARTS_OF_DAY,
    days_words,
    listed,
    lowered,
    read_clock,
    read_days,
    unlisted,
)
from domain.cron import SHORTHANDS, check_cron
from domain.errors import InvalidInput
from domain.plain import plain_line
from domain.rhythm import (
    ALL_DAYS,
    DAYTIME,
    AfterRelease,
    AnyRhythm,
    At,
    Cron,
    Every,
    Slots,
    Window,
    check_rhythm,
)

EXAMPLES = (
    "twice a week",
    "daily at 18:30",
    "weekdays at 9",
    "monday and thursday at 18:00",
    "3 times a day between 10 and 22",
    "every 6 hours",
    "after each release",
    "30 18 * * 1-5",
)
LONGEST = 200
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = {"once": 1, "twice": 2, "thrice": 3} | {w: n for n, w in enumerate(_NUMBERS, 1)}
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}

_NUMBER = rf"(?:\d{{1,4}}|an?|half an|{'|'.join(_NUMBERS)})"
_UNIT = "(?:minute|hour|day|week)s?"
_SPAN = re.compile(rf"(?P<n>{_NUMBER})?\s*(?P<unit>{_UNIT})")
_EVERY = re.compile(rf"every (?P<span>(?:other |{_NUMBER} )?{_UNIT})|(?P<hourly>hourly)")
_AFTER = re.compile(rf"(?:(?P<span>{_NUMBER} {_UNIT}) )?after (?:(?:each|every|a|any) )?releases?")
_TIMES = re.compile(
    rf"(?P<n>once|twice|thrice|(?:[1-9]\d{{0,2}}|{'|'.join(_NUMBERS)}) ?(?:times|time|x|×))"
    r"(?: (?:a|per|each|every|in a))? (?P<per>day|week)"
)
_BETWEEN = re.compile(
    r"(?:between (?P<a>.+?) and (?P<b>.+?)|from (?P<c>.+?) (?:to|until|till) (?P<d>.+?)"
    r"|(?:in the |at )?(?P<part>morning|afternoon|evening|night)s?)(?= on |$)"
)
_CRON_START = re.compile(r"[\d*,/\-]+\s+[\d*,/\-]+\s")


def parse_rhythm(text: str) -> AnyRhythm:
    """Read a rhythm; raises `InvalidInput` naming `rhythm`, with examples."""
    words = plain_line(text)
    if not words or len(words) > LONGEST:
        raise _unread(words[:40] + "…" if words else words)
    plain = lowered(words)
    rhythm = (
        _cron(words) or _after_release(plain) or _times(plain) or _on_days(plain) or _every(plain)
    )
    if rhythm is None:
        raise _unread(words)
    check_rhythm(rhythm)
    return rhythm


def rhythm_words(rhythm: AnyRhythm) -> str:
    """The rhythm as `parse_rhythm` reads it."""
    if isinstance(rhythm, Cron):
        return rhythm.expression
    if isinstance(rhythm, At):
        clocks = listed([f"{clock:%H:%M}" for clock in sorted(set(rhythm.times))])
        return f"{days_words(rhythm.weekdays)} at {clocks}"
    if isinstance(rhythm, Every):
        return f"every {_span_words(rhythm.minutes).removeprefix('1 ')}"
    if isinstance(rhythm, AfterRelease):
        late = f"{_span_words(rhythm.delay_minutes)} " if rhythm.delay_minutes else ""
        return f"{late}after each release"
    count = {1: "once", 2: "twice"}.get(rhythm.times, f"{rhythm.times} times")
    days = "" if set(rhythm.weekdays) == set(ALL_DAYS) else f" on {days_words(rhythm.weekdays)}"
    end = "24:00" if rhythm.window.end == time(0) else f"{rhythm.window.end:%H:%M}"
    return f"{count} a {rhythm.per} between {rhythm.window.start:%H:%M} and {end}{days}"


def _cron(words: str) -> Cron | None:
    if words.lower() in SHORTHANDS or _CRON_START.match(words + " "):
        return Cron(expression=check_cron(words))
    return None


def _after_release(plain: str) -> AfterRelease | None:
    if not (found := _AFTER.fullmatch(plain)):
        return None
    return AfterRelease(delay_minutes=_span(found["span"]) if found["span"] else 0)


def _every(plain: str) -> Every | None:
    if not (found := _EVERY.fullmatch(plain)):
        return None
    if found["hourly"]:
        return Every(minutes=60)
    return Every(minutes=_span(found["span"].replace("other", "2")))


def _times(plain: str) -> Slots | None:
    """So many times a day or week, with a window and days where given."""
    if not (found := _TIMES.match(plain)):
        return None
    window, days = _window_and_days(plain[found.end() :].strip())
    count = re.sub(r" ?(?:times|time|x|×)$", "", found["n"])
    return Slots(
        times=_number(count),
        per="day" if found["per"] == "day" else "week",
        window=window,
        weekdays=days,
    )


def _window_and_days(rest: str) -> tuple[Window, tuple[int, ...]]:
    """What follows `twice a week`: the window and the days, both optional, in this order."""
    window = DAYTIME
    days: tuple[int, ...] = ALL_DAYS
    if rest and (found := _BETWEEN.match(rest)):
        window = _window(found)
        rest = rest[found.end() :].strip()
    if rest:
        named = read_days(rest.removeprefix("on "))
        if named is None:
            raise _unread(rest)
        days = named
    return window, days


def _on_days(plain: str) -> At | Slots | None:
    """Days with exact times, with a window, or with neither: once on each, in the daytime."""
    if plain in ("weekly", "every week"):
        return Slots(times=1, per="week")
    if days := read_days(plain):
        return Slots(times=1, per="day", weekdays=days)
    days_text, at, clocks = plain.partition(" at ")
    if at and clocks not in PARTS_OF_DAY and (days := read_days(days_text)):
        times = {_required(clock) for clock in unlisted(clocks)}
        return At(times=tuple(sorted(times)), weekdays=days)
    for found in _BETWEEN.finditer(plain):
        if days := read_days(plain[: found.start()].strip()):
            return Slots(times=1, per="day", window=_window(found), weekdays=days)
    return None


def _window(found: re.Match[str]) -> Window:
    if found["part"]:
        return PARTS_OF_DAY[found["part"]]
    return Window(
        start=_required(found["a"] or found["c"]), end=_required(found["b"] or found["d"])
    )


def _required(text: str) -> time:
    clock = read_clock(text)
    if clock is None:
        raise _unread(text, "as a time of day")
    return clock


def _span(text: str) -> int:
    found = _SPAN.fullmatch(text.strip())
    assert found is not None
    unit = _MINUTES[found["unit"].removesuffix("s")]
    if found["n"] == "half an":
        return unit // 2
    return _number(found["n"] or "1") * unit


def _number(text: str) -> int:
    if text in ("a", "an"):
        return 1
    return _COUNTS[text] if text in _COUNTS else int(text)


def _span_words(minutes: int) -> str:
    for unit in ("day", "hour"):
        count, rest = divmod(minutes, _MINUTES[unit])
        if rest == 0 and (count > 1 or unit == "hour"):
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{minutes} minutes"


def _unread(words: str, how: str = "as a rhythm") -> InvalidInput:
    examples = ", ".join(f"“{example}”" for example in EXAMPLES)
    return InvalidInput(
        f"{words!r} cannot be read {how}" if words else "no rhythm is given",
        field="rhythm",
        remedy=f"Write it like one of these: {examples}.",
    )
