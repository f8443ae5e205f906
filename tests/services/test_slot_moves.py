from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor
from domain.errors import Forbidden, NotFound
from domain.rhythm_words import parse_rhythm
from services.schedules import ScheduleChange, ScheduleService
from tests.services.build import artist
from tests.support.label import START, TestLabel

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = START.replace(hour=12, minute=0)


@pytest.fixture
def service(label: TestLabel) -> ScheduleService:
    return ScheduleService(label.database, label.clock, label.runs)


def daily(words: str = "daily at 12", **more: object) -> ScheduleChange:
    return ScheduleChange.model_validate({"rhythm": parse_rhythm(words)} | more)


async def test_a_moved_slot_fires_once_in_its_new_place(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, daily())
    moved = await service.move(OPERATOR, who.handle, NOON, NOON - HOUR)
    assert moved.schedule.next_at == NOON - HOUR
    label.clock.advance(NOON - HOUR - START)
    (run,) = await service.fire_due(SYSTEM)
    await label.runs.begin(SYSTEM, run.id)
    await label.runs.finish(SYSTEM, run.id)
    label.clock.advance(2 * HOUR)
    assert await service.fire_due(SYSTEM) == []
    kept = await service.find(OPERATOR, who.id)
    assert kept.next_at == NOON + DAY
    label.clock.advance(DAY)
    assert len(await service.fire_due(SYSTEM)) == 1
    assert (await service.find(OPERATOR, who.id)).shifts == ()


async def test_moving_is_told_and_what_is_close_is_warned_of(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, daily())
    await service.put(OPERATOR, who.handle, daily("daily at 15"), "thanks")
    moved = await service.move(OPERATOR, who.handle, NOON, NOON + 2.5 * HOUR)
    assert moved.warnings == (f"30 minutes from another slot of {who.stage_name}, “thanks”.",)
    (event,) = [e for e in await label.views.events(OPERATOR, 0) if e.data.get("deed") == "moved"]
    assert event.data["to"] == (NOON + 2.5 * HOUR).isoformat()
    coming = await service.upcoming(OPERATOR, 2)
    assert [c.slot_at for c in coming] == [NOON + 2.5 * HOUR, NOON + 3 * HOUR]


async def test_another_rhythm_forgets_moves_and_another_manner_keeps_them(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, daily())
    await service.move(OPERATOR, who.handle, NOON, NOON + HOUR)
    kept = await service.put(OPERATOR, who.handle, ScheduleChange(approve="auto"))
    assert kept.next_at == NOON + HOUR
    changed = await service.put(OPERATOR, who.handle, daily("daily at 13"))
    assert (changed.shifts, changed.next_at) == ((), NOON + HOUR)


async def test_who_may_not_steer_moves_nothing(label: TestLabel, service: ScheduleService) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, daily())
    viewer = Actor(kind="operator", id="user_1", rights=frozenset({"read"}))
    elsewhere = OPERATOR.model_copy(update={"artists": frozenset({"artist_other"})})
    for actor in (viewer, elsewhere):
        with pytest.raises(Forbidden):
            await service.move(actor, who.handle, NOON, NOON + HOUR)
    with pytest.raises(NotFound):
        await service.move(OPERATOR, who.handle, NOON, NOON + HOUR, "none")
    assert (await service.find(OPERATOR, who.id)).next_at == NOON
