from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.rhythm import AfterRelease, At, Cron, Every, Slots, Window
from domain.schedule import Pending, Schedule, check_schedule
from tests.domain.clocks import HOUR, YEAR
from tests.domain.schedules import schedule

NINE = At(times=(time(9),))
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "zone": ("tz", {"tz": "Mars/Olympus"}),
    "zone of nothing": ("tz", {"tz": ""}),
    "zone out of the way": ("tz", {"tz": "../../etc/passwd"}),
    "zone that is a folder": ("tz", {"tz": "America"}),
    "quiet all day": ("quiet", {"quiet": Window(start=time(0), end=time(0))}),
    "quiet of no length": ("quiet", {"quiet": Window(start=time(9), end=time(9))}),
    "name": ("name", {"name": "Main one"}),
    "endless name": ("name", {"name": "a" * 41}),
    "jitter": ("jitter_minutes", {"jitter_minutes": -1}),
    "long jitter": ("jitter_minutes", {"jitter_minutes": 721}),
    "jitter of slots": (
        "jitter_minutes",
        {"jitter_minutes": 5, "rhythm": Slots(times=1, per="day")},
    ),
    "cron": ("rhythm", {"rhythm": Cron(expression="0 0 31 2 *")}),
    "period": ("rhythm", {"rhythm": Every(minutes=1)}),
    "delay": ("rhythm", {"rhythm": AfterRelease(delay_minutes=-1)}),
    "window": (
        "rhythm",
        {"rhythm": Slots(times=1, per="day", window=Window(start=time(9), end=time(9)))},
    ),
    "too many": (
        "rhythm",
        {"rhythm": Slots(times=7, per="day", window=Window(start=time(9), end=time(10)))},
    ),
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_cannot_be_kept_to_is_refused_by_field(what: str) -> None:
    field, changes = WRONG[what]
    with pytest.raises(InvalidInput) as refused:
        check_schedule(schedule(**({"rhythm": NINE} | changes)))
    assert refused.value.field == field
    assert refused.value.remedy


def test_a_schedule_that_can_be_kept_to_passes() -> None:
    check_schedule(schedule(NINE, tz="Asia/Kathmandu", jitter_minutes=720, name="a-2"))
    check_schedule(schedule(Slots(times=6, per="day", window=Window(start=time(9), end=time(10)))))


def test_slots_have_keys_of_their_own_and_releases_have_theirs() -> None:
    made = schedule(NINE)
    assert made.slot_key(YEAR) == made.slot_key(YEAR)
    assert made.slot_key(YEAR) != made.slot_key(YEAR + HOUR)
    waiting = schedule(
        AfterRelease(),
        pending=[
            Pending(release_id="release_1", due_at=YEAR),
            Pending(release_id="release_2", due_at=YEAR + HOUR),
        ],
    )
    assert waiting.slot_key(YEAR) == "schedule_01:release_1"
    assert waiting.slot_key(YEAR + HOUR) == "schedule_01:release_2"


def test_a_schedule_survives_being_written_down() -> None:
    made = schedule(
        Slots(times=2, per="week", weekdays=(0, 4)), quiet=Window(start=time(22), end=time(8))
    )
    assert Schedule.model_validate_json(made.model_dump_json()) == made
