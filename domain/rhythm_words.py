"""Rhythms in plain words: read what a person writes, and write what is kept."""

from __future__ import annotations

import re
from datetime import time

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
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)
MORNING = Window(start=time(7), end=time(11))
AFTERNOON = Window(start=time(12), end=time(17))
EVENING = Window(start=time(17), end=time(22))
NIGHT = Window(start=time(22), end=time(4))
_PARTS_OF_DAY = {"morning": MORNING, "afternoon": AFTERNOON, "evening": EVENING, "night": NIGHT}
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
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))? ?(?P<half>[ap]\.?m\.?)?(?: ?o'clock)?"
)
_CRON_START = re.compile(r"[\d*,/\-]+\s+[\d*,/\-]+\s")


def parse_rhythm(text: str) -> AnyRhythm:
    """Read a rhythm; raises `InvalidInput` naming `rhythm`, with examples."""
    words = plain_line(text)
    if not words or len(words) > LONGEST:
        raise _unread(words[:40] + "…" if words else words)
    plain = _lowered(words)
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
        clocks = _listed([f"{clock:%H:%M}" for clock in sorted(set(rhythm.times))])
        return f"{_days_words(rhythm.weekdays)} at {clocks}"
    if isinstance(rhythm, Every):
        return f"every {_span_words(rhythm.minutes).removeprefix('1 ')}"
    if isinstance(rhythm, AfterRelease):
        late = f"{_span_words(rhythm.delay_minutes)} " if rhythm.delay_minutes else ""
        return f"{late}after each release"
    count = {1: "once", 2: "twice"}.get(rhythm.times, f"{rhythm.times} times")
    days = "" if set(rhythm.weekdays) == set(ALL_DAYS) else f" on {_days_words(rhythm.weekdays)}"
    end = "24:00" if rhythm.window.end == time(0) else f"{rhythm.window.end:%H:%M}"
    return f"{count} a {rhythm.per} between {rhythm.window.start:%H:%M} and {end}{days}"


def parse_window(text: str, field: str) -> Window:
    """Read two local times, such as `22:00-8:00`; raises `InvalidInput` naming `field`."""
    ends = re.split(r"\s*(?:-|–|to|until)\s*", _lowered(plain_line(text)))
    clocks = [_clock(end) for end in ends]
    if len(clocks) != 2 or clocks[0] is None or clocks[1] is None:
        raise InvalidInput(
            f"{text!r} are not two local times",
            field=field,
            remedy="Write them like 22:00-8:00.",
        )
    return Window(start=clocks[0], end=clocks[1])


def window_words(window: Window) -> str:
    """The window as `parse_window` reads it."""
    return f"{window.start:%H:%M}-{window.end:%H:%M}"


def _cron(words: str) -> Cron | None:
    if words.lower() in SHORTHANDS or _CRON_START.match(words + " "):
        return Cron(expression=check_cron(words))
    if words.startswith("@"):
        raise _unread(words)
    return None


def _after_release(plain: str) -> AfterRelease | None:
    if not (found := _AFTER.fullmatch(plain)):
        return None
    return AfterRelease(delay_minutes=_span(found["span"]) if found["span"] else 0)


def _every(plain: str) -> Every | Slots | None:
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
        named = _days(rest.removeprefix("on "))
        if named is None:
            raise _unread(rest)
        days = named
    return window, days


def _on_days(plain: str) -> At | Slots | None:
    """Days with exact times, with a window, or with neither: once on each, in the daytime."""
    days_text, at, clocks = plain.partition(" at ")
    if at and (days := _days(days_text)):
        if clocks in _PARTS_OF_DAY:
            return Slots(times=1, per="day", window=_PARTS_OF_DAY[clocks], weekdays=days)
        return At(times=tuple(sorted(set(_clocks(clocks)))), weekdays=days)
    for found in _BETWEEN.finditer(plain):
        if days := _days(plain[: found.start()].strip()):
            return Slots(times=1, per="day", window=_window(found), weekdays=days)
    if plain in ("weekly", "every week"):
        return Slots(times=1, per="week")
    if days := _days(plain):
        return Slots(times=1, per="day", weekdays=days)
    return None


def _days(text: str) -> tuple[int, ...] | None:
    text = re.sub(r"^(?:on|every|each)\s+", "", text.strip())
    if text in ("daily", "day", "days"):
        return ALL_DAYS
    if text in ("weekday", "weekdays", "workday", "workdays"):
        return WORKDAYS
    if text in ("weekend", "weekends", "the weekend"):
        return WEEKEND
    found: set[int] = set()
    for part in re.split(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*", text):
        ends = [_day(name) for name in re.split(r"\s*(?:-|–| to )\s*", part)]
        if len(ends) not in (1, 2) or None in ends:
            return None
        first, last = ends[0], ends[-1]
        assert first is not None
        assert last is not None
        found.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return tuple(sorted(found))


def _day(name: str) -> int | None:
    name = name.strip().removesuffix("s")
    matches = [n for n, day in enumerate(DAYS) if len(name) >= 3 and day.startswith(name)]
    return matches[0] if len(matches) == 1 else None


def _clocks(text: str) -> list[time]:
    parts = re.split(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*", text)
    return [_required(part) for part in parts]


def _window(found: re.Match[str]) -> Window:
    if found["part"]:
        return _PARTS_OF_DAY[found["part"]]
    return Window(
        start=_required(found["a"] or found["c"]), end=_required(found["b"] or found["d"])
    )


def _required(text: str) -> time:
    clock = _clock(text)
    if clock is None:
        raise _unread(text, "as a time of day")
    return clock


def _clock(text: str) -> time | None:
    """A local time of day; 24:00 is the midnight that ends the day."""
    text = text.strip()
    if text in ("noon", "midday"):
        return time(12)
    if text == "midnight":
        return time(0)
    if not (found := _CLOCK.fullmatch(text)):
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half := (found["half"] or "").replace(".", ""):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if (hour, minute) == (24, 0):
        return time(0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


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


def _days_words(weekdays: tuple[int, ...]) -> str:
    days = tuple(sorted(set(weekdays)))
    known = {ALL_DAYS: "daily", WORKDAYS: "weekdays", WEEKEND: "weekends"}
    return known.get(days) or _listed([DAYS[n] for n in days])


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _lowered(words: str) -> str:
    return words.lower().rstrip(".!")


def _unread(words: str, how: str = "as a rhythm") -> InvalidInput:
    examples = ", ".join(f"“{example}”" for example in EXAMPLES)
    return InvalidInput(
        f"{words!r} cannot be read {how}" if words else "no rhythm is given",
        field="rhythm",
        remedy=f"Write it like one of these: {examples}.",
    )
