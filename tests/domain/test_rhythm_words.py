from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock_words import PARTS_OF_DAY, parse_window, window_words
from domain.errors import InvalidInput
from domain.rhythm import (
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
from domain.rhythm_words import EXAMPLES, parse_rhythm, rhythm_words
from tests.domain.schedules import exact, shares, windows

HOUR, DAY = 60, 24 * 60
EVENING = PARTS_OF_DAY["evening"]
GUIDE = Path(__file__).parents[2] / "docs" / "schedules.md"
READ: dict[str, AnyRhythm] = {
    "twice a week": Slots(times=2, per="week"),
    "Twice a week.": Slots(times=2, per="week"),
    "3x a week on mon, wed and fri": Slots(times=3, per="week", weekdays=(0, 2, 4)),
    "3 times a day between 10 and 22": Slots(times=3, per="day", window=DAYTIME),
    "three times per day": Slots(times=3, per="day"),
    "once a day in the evening": Slots(times=1, per="day", window=EVENING),
    "5 times a day from 6am to midnight": Slots(
        times=5, per="day", window=Window(start=time(6), end=time(0))
    ),
    "daily": Slots(times=1, per="day"),
    "friday at night": Slots(times=1, per="day", window=PARTS_OF_DAY["night"], weekdays=(4,)),
    "every day between 10 and 12": Slots(
        times=1, per="day", window=Window(start=time(10), end=time(12))
    ),
    "weekly": Slots(times=1, per="week"),
    "weekends in the evening": Slots(times=1, per="day", window=EVENING, weekdays=(5, 6)),
    "daily at 18:30": At(times=(time(18, 30),)),
    "every day at 9": At(times=(time(9),)),
    "daily at 9am, noon and 6:15 pm": At(times=(time(9), time(12), time(18, 15))),
    "weekdays at 9": At(times=(time(9),), weekdays=(0, 1, 2, 3, 4)),
    "monday to friday at 9": At(times=(time(9),), weekdays=(0, 1, 2, 3, 4)),
    "fri-mon at 12am": At(times=(time(0),), weekdays=(0, 4, 5, 6)),
    "monday and thursday at 18:00": At(times=(time(18),), weekdays=(0, 3)),
    "every 6 hours": Every(minutes=6 * HOUR),
    "hourly": Every(minutes=HOUR),
    "every other day": Every(minutes=2 * DAY),
    "every 90 minutes": Every(minutes=90),
    "after each release": AfterRelease(),
    "after releases": AfterRelease(),
    "half an hour after each release": AfterRelease(delay_minutes=30),
    "2 days after every release": AfterRelease(delay_minutes=2 * DAY),
    "30 18 * * 1-5": Cron(expression="30 18 * * 1-5"),
    "@hourly": Cron(expression="0 * * * *"),
}
PIECES = (
    *("every", "once", "twice", "3", "times", "a", "day", "week", "at", "9", "18:30", "between"),
    *("and", "22", "mon", "fri", "weekdays", "after", "each", "release", "hours", "in", "the"),
    *("evening", "on", "to", "from", "*", "*/5", ",", "-", "x", "0", "99:99", "24:00", "noon"),
)
UNREAD = (
    "",
    "   ",
    "sometimes",
    "at 9",
    "daily at 25",
    "daily at 9:75",
    "daily at 13pm",
    "twice a day at 9 and 18",
    "twice a week between 9 and 9",
    "100 times a day",
    "0 times a day",
    "every 5 minutes",
    "every 0 hours",
    "every 9999 days",
    "9999 days after each release",
    "t at 9",
    "@reboot",
    "61 * * * *",
    "0 0 31 2 *",
    "* * * * * *",
    "twice a week " * 40,
)


@pytest.mark.parametrize("text", sorted(READ))
def test_plain_words_are_read(text: str) -> None:
    assert parse_rhythm(text) == READ[text]


@pytest.mark.parametrize("text", UNREAD)
def test_what_cannot_be_read_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rhythm(text)
    assert refused.value.field == "rhythm"
    assert refused.value.remedy


def test_every_example_in_the_remedy_is_read() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rhythm("now and then")
    for example in EXAMPLES:
        assert example in str(refused.value.remedy)
        parse_rhythm(example)


@given(rhythm=exact | shares | st.builds(AfterRelease, delay_minutes=st.integers(0, 3 * DAY)))
@settings(max_examples=300)
def test_what_is_written_is_read_again_as_the_same(rhythm: AnyRhythm) -> None:
    assert parse_rhythm(rhythm_words(rhythm)) == rhythm


@given(text=st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join))
@settings(max_examples=500)
def test_any_words_are_read_or_refused_by_name(text: str) -> None:
    refused: InvalidInput | None = None
    try:
        check_rhythm(parse_rhythm(text))
    except InvalidInput as error:
        refused = error
    assert refused is None or (refused.field == "rhythm" and refused.remedy)


@given(window=windows)
def test_a_window_is_read_as_it_is_written(window: Window) -> None:
    assert parse_window(window_words(window), "quiet") == window


@pytest.mark.parametrize("text", ["22", "22-", "22-8-9", "soon", "22:00 to 25:00"])
def test_a_window_that_cannot_be_read_names_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_window(text, "quiet")
    assert refused.value.field == "quiet"
