from __future__ import annotations

import asyncio
from datetime import time, timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.rhythm import At, Window
from domain.rhythm_words import parse_rhythm
from domain.schedule import Schedule
from services.schedules import MOST_PER_ARTIST, ScheduleChange, ScheduleService
from tests.services.build import artist
from tests.support.label import START, TestLabel

HOUR = timedelta(hours=1)


@pytest.fixture
def service(label: TestLabel) -> ScheduleService:
    return ScheduleService(label.database, label.clock, label.runs)


def every(words: str, **more: object) -> ScheduleChange:
    return ScheduleChange.model_validate({"rhythm": parse_rhythm(words)} | more)


async def told(label: TestLabel) -> list[str]:
    events = await label.views.events(OPERATOR, 0, limit=500)
    return [str(e.data["deed"]) for e in events if e.kind == "schedule.changed"]


async def test_a_schedule_begins_with_the_next_slot_and_none_of_the_past(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 9", tz="UTC"))
    assert made.next_at == START.replace(hour=9, minute=0) + timedelta(days=1)
    assert await service.fire_due(SYSTEM) == []
    assert await service.of_artist(OPERATOR, who.id) == [made]
    assert (made.approve, made.overlap, made.catch_up, made.enabled) == ("ask", "skip", True, True)


async def test_a_change_keeps_what_it_does_not_name(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    night = Window(start=time(22), end=time(8))
    first = await service.put(
        OPERATOR, who.handle, every("daily at 9", tz="Asia/Tokyo", quiet=night, approve="auto")
    )
    label.clock.advance(HOUR)
    second = await service.put(OPERATOR, who.handle, every("daily at 12"))
    assert (second.id, second.tz, second.quiet, second.approve) == (
        first.id,
        "Asia/Tokyo",
        night,
        "auto",
    )
    assert second.rhythm == At(times=(time(12),))
    assert second.next_at == START.replace(hour=3, minute=0) + timedelta(days=1)
    third = await service.put(OPERATOR, who.handle, ScheduleChange(quiet="none"))
    assert (third.quiet, third.rhythm) == (None, second.rhythm)
    assert await told(label) == ["created", "changed", "changed"]


async def test_what_cannot_be_kept_to_is_not_saved(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    for change, field in (
        (every("daily at 9", tz="Mars/Olympus"), "tz"),
        (every("daily at 9", jitter_minutes=10_000), "jitter_minutes"),
        (ScheduleChange(tz="UTC"), "rhythm"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await service.put(OPERATOR, who.handle, change)
        assert refused.value.field == field
    with pytest.raises(InvalidInput) as refused:
        await service.put(OPERATOR, who.handle, every("daily"), "Not A Name")
    assert refused.value.field == "name"
    with pytest.raises(NotFound):
        await service.put(OPERATOR, "nobody", every("daily"))
    assert await service.of_artist(OPERATOR, who.id) == []


async def test_a_preview_saves_nothing_and_is_kept_to(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    for words in ("twice a week", "every 6 hours", "3 times a day between 10 and 22"):
        seen, slots = await service.preview(OPERATOR, who.handle, every(words))
        assert len(slots) == 5
        assert await service.of_artist(OPERATOR, who.id) == []
        made = await service.put(OPERATOR, who.handle, every(words))
        assert made.next_at == slots[0] == seen.next_at
        assert [u.slot_at for u in await service.upcoming(OPERATOR, 5)] == slots
        await service.remove(OPERATOR, who.handle)


async def test_pausing_takes_the_next_slot_away_and_resuming_begins_from_now(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, every("daily at 12"))
    assert (await service.pause(OPERATOR, who.handle)).next_at is None
    label.clock.advance(timedelta(days=2, hours=5))
    assert await service.fire_due(SYSTEM) == []
    back = await service.resume(OPERATOR, who.handle)
    assert back.next_at == START.replace(hour=12, minute=0) + timedelta(days=3)
    assert await service.fire_due(SYSTEM) == []
    await service.resume(OPERATOR, who.handle)
    assert await told(label) == ["created", "paused", "resumed"]


async def test_a_removed_schedule_is_gone_and_its_runs_stay(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, every("daily"))
    run = await service.run_now(OPERATOR, who.handle)
    await service.remove(OPERATOR, who.handle)
    assert (await label.runs.get(OPERATOR, run.id)).schedule_id is not None
    with pytest.raises(NotFound) as refused:
        await service.find(OPERATOR, who.handle)
    assert "schedule set" in str(refused.value.remedy)
    with pytest.raises(NotFound):
        await service.remove(OPERATOR, who.handle)


async def test_running_now_starts_what_the_schedule_would_and_moves_no_slot(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 12", approve="auto"))
    run = await service.run_now(OPERATOR, who.handle)
    assert (run.cause, run.schedule_id, run.approve) == ("operator", made.id, "auto")
    assert (await service.find(OPERATOR, who.handle)).next_at == made.next_at
    with pytest.raises(Conflict, match="has not ended"):
        await service.run_now(OPERATOR, who.handle)
    await label.runs.begin(SYSTEM, run.id)
    await label.runs.finish(SYSTEM, run.id)
    assert (await service.run_now(OPERATOR, who.handle)).id != run.id


async def test_two_clicks_at_a_time_run_it_once(label: TestLabel, service: ScheduleService) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, every("daily", overlap="queue"))
    both = await asyncio.gather(
        *(service.run_now(OPERATOR, who.handle) for _ in range(3)), return_exceptions=True
    )
    runs = {run.id for run in both if not isinstance(run, BaseException)}
    assert len(runs) == 1
    assert all(isinstance(r, Conflict) for r in both if isinstance(r, BaseException))


async def test_a_paused_artist_is_not_run_now(label: TestLabel, service: ScheduleService) -> None:
    who = await artist(label)
    await service.put(OPERATOR, who.handle, every("daily"))
    await label.artists.pause(OPERATOR, who.handle)
    with pytest.raises(Conflict, match="paused"):
        await service.run_now(OPERATOR, who.handle)


async def test_the_next_runs_of_all_artists_come_in_order(
    label: TestLabel, service: ScheduleService
) -> None:
    one, two = await artist(label, "One"), await artist(label, "Two")
    await service.put(OPERATOR, one.handle, every("every 6 hours"))
    await service.put(OPERATOR, two.handle, every("daily at 12"))
    await service.put(OPERATOR, two.handle, every("weekdays at 20"), "evening")
    await service.put(OPERATOR, two.handle, every("after each release"), "thanks")
    found = await service.upcoming(OPERATOR, 8)
    assert [u.slot_at for u in found] == sorted(u.slot_at for u in found)
    assert {(u.artist.handle, u.schedule.name) for u in found} == {
        ("one", "main"),
        ("two", "main"),
        ("two", "evening"),
    }
    assert [u.artist.handle for u in await service.upcoming(OPERATOR, 3, "two")] == ["two"] * 3
    assert {(s.name, a.handle) for s, a in await service.page(OPERATOR)} == {
        ("main", "one"),
        ("main", "two"),
        ("evening", "two"),
        ("thanks", "two"),
    }


async def test_a_schedule_that_is_overdue_stands_in_front(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 12"))
    label.clock.advance(6 * HOUR)
    assert [u.slot_at for u in await service.upcoming(OPERATOR, 1)] == [made.next_at]


async def test_an_artist_has_so_many_schedules_and_no_more(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    for number in range(MOST_PER_ARTIST):
        await service.put(OPERATOR, who.handle, every("daily"), f"n{number}")
    with pytest.raises(Conflict, match="already"):
        await service.put(OPERATOR, who.handle, every("daily"), "more")


async def test_two_who_set_it_at_once_make_one(label: TestLabel, service: ScheduleService) -> None:
    who = await artist(label)
    both = await asyncio.gather(
        *(service.put(OPERATOR, who.handle, every(w)) for w in ("daily", "weekly", "hourly"))
    )
    assert len({s.id for s in both}) == 1
    assert len(await service.of_artist(OPERATOR, who.id)) == 1


async def test_artists_change_no_schedules(label: TestLabel, service: ScheduleService) -> None:
    who = await artist(label)
    actor = artist_actor(who.id)
    with pytest.raises(Forbidden):
        await service.put(actor, who.handle, every("daily"))
    await service.put(OPERATOR, who.handle, every("daily"))
    for deed in (service.pause, service.resume, service.remove, service.run_now):
        with pytest.raises(Forbidden):
            await deed(actor, who.handle)
    assert isinstance(await service.find(OPERATOR, who.handle), Schedule)
