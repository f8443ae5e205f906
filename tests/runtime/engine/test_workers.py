"""Workers of their own processes on one PostgreSQL: shared, killed, frozen, drained, cut off."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from domain.errors import EnvironmentProblem, NotFound
from domain.ports.engine import Job, JobPriority
from runtime.engine.dbos_engine import DbosEngine
from tests.runtime.engine.hand import Notes
from tests.support.database import PostgresServer, postgres_server
from tests.support.process import Process

DEAD_AFTER_S = 2.0
# Looks at the queue and at the workers come on top of the wait itself.
RECOVERY_S = DEAD_AFTER_S + 3.0
LIMIT_S = 60.0


class House:
    """Workers on one database, what they noted, and an engine that only enqueues."""

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        self.url = url
        self.notes = Notes(folder / "notes")
        self.desk = DbosEngine(url, "desk", dead_after_s=DEAD_AFTER_S, executes=False)
        self._folder = folder
        self._stack = stack

    def start(self, name: str, parallel: int = 4, dead_after_s: float = DEAD_AFTER_S) -> Process:
        arguments = ["-m", "tests.runtime.engine.hand", self.url, str(self.notes.path)]
        arguments += [name, str(parallel), str(dead_after_s)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return self._stack.enter_context(Process(name, arguments, environment, self._folder))

    async def hire(self, *names: str, parallel: int = 4) -> list[Process]:
        """Start workers all at once and wait until they work."""
        started = [self.start(name, parallel) for name in names]
        await self.until(lambda: {n.worker for n in self.notes.of("ready")} >= set(names))
        return started

    async def until(self, holds: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        """Wait for something; tells what was noted where it does not come."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < limit_s, self._why()
            await asyncio.sleep(0.02)

    async def ask(self, job: str, seconds: float, partition: str = "ada", **rest: str) -> None:
        args = (job, partition, str(seconds))
        name = rest.get("name", "work")
        await self.desk.enqueue(Job(id=job, name=name, args=args, partition=partition))

    def entered(self, job: str) -> Callable[[], bool]:
        return lambda: bool(self.notes.of("enter", job))

    def left(self, job: str) -> Callable[[], bool]:
        return lambda: bool(self.notes.of("leave", job))

    async def holder_of(self, job: str) -> tuple[str, str]:
        """Which of the workers `one` and `two` runs a job, and which does not."""
        await self.until(self.entered(job))
        (note,) = self.notes.of("enter", job)
        return note.worker, "two" if note.worker == "one" else "one"

    def _why(self) -> str:
        logs = "\n".join(path.read_text()[-1500:] for path in self._folder.glob("*.log"))
        return f"{self.notes.path.read_text()[-1500:]}\n{logs}"


@pytest.fixture
async def house(postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[House]:
    url = postgres.new_database()
    with ExitStack() as stack:
        made = House(url, tmp_path, stack)
        await made.desk.start()
        yield made
        await made.desk.stop()
    postgres.drop_database(url)


async def test_three_workers_started_together_never_share_a_partition(house: House) -> None:
    dice = random.Random(7)
    jobs = [f"job-{number:03}" for number in range(150)]
    await house.hire("one", "two", "three")
    for number, name in enumerate(jobs):
        # More urgent jobs arrive while the others are looked at.
        job = Job(
            id=name,
            name="work",
            args=(name, f"artist-{number % 6}", str(dice.choice((0.0, 0.01, 0.03)))),
            partition=f"artist-{number % 6}",
            priority=dice.choice(list(JobPriority)),
        )
        await house.desk.enqueue(job)
    assert await house.desk.drain(LIMIT_S)
    assert house.notes.times_left() == dict.fromkeys(jobs, 1)
    assert house.notes.overlaps() == []
    assert {note.worker for note in house.notes.of("leave")} == {"one", "two", "three"}


async def test_jobs_of_a_killed_worker_are_done_by_another(house: House) -> None:
    workers = {one.name: one for one in await house.hire("one", "two")}
    await house.ask("long", 1.0)
    await house.ask("next", 0.0)
    holder, other = await house.holder_of("long")
    workers[holder].kill()
    await house.until(house.left("next"))
    assert [note.worker for note in house.notes.of("leave")] == [other, other]
    states = {worker.id: worker.state for worker in await house.desk.workers()}
    assert states == {holder: "silent", other: "working"}


async def test_job_of_a_silent_worker_waits_for_others_where_there_are_none(house: House) -> None:
    (one,) = await house.hire("one")
    await house.ask("long", 30.0)
    await house.until(house.entered("long"))
    (running,) = await house.desk.unfinished()
    assert (running.state, running.holder, running.args[0]) == ("running", "one", "long")
    assert running.started_at is not None
    one.freeze()
    async with asyncio.timeout(LIMIT_S):
        while (await house.desk.unfinished())[0].state == "running":
            await asyncio.sleep(0.05)
    (queued,) = await house.desk.unfinished()
    assert (queued.state, queued.holder, queued.started_at) == ("queued", None, None)
    assert [worker.state for worker in await house.desk.workers()] == ["silent"]


async def test_frozen_worker_that_wakes_gives_up_what_others_did(house: House) -> None:
    workers = {one.name: one for one in await house.hire("one", "two")}
    await house.ask("slow", 5.0, name="stubborn")
    holder, other = await house.holder_of("slow")
    workers[holder].freeze()
    await house.until(lambda: len(house.notes.of("enter", "slow")) == 2, RECOVERY_S)
    # Woken while the other is at it, and with most of its own work left.
    workers[holder].thaw()
    await house.until(lambda: bool(house.notes.of("cancelled", "slow")), RECOVERY_S)
    await house.until(house.left("slow"))
    assert [note.worker for note in house.notes.of("leave", "slow")] == [other]
    # It goes on as a worker like any other.
    await asyncio.gather(*(house.ask(f"new-{n}", 0.5, f"artist-{n}") for n in range(8)))
    assert await house.desk.drain(LIMIT_S)
    assert {note.worker for note in house.notes.of("leave")} == {"one", "two"}
    assert house.notes.times_left() == {"slow": 1, **{f"new-{n}": 1 for n in range(8)}}


async def test_ended_worker_hands_over_at_once(house: House) -> None:
    one, two = await house.hire("one", "two")
    two.freeze()  # so that the first one takes both
    await house.ask("polite", 3.0, "ada")
    await house.ask("stubborn", 3.0, "ben", name="stubborn")
    await house.until(lambda: house.entered("polite")() and house.entered("stubborn")())
    two.thaw()
    one.ask_to_end()
    await house.until(lambda: len(house.notes.of("enter")) == 4)
    assert one.wait() == 0
    assert [note.job for note in house.notes.of("handed")] == ["polite"]
    assert [note.job for note in house.notes.of("cancelled")] == ["stubborn"]
    assert await house.desk.drain(LIMIT_S)
    assert house.notes.times_left() == {"polite": 1, "stubborn": 1}
    assert house.notes.overlaps() == []
    assert [worker.id for worker in await house.desk.workers()] == ["two"]


async def test_worker_asked_from_elsewhere_drains_and_stays_idle(house: House) -> None:
    (one,) = await house.hire("one")
    await house.ask("long", 3.0)
    await house.until(house.entered("long"))
    await house.desk.ask_to_drain("one")
    await house.until(lambda: bool(house.notes.of("handed", "long")), RECOVERY_S)
    await house.ask("other", 0.0, "ben")
    await asyncio.sleep(0.5)
    assert not house.notes.of("enter", "other")
    (worker,) = await house.desk.workers()
    assert (worker.state, worker.running, worker.concurrency) == ("draining", 0, 4)
    assert {job.state for job in await house.desk.unfinished()} == {"queued"}
    await house.hire("two")
    assert await house.desk.drain(LIMIT_S)
    assert one.alive
    with pytest.raises(NotFound):
        await house.desk.ask_to_drain("nobody")


async def test_desk_never_takes_a_job(house: House) -> None:
    await house.ask("waiting", 0.0)
    await asyncio.sleep(0.5)
    (job,) = await house.desk.unfinished()
    assert (job.state, job.holder, await house.desk.workers()) == ("queued", None, [])


@pytest.fixture
def fragile() -> Iterator[PostgresServer]:
    """A server of this test's own, which it may restart."""
    with postgres_server() as server:
        yield server


async def test_work_goes_on_after_a_restart_of_the_database(
    fragile: PostgresServer, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        house = House(fragile.new_database(), tmp_path, stack)
        await house.desk.start()
        await house.hire("one", "two")
        jobs = [f"job-{number}" for number in range(12)]
        for number, name in enumerate(jobs):
            await house.ask(name, 0.6, f"artist-{number % 6}")
        fragile.restart(away_s=1.0)
        await house.ask("after", 0.0, "zoe")
        assert await house.desk.drain(LIMIT_S)
        # Whose outcome could not be written ran again; nothing is lost, nobody was called dead.
        assert set(house.notes.times_left()) == {*jobs, "after"}
        assert house.notes.overlaps() == []
        assert {worker.state for worker in await house.desk.workers()} == {"working"}
        fragile.stop()
        with pytest.raises(EnvironmentProblem) as refused:
            await house.ask("never", 0.0)
        assert refused.value.passing
        fragile.start()
        await house.ask("again", 0.0)
        assert await house.desk.drain(LIMIT_S)
        assert house.notes.times_left()["again"] == 1
        await house.desk.stop()
