from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.rhythm import Window
from domain.steering import (
    LEVELS,
    Level,
    Standing,
    Steering,
    check_steering,
    may_begin,
    ruling,
)

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
levels = st.sampled_from([None, *LEVELS])
orders: st.SearchStrategy[Standing | None] = st.sampled_from([None, "ask", "auto"])
hours = st.floats(0, 300)
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])
moments = st.builds(lambda minutes: NOW + timedelta(minutes=minutes), st.integers(0, 525_600))


def steering(**changes: Any) -> Steering:
    times = {"created_at": NOW, "updated_at": NOW}
    return Steering.model_validate({"id": "s", "artist_id": "a", **times} | changes)


@given(level=levels, own=orders, veto=hours)
def test_the_stricter_of_level_and_order_wins(
    level: Level | None, own: Standing | None, veto: float
) -> None:
    rule = ruling(steering(level=level, veto_hours=veto), own)
    if own == "ask" or level in ("manual", "supervised"):
        assert rule.asked
    elif level == "autopilot":
        assert not rule.asked
        assert rule.veto == timedelta(hours=veto)
    else:  # Nobody chose a level: only what was told so goes out by itself.
        assert rule.asked == (own is None)
        assert not rule.veto
    assert rule.why


@given(level=levels, own=orders, veto=hours)
def test_a_lower_level_never_lets_more_out(
    level: Level | None, own: Standing | None, veto: float
) -> None:
    if ruling(steering(level="autopilot", veto_hours=veto), own).asked:
        assert ruling(steering(level=level, veto_hours=veto), own).asked


@given(start=times, end=times, tz=zones, moment=moments, most=st.none() | st.integers(0, 3))
def test_nothing_goes_out_in_quiet_hours_nor_beyond_the_days_limit(
    start: time, end: time, tz: str, moment: datetime, most: int | None
) -> None:
    quiet = None if start == end else Window(start=start, end=end)
    steered = steering(quiet=quiet, tz=tz, posts_day=most)
    for posted in (0, 3):
        at = steered.may_go_out(moment, posted)
        assert at >= moment
        assert steered.hushed_until(at) is None
        full = most is not None and posted >= most
        if full:
            assert steered.day_began(at) > steered.day_began(moment)
        elif steered.hushed_until(moment) is None:
            assert at == moment
        # A day of quiet and a day that is full, and the clocks' change on top.
        assert at - moment <= timedelta(hours=50)


def test_the_day_ends_by_the_artists_clock() -> None:
    steered = steering(tz="Asia/Tokyo", posts_day=1)
    assert steered.may_go_out(NOW, 1) == datetime(2026, 5, 4, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("level", "cause", "kind", "may"),
    [
        ("manual", "operator", "cycle", True),
        ("manual", "schedule", "cycle", False),
        ("manual", "supervisor", "cycle", False),
        ("manual", "system", "debut", True),
        ("supervised", "schedule", "cycle", True),
        ("autopilot", "schedule", "cycle", True),
        (None, "schedule", "cycle", True),
    ],
)
def test_by_hand_nothing_begins_by_itself(level: Any, cause: Any, kind: Any, may: bool) -> None:
    assert (may_begin(steering(level=level), cause, kind) is None) is may


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"quiet": Window(start=time(9), end=time(9))}, "quiet"),
    ],
)
def test_what_cannot_be_kept_to_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_steering(steering(**changes))
    assert refused.value.field == field
