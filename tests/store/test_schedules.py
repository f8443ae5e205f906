from __future__ import annotations

from datetime import timedelta

from domain.approval import ApprovalStatus
from domain.run import RunStatus
from store.database import Database
from tests.store import nouns

NOW, MINUTE = nouns.NOW, timedelta(minutes=1)


async def test_what_is_due_comes_longest_due_first(label: Database) -> None:
    async with label.unit() as unit:
        for name, minutes in (("a", -1), ("b", -5), ("c", 0), ("d", 1)):
            await unit.schedules.add(
                nouns.schedule(f"schedule_{name}", name=name, next_at=NOW + minutes * MINUTE)
            )
        await unit.schedules.add(nouns.schedule("schedule_e", name="e", next_at=None))
        await unit.commit()
    async with label.unit() as unit:
        due = [s.name for s in await unit.schedules.due(NOW, 10)]
        assert due == ["b", "a", "c"]
        assert [s.name for s in await unit.schedules.due(NOW, 2)] == ["b", "a"]
        assert [s.name for s in await unit.schedules.soonest(3)] == ["b", "a", "c"]
        assert len(await unit.schedules.soonest(9)) == 4


async def test_schedules_are_found_by_artist_and_in_pages(label: Database) -> None:
    async with label.unit() as unit:
        for number in range(3):
            await unit.schedules.add(nouns.schedule(f"schedule_{number}", name=f"n{number}"))
        await unit.schedules.add(nouns.schedule("schedule_9", artist_id="artist_02"))
        await unit.commit()
    async with label.unit() as unit:
        assert [s.id for s in await unit.schedules.of_artist("artist_02")] == ["schedule_9"]
        first = await unit.schedules.page(None, 2)
        rest = await unit.schedules.page(first[-1].id, 50)
        assert [s.id for s in (*first, *rest)] == [f"schedule_{n}" for n in (0, 1, 2, 9)]
        await unit.schedules.remove("schedule_1")
        assert len(await unit.schedules.of_artist("artist_01")) == 2


async def test_only_queued_and_running_runs_are_unfinished(label: Database) -> None:
    async with label.unit() as unit:
        for number, status in enumerate(RunStatus):
            await unit.runs.add(
                nouns.run(f"run_1{number}", status=status, schedule_id="schedule_01")
            )
        await unit.runs.add(nouns.run("run_20", schedule_id="schedule_02"))
        await unit.commit()
    async with label.unit() as unit:
        found = await unit.schedules.unfinished_runs(["schedule_01", "schedule_02", "other"])
        assert {name: sorted(statuses) for name, statuses in found.items()} == {
            "schedule_01": [RunStatus.QUEUED, RunStatus.RUNNING],
            "schedule_02": [RunStatus.QUEUED],
        }
        assert await unit.schedules.runs_so_far("schedule_01") == len(RunStatus)
        assert await unit.schedules.runs_so_far("schedule_03") == 0


async def test_slots_that_have_a_run_are_known(label: Database) -> None:
    async with label.unit() as unit:
        await unit.runs.add(nouns.run("run_10", slot_key="schedule_01:a"))
        await unit.commit()
    async with label.unit() as unit:
        found = await unit.schedules.begun_slots(["schedule_01:a", "schedule_01:b"])
        assert found == {"schedule_01:a"}


async def test_waiting_approvals_are_counted_by_artist(label: Database) -> None:
    async with label.unit() as unit:
        for number in range(3):
            await unit.approvals.add(nouns.approval(f"approval_{number}"))
        decided = nouns.approval("approval_9", status=ApprovalStatus.APPROVED)
        await unit.approvals.add(decided)
        await unit.commit()
    async with label.unit() as unit:
        found = await unit.schedules.approvals_waiting(["artist_01", "artist_02"])
        assert found == {"artist_01": 3}


async def test_a_switch_is_found_by_its_name(label: Database) -> None:
    async with label.unit() as unit:
        assert await unit.switches.by_name("hold") is None
        await unit.switches.add(nouns.switch())
        await unit.commit()
    async with label.unit() as unit:
        found = await unit.switches.by_name("hold")
        assert found is not None
        assert (found.on, found.why) == (True, "a quiet day")
