"""What looks inside a run's body reads the same on both databases."""

from __future__ import annotations

from datetime import timedelta

from domain.dead_letters import DeadFilter
from domain.event import Event
from domain.run import Failure, RunStatus
from store.database import Database
from tests.store import nouns
from tests.store.nouns import NOW


def failure(code: str, step: str) -> Failure:
    return Failure(code=code, message="it stopped", step=step)


async def test_runs_are_found_by_their_failure_and_their_next_try(database: Database) -> None:
    soon = NOW + timedelta(seconds=9)
    async with database.unit() as unit:
        for name in ("artist_01", "artist_02"):
            await unit.artists.add(nouns.artist(name, handle=name.replace("_", "-")))
        for run in (
            nouns.run("run_01", status=RunStatus.QUEUED),
            nouns.run("run_02", status=RunStatus.QUEUED, retry_at=soon, retries=2),
            nouns.run("run_03", status=RunStatus.FAILED, failure=failure("disk_full", "render")),
            nouns.run("run_04", status=RunStatus.FAILED, failure=failure("disk_full", "write")),
            nouns.run(
                "run_05", ("artist_02",), status=RunStatus.FAILED, failure=failure("held", "write")
            ),
        ):
            await unit.runs.add(run)
        await unit.commit()
    async with database.unit() as unit:
        operations = unit.operations
        (retrying,) = await operations.retrying(10)
        assert (retrying.id, retrying.retry_at) == ("run_02", soon)
        assert await operations.dead_kinds() == [("disk_full", 2), ("held", 1)]
        for wanted, ids in (
            (DeadFilter(), ["run_05", "run_04", "run_03"]),
            (DeadFilter(code="disk_full"), ["run_04", "run_03"]),
            (DeadFilter(step="write"), ["run_05", "run_04"]),
            (DeadFilter(artist_id="artist_02"), ["run_05"]),
            (DeadFilter(artist_id="artist_02", code="disk_full"), []),
        ):
            assert [run.id for run in await operations.dead(wanted, None, 10)] == ids
            assert await operations.count_dead(wanted) == len(ids)
        counts = await operations.counts()
        assert (counts[RunStatus.QUEUED], counts[RunStatus.FAILED]) == (2, 3)
        assert await operations.queued_ids(NOW + timedelta(hours=1), 10) == ["run_01", "run_02"]
        assert await operations.queued_ids(NOW - timedelta(hours=1), 10) == []


async def test_the_last_word_of_each_run_is_found(database: Database) -> None:
    async with database.unit() as unit:
        for number in range(6):
            run_id = f"run_{number % 2}"
            unit.emit(
                Event(kind="run.progress", at=NOW, actor="a", run_id=run_id, data={"n": number})
            )
        await unit.commit()
    async with database.unit() as unit:
        found = await unit.operations.last_events(["run_0", "run_1", "run_9"])
        assert {run_id: event.data["n"] for run_id, event in found.items()} == {
            "run_0": 4, "run_1": 5,
        }  # fmt: skip
        assert await unit.operations.last_events([]) == {}
