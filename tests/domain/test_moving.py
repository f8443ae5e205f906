"""A moved slot is never doubled, never lost, and keeps the key under which its run starts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.errors import Conflict, GreenroomError, InvalidInput, NotFound
from domain.moving import HORIZON, MOST_SHIFTS, move_slot, without_gone
from domain.rhythm import AfterRelease, At, Every, Window
from domain.schedule import Pending, Schedule
from domain.slots import next_slot, upcoming
from tests.domain.clocks import YEAR
from tests.domain.schedules import schedule, schedules

HOUR = timedelta(hours=1)
NOON = schedule(At(times=(time(12),)), next_at=YEAR.replace(hour=12))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
)


def keys(made: Schedule, after: datetime, count: int) -> list[str]:
    return [made.slot_key(slot) for slot in upcoming(made, after, count)]


@given(
    made=schedules(),
    now=moments,
    which=st.integers(0, 4),
    by=st.integers(-72 * 60, 72 * 60).map(lambda m: timedelta(minutes=m)),
)
@settings(deadline=None, max_examples=100)
def test_the_same_slots_come_under_the_same_keys(
    made: Schedule, now: datetime, which: int, by: timedelta
) -> None:
    made = made.amend(now, next_at=next_slot(made, now))
    before = upcoming(made, now, 12)
    slot = before[which]
    try:
        moved = move_slot(made, slot, slot + by, now)
    except GreenroomError:
        assume(False)
    last = before[-1]
    assume(slot + by < last)
    after = upcoming(moved, now, 12)
    assert after == sorted(after)
    assert after == sorted([*(s for s in before if s != slot), slot + by])
    assert sorted(keys(moved, now, 12)) == sorted(keys(made, now, 12))
    assert moved.next_at == after[0]
    assert upcoming(move_slot(moved, slot + by, slot, now), now, 12) == before


@given(made=schedules(), now=moments)
@settings(deadline=None, max_examples=60)
def test_a_slot_that_has_run_early_does_not_come_again(made: Schedule, now: datetime) -> None:
    made = made.amend(now, next_at=next_slot(made, now))
    slot = upcoming(made, now, 1)[0]
    early = now + (slot - now) / 2
    try:
        moved = move_slot(made, slot, early, now)
    except GreenroomError:
        assume(False)
    place = moved.next_at
    assert place is not None
    done = moved.amend(place, shifts=without_gone(moved, place))
    assert next_slot(done, place) == upcoming(made, slot, 1)[0]


def test_a_slot_moved_twice_remembers_its_first_place_only() -> None:
    twelve = YEAR.replace(hour=12)
    once = move_slot(NOON, twelve, twelve + HOUR, YEAR)
    twice = move_slot(once, twelve + HOUR, twelve + 2 * HOUR, YEAR)
    assert [(s.slot_at, s.to_at) for s in twice.shifts] == [(twelve, twelve + 2 * HOUR)]
    assert twice.slot_key(twelve + 2 * HOUR) == NOON.slot_key(twelve)
    assert move_slot(twice, twelve + 2 * HOUR, twelve, YEAR).shifts == ()


def test_a_slot_may_pass_another_one() -> None:
    twelve = YEAR.replace(hour=12)
    moved = move_slot(NOON, twelve, twelve + timedelta(days=1, hours=3), YEAR)
    day = timedelta(days=1)
    assert upcoming(moved, YEAR, 3) == [twelve + day, twelve + day + 3 * HOUR, twelve + 2 * day]


def test_an_overdue_slot_keeps_its_place_while_another_is_moved() -> None:
    now = YEAR.replace(hour=13)
    tomorrow = YEAR.replace(hour=12) + timedelta(days=1)
    moved = move_slot(NOON, tomorrow, tomorrow + HOUR, now)
    assert moved.next_at == YEAR.replace(hour=12)


def test_a_slot_after_a_release_takes_its_due_time_along() -> None:
    due = YEAR.replace(hour=12)
    pending = (Pending(release_id="release_01", due_at=due),)
    made = schedule(AfterRelease(), pending=pending, next_at=due)
    moved = move_slot(made, due, due + HOUR, YEAR)
    assert moved.next_at == due + HOUR
    assert moved.slot_key(due + HOUR) == made.slot_key(due)
    assert moved.shifts == ()


@pytest.mark.parametrize(
    ("to", "field", "kind"),
    [
        (YEAR - HOUR, "to", InvalidInput),
        (YEAR + HORIZON + HOUR, "to", InvalidInput),
        (YEAR.replace(hour=23), "to", InvalidInput),
        (YEAR.replace(hour=12) + timedelta(days=1), "to", Conflict),
    ],
)
def test_a_place_that_cannot_be_kept_is_refused(
    to: datetime, field: str, kind: type[GreenroomError]
) -> None:
    made = NOON.amend(YEAR, quiet=Window(start=time(22), end=time(8)))
    with pytest.raises(kind) as raised:
        move_slot(made, YEAR.replace(hour=12), to, YEAR)
    assert raised.value.field == field


def test_only_slots_to_come_are_moved_and_not_without_end() -> None:
    twelve = YEAR.replace(hour=12)
    with pytest.raises(NotFound):
        move_slot(NOON, twelve + HOUR, twelve + 2 * HOUR, YEAR)
    with pytest.raises(NotFound):
        move_slot(NOON, twelve, twelve + 2 * HOUR, twelve)
    made = schedule(Every(minutes=60))
    for slot in upcoming(made, YEAR, MOST_SHIFTS):
        made = move_slot(made, slot, slot + timedelta(minutes=5), YEAR)
    late = upcoming(made, YEAR, MOST_SHIFTS + 1)[-1]
    with pytest.raises(Conflict):
        move_slot(made, late, late + timedelta(minutes=5), YEAR)
