"""Times of day, windows and weekdays in plain words: read, and written."""

from __future__ import annotations

import re
from datetime import time

from domain.errors import InvalidInput
from domain.plain import plain_line
from domain.rhythm import ALL_DAYS, Window

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)
PARTS_OF_DAY = {
    "morning": Window(start=time(7), end=time(11)),
    "afternoon": Window(start=time(12), end=time(17)),
    "evening": Window(start=time(17), end=time(22)),
    "night": Window(start=time(22), end=time(4)),
}
_GROUPS = {
    "daily": ALL_DAYS,
    "day": ALL_DAYS,
    "weekday": WORKDAYS,
    "weekdays": WORKDAYS,
    "workdays": WORKDAYS,
    "weekend": WEEKEND,
    "weekends": WEEKEND,
}
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))? ?(?P<half>[ap]\.?m\.?)?(?: ?o'clock)?"
)


def lowered(words: str) -> str:
    """Words without capitals and without the full stop of a sentence."""
    return words.lower().rstrip(".!")


def listed(parts: list[str]) -> str:
    """Several things as people list them: `9:00, 12:00 and 18:30`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def unlisted(text: str) -> list[str]:
    """The things in a list that people wrote."""
    return re.split(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*", text)


def read_days(text: str) -> tuple[int, ...] | None:
    """Weekdays, Monday 0: `weekdays`, `mon, wed and fri`, `friday to sunday`; None for others."""
    text = re.sub(r"^(?:on|every|each)\s+(?:the\s+)?", "", text.strip())
    if text in _GROUPS:
        return _GROUPS[text]
    found: set[int] = set()
    for part in unlisted(text):
        ends = [_day(name) for name in re.split(r"\s*(?:-|–| to )\s*", part)]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            return None
        found.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return tuple(sorted(found))


def days_words(weekdays: tuple[int, ...]) -> str:
    """The weekdays as `read_days` reads them."""
    days = tuple(sorted(set(weekdays)))
    known = {ALL_DAYS: "daily", WORKDAYS: "weekdays", WEEKEND: "weekends"}
    return known.get(days) or listed([DAYS[n] for n in days])


def read_clock(text: str) -> time | None:
    """A time of day; 24:00 is the midnight that ends the day; None for other words."""
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


def parse_window(text: str, field: str) -> Window:
    """Read two local times, such as `22:00-8:00`; raises `InvalidInput` naming `field`."""
    ends = re.split(r"\s*(?:-|–|to|until)\s*", lowered(plain_line(text)))
    clocks = [read_clock(end) for end in ends]
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


def _day(name: str) -> int | None:
    name = name.strip().removesuffix("s")
    matches = [n for n, day in enumerate(DAYS) if len(name) >= 3 and day.startswith(name)]
    return matches[0] if len(matches) == 1 else None
