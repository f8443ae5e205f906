from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.actor import OPERATOR, SYSTEM, Actor, artist_actor
from domain.errors import Forbidden
from domain.event import Event
from domain.ids import new_id
from domain.rhythm_words import parse_rhythm
from domain.run import Run, RunStatus
from domain.schedule import Schedule
from services.holds import HoldService
from services.runs import RunService
from services.schedules import ScheduleChange, ScheduleService
from tests.services.build import artist, asked, statements
from tests.support import label as play
from tests.support.label import START, TestLabel

GRACE_S = 3600.0
HOUR = timedelta(hours=1)


@pytest.fixture
def service(label: TestLabel) -> ScheduleService:
    return ScheduleService(label.database, label.clock, label.runs, GRACE_S, 2)


def every(words: str, **more: object) -> ScheduleChange:
    return ScheduleChange.model_validate({"rhythm": parse_rhythm(words)} | more)


async def told(label: TestLabel, *kinds: str) -> list[Event]:
    return [e for e in await label.views.events(OPERATOR, 0, limit=500) if e.kind in kinds]


async def end(label: TestLabel, run: Run) -> None:
    await label.runs.begin(SYSTEM, run.id)
    await label.runs.finish(SYSTEM, run.id)


async def to_slot(label: TestLabel, schedule: Schedule, late: timedelta = timedelta(0)) -> datetime:
    """Move the clock to the schedule's next slot."""
    assert schedule.next_at is not None
    label.clock.advance(schedule.next_at - label.clock.now() + late)
    return schedule.next_at


async def test_a_slot_starts_one_run_and_the_schedule_moves_on(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    assert made.next_at == START.replace(hour=18, minute=30)
    assert await service.fire_due(SYSTEM) == []
    slot = await to_slot(label, made)
    (run,) = await service.fire_due(SYSTEM)
    assert (run.cause, run.schedule_id, run.status) == ("schedule", made.id, RunStatus.QUEUED)
    assert await service.fire_due(SYSTEM) == []
    kept = await service.find(OPERATOR, who.handle)
    assert kept.next_at == slot + timedelta(days=1)
    assert kept.last is not None
    assert (kept.last.slot_at, kept.last.run_id, kept.last.reason) == (slot, run.id, None)
    (fired,) = await told(label, "schedule.fired")
    assert (fired.run_id, fired.subject_id, fired.artist_id) == (run.id, made.id, who.id)
    assert fired.data["slot"] == slot.isoformat()


async def test_schedules_that_are_due_start_oldest_first_and_no_more_than_the_limit(
    label: TestLabel, service: ScheduleService
) -> None:
    names = ("One", "Two", "Three")
    people = [await artist(label, name) for name in names]
    for minute, who in zip((30, 10, 20), people, strict=True):
        await service.put(OPERATOR, who.handle, every(f"daily at 18:{minute}"))
    label.clock.advance(START.replace(hour=19, minute=0) - START)
    first = await service.fire_due(SYSTEM, limit=2)
    assert [run.artist_id for run in first] == [people[1].id, people[2].id]
    (last,) = await service.fire_due(SYSTEM, limit=2)
    assert last.artist_id == people[0].id
    assert await service.fire_due(SYSTEM) == []


async def test_only_the_system_fires(label: TestLabel, service: ScheduleService) -> None:
    who = await artist(label)
    for actor in (OPERATOR, artist_actor(who.id)):
        with pytest.raises(Forbidden):
            await service.fire_due(actor)


async def test_two_leaders_at_once_start_one_run(
    label: TestLabel, service: ScheduleService
) -> None:
    """A leader that was frozen and woken again fires beside the new one."""
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    await to_slot(label, made)
    other = ScheduleService(label.database, label.clock, label.runs, GRACE_S)
    both = await asyncio.gather(service.fire_due(SYSTEM), other.fire_due(SYSTEM))
    assert len({run.id for runs in both for run in runs}) == 1
    assert len(await told(label, "schedule.fired")) == 1
    assert len(await label.runs.page(OPERATOR, artist_id=who.id)) == 2


async def test_a_leader_that_died_after_the_run_began_leaves_one_run(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    slot = await to_slot(label, made)
    begun = await label.runs.start(
        SYSTEM, who.id, cause="schedule", schedule_id=made.id, slot_key=made.slot_key(slot)
    )
    (run,) = await service.fire_due(SYSTEM)
    assert run.id == begun.id
    (fired,) = await told(label, "schedule.fired", "schedule.skipped")
    assert (fired.kind, fired.run_id) == ("schedule.fired", begun.id)


@pytest.mark.parametrize(("how", "status"), [("pause", "paused"), ("retire", "retired")])
async def test_an_artist_that_may_not_act_skips_its_slot(
    label: TestLabel, service: ScheduleService, how: str, status: str
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    await getattr(label.artists, how)(OPERATOR, who.handle)
    slot = await to_slot(label, made)
    assert await service.fire_due(SYSTEM) == []
    (skipped,) = await told(label, "schedule.skipped")
    assert (skipped.data["reason"], skipped.data["slot"]) == ("status", slot.isoformat())
    assert status in skipped.data["why"]
    kept = await service.find(OPERATOR, who.handle)
    assert kept.last is not None
    assert (kept.last.reason, kept.last.run_id) == ("status", None)
    # Retiring is final: its schedules go quiet instead of skipping for ever.
    goes_on = how == "pause"
    assert (kept.enabled, kept.next_at) == (
        goes_on,
        slot + timedelta(days=1) if goes_on else None,
    )


async def test_a_slot_that_overlaps_its_own_run_is_skipped(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("every 6 hours"))
    await to_slot(label, made)
    (run,) = await service.fire_due(SYSTEM)
    await label.runs.begin(SYSTEM, run.id)
    await to_slot(label, await service.find(OPERATOR, who.handle))
    assert await service.fire_due(SYSTEM) == []
    (skipped,) = await told(label, "schedule.skipped")
    assert skipped.data["reason"] == "overlap"
    await label.runs.finish(SYSTEM, run.id)
    await to_slot(label, await service.find(OPERATOR, who.handle))
    assert len(await service.fire_due(SYSTEM)) == 1


async def test_a_schedule_that_queues_lets_one_run_wait_and_no_more(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("every 6 hours", overlap="queue"))
    await to_slot(label, made)
    (first,) = await service.fire_due(SYSTEM)
    await label.runs.begin(SYSTEM, first.id)
    await to_slot(label, await service.find(OPERATOR, who.handle))
    (second,) = await service.fire_due(SYSTEM)
    assert second.status is RunStatus.QUEUED
    await to_slot(label, await service.find(OPERATOR, who.handle))
    assert await service.fire_due(SYSTEM) == []
    (skipped,) = await told(label, "schedule.skipped")
    assert skipped.data["reason"] == "overlap"


async def test_a_run_that_waits_for_a_person_does_not_stop_the_rhythm(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("every 6 hours"))
    await to_slot(label, made)
    (run,) = await service.fire_due(SYSTEM)
    await label.runs.begin(SYSTEM, run.id)
    await play.ask(label, run, await play.song(label, run, mp3=b"m", cover=b"c"))
    await to_slot(label, await service.find(OPERATOR, who.handle))
    assert len(await service.fire_due(SYSTEM)) == 1


async def test_an_artist_whose_approvals_pile_up_rests(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("every 6 hours"))
    approvals = [await asked(label, who, title) for title in ("One", "Two")]
    await to_slot(label, made)
    assert await service.fire_due(SYSTEM) == []
    (skipped,) = await told(label, "schedule.skipped")
    assert skipped.data["reason"] == "approvals"
    await label.approvals.decide(OPERATOR, approvals[0].id, "reject", reason="mix")
    await to_slot(label, await service.find(OPERATOR, who.handle))
    assert len(await service.fire_due(SYSTEM)) == 1


async def test_slots_missed_within_grace_are_made_up_for_once(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("every 10 minutes"))
    assert made.next_at is not None
    first = made.next_at
    label.clock.advance(first - START + timedelta(minutes=34))
    (run,) = await service.fire_due(SYSTEM)
    await end(label, run)
    assert await service.fire_due(SYSTEM) == []
    (fired,) = await told(label, "schedule.fired")
    assert fired.data["slot"] == (first + timedelta(minutes=30)).isoformat()
    assert fired.data["passed"] == 3
    assert (await service.find(OPERATOR, who.handle)).next_at == first + timedelta(minutes=40)


async def test_a_slot_older_than_grace_is_skipped(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    slot = await to_slot(label, made, timedelta(seconds=GRACE_S + 1))
    assert await service.fire_due(SYSTEM) == []
    (skipped,) = await told(label, "schedule.skipped")
    assert skipped.data["reason"] == "late"
    assert (await service.find(OPERATOR, who.handle)).next_at == slot + timedelta(days=1)


async def test_a_schedule_that_does_not_catch_up_skips_what_is_late(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30", catch_up=False))
    slot = await to_slot(label, made, timedelta(minutes=5))
    assert await service.fire_due(SYSTEM) == []
    (skipped,) = await told(label, "schedule.skipped")
    assert skipped.data["reason"] == "late"
    label.clock.advance(slot + timedelta(days=1, seconds=20) - label.clock.now())
    assert len(await service.fire_due(SYSTEM)) == 1


async def test_a_clock_that_jumps_back_doubles_nothing(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    slot = await to_slot(label, made)
    (run,) = await service.fire_due(SYSTEM)
    await end(label, run)
    label.clock.advance(timedelta(hours=-3))
    assert await service.fire_due(SYSTEM) == []
    # Even a schedule set again meanwhile, whose slot then comes a second time.
    again = await service.put(OPERATOR, who.handle, ScheduleChange(tz="UTC"))
    assert again.next_at == slot
    await to_slot(label, again)
    assert [r.id for r in await service.fire_due(SYSTEM)] == [run.id]
    assert len(await label.runs.page(OPERATOR, artist_id=who.id)) == 2


async def test_a_schedule_that_moved_while_the_clock_was_ahead_is_not_silent_for_good(
    label: TestLabel, service: ScheduleService
) -> None:
    who, other = await artist(label, "One"), await artist(label, "Two")
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    await service.put(OPERATOR, other.handle, every("daily at 18:30"))
    assert made.next_at is not None
    await service.pause(OPERATOR, other.handle)
    label.clock.advance(timedelta(days=400))
    assert await service.fire_due(SYSTEM) == []
    label.clock.advance(timedelta(days=-400))
    asleep = await service.find(OPERATOR, who.handle)
    assert asleep.next_at is not None
    assert asleep.next_at - made.next_at > timedelta(days=399)
    (right,) = await service.set_right(SYSTEM)
    assert (right.id, right.next_at) == (made.id, made.next_at)
    assert await service.set_right(SYSTEM) == []
    await to_slot(label, right)
    (run,) = await service.fire_due(SYSTEM)
    assert run.artist_id == who.id


async def test_a_schedule_that_breaks_stops_no_other(label: TestLabel) -> None:
    one, two = await artist(label, "One"), await artist(label, "Two")

    class Picky(RunService):
        async def start(self, actor: Actor, artist: str, *args: Any, **more: Any) -> Run:
            if artist == one.id:
                raise RuntimeError("a defect that only this artist meets")
            return await super().start(actor, artist, *args, **more)

    runs = Picky(label.database, label.clock, label.runs.engine)
    service = ScheduleService(label.database, label.clock, runs, GRACE_S)
    await service.put(OPERATOR, one.handle, every("daily at 18:00"))
    last = await service.put(OPERATOR, two.handle, every("daily at 18:30"))
    await to_slot(label, last)
    with pytest.raises(RuntimeError, match="a defect"):
        await service.fire_due(SYSTEM)
    assert [r.kind for r in await label.runs.page(OPERATOR, artist_id=two.id)] == ["cycle", "debut"]


async def test_nothing_fires_while_everything_is_held_and_young_slots_are_kept(
    label: TestLabel, service: ScheduleService
) -> None:
    holds = HoldService(label.database, label.clock)
    one, two = await artist(label, "One"), await artist(label, "Two")
    early = await service.put(OPERATOR, one.handle, every("daily at 18:00"))
    late = await service.put(OPERATOR, two.handle, every("daily at 19:30"))
    await holds.hold(OPERATOR, "fixing the mix")
    await to_slot(label, late, timedelta(minutes=10))
    assert await service.fire_due(SYSTEM) == []
    assert await told(label, "schedule.skipped", "schedule.fired") == []
    await holds.lift(OPERATOR)
    (run,) = await service.fire_due(SYSTEM)
    assert run.artist_id == two.id
    (skipped,) = await told(label, "schedule.skipped")
    assert (skipped.subject_id, skipped.data["reason"]) == (early.id, "late")


async def test_after_a_release_it_fires_once_for_each(
    label: TestLabel, service: ScheduleService
) -> None:
    who, other = await artist(label, "One"), await artist(label, "Two")
    made = await service.put(OPERATOR, who.handle, every("2 hours after each release"))
    assert made.next_at is None
    released = await play.live_release(label, who)
    await play.live_release(label, other)
    assert released.live_at is not None
    waiting = await service.find(OPERATOR, who.handle)
    assert waiting.next_at == released.live_at + 2 * HOUR
    label.clock.advance(HOUR)
    second = await play.live_release(label, who, "Another Song")
    assert [p.release_id for p in (await service.find(OPERATOR, who.handle)).pending] == [
        released.id,
        second.id,
    ]
    label.clock.advance(HOUR)
    (run,) = await service.fire_due(SYSTEM)
    assert (run.artist_id, run.slot_key) == (who.id, f"{made.id}:{released.id}")
    await end(label, run)
    assert await service.fire_due(SYSTEM) == []
    label.clock.advance(HOUR)
    (run,) = await service.fire_due(SYSTEM)
    assert run.slot_key == f"{made.id}:{second.id}"
    done = await service.find(OPERATOR, who.handle)
    assert (done.next_at, done.pending) == (None, ())


async def test_a_zone_that_this_machine_does_not_know_stops_no_other_schedule(
    label: TestLabel, service: ScheduleService
) -> None:
    one, two = await artist(label, "One"), await artist(label, "Two")
    broken = await service.put(OPERATOR, one.handle, every("daily at 18:00"))
    await service.put(OPERATOR, two.handle, every("daily at 18:30"))
    async with label.database.unit() as unit:
        await unit.schedules.save(broken.model_copy(update={"tz": "Mars/Olympus"}))
        await unit.commit()
    label.clock.advance(START.replace(hour=18, minute=31) - START)
    (run,) = await service.fire_due(SYSTEM)
    assert run.artist_id == two.id
    off = await service.find(OPERATOR, one.handle)
    assert (off.enabled, off.next_at) == (False, None)
    assert off.last is not None
    assert (off.last.reason, "Mars/Olympus" in off.last.why) == ("broken", True)


async def test_a_thousand_idle_schedules_cost_one_query_a_tick(
    label: TestLabel, service: ScheduleService
) -> None:
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    async with label.database.unit() as unit:
        for number in range(1000):
            await unit.schedules.add(
                made.model_copy(update={"id": f"schedule_{number}", "name": f"n{number}"})
            )
        await unit.commit()
    with statements(label.database) as seen:
        assert await service.fire_due(SYSTEM) == []
    queries = [s for s in seen if not s.startswith("BEGIN")]
    assert len(queries) == 1
    async with label.database.engine.connect() as connection:
        plan = await connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {queries[0]}",
            ("2026-05-04 09:30:00", 100, 0)[: queries[0].count("?")],
        )
        assert "ix_schedules_next_at" in str(plan.all())


@given(
    words=st.sampled_from(
        ["every 10 minutes", "twice a day between 6 and 22", "*/20 * * * *", "daily at 2:30"]
    ),
    jumps=st.lists(st.integers(-90, 300), min_size=1, max_size=12),
)
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_the_clock_does_no_slot_starts_two_runs(
    label: TestLabel, words: str, jumps: list[int]
) -> None:
    service = ScheduleService(label.database, label.clock, label.runs, GRACE_S)
    who = await artist(label, "One")
    name = f"n{new_id('x')[-20:]}"
    begun = label.clock.now()
    await service.put(OPERATOR, who.handle, every(words, tz="Australia/Lord_Howe"), name)
    slots: list[str] = []
    for minutes in jumps:
        label.clock.advance(timedelta(minutes=minutes))
        now = label.clock.now()
        for run in await service.fire_due(SYSTEM):
            if run.artist_id == who.id:
                slots.append(str(run.slot_key))
                at = datetime.strptime(slots[-1][-16:], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                # Never ahead of its time, never older than grace, never from before it was made.
                assert now - timedelta(seconds=GRACE_S) <= at <= now
                assert at > begun.replace(microsecond=0)
            await end(label, run)
    assert slots == sorted(set(slots))


async def test_a_hundred_due_at_once_are_read_together(
    label: TestLabel, service: ScheduleService
) -> None:
    """What stands around the slots costs the same few queries for one as for a hundred."""
    who = await artist(label)
    made = await service.put(OPERATOR, who.handle, every("daily at 18:30"))
    await label.artists.pause(OPERATOR, who.handle)
    async with label.database.unit() as unit:
        for number in range(99):
            await unit.schedules.add(
                made.model_copy(update={"id": f"schedule_{number}", "name": f"n{number}"})
            )
        await unit.commit()
    await to_slot(label, made)
    with statements(label.database) as seen:
        assert await service.fire_due(SYSTEM) == []
    assert len(await told(label, "schedule.skipped")) == 100
    around = ("artists", "runs", "approvals", "switches")
    reads = [s for s in seen if any(f"FROM {table}" in s for table in around)]
    assert len(reads) == 5
