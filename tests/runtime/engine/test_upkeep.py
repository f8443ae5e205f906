"""What the durable engine does beside running jobs: it keeps its rows in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.ports.engine import Job, JobPriority
from runtime.engine.database import open_database, sync_url
from runtime.engine.dbos_engine import DbosEngine
from runtime.engine.heartbeat import Heartbeats
from runtime.engine.inbox import Inbox
from runtime.engine.pulse import Pulse, Worker
from runtime.engine.rows import AGED_S, JobRows
from tests.support.database import PostgresServer


class Place:
    """Handlers, and the rows behind the engine's back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = open_database(sync_url(url))
        schema = "" if url.startswith("sqlite") else "dbos."
        self.jobs = f"{schema}workflow_status"
        self.engines: list[DbosEngine] = []
        self.ran: list[str] = []
        self.cancelled: list[str] = []
        self.may_end = asyncio.Event()

    def engine(self, *, parallel: int = 8, keep_s: float = 3600.0) -> DbosEngine:
        made = DbosEngine(
            self.url,
            "mine",
            polling_interval_s=0.02,
            dead_after_s=0.5,
            parallel=parallel,
            keep_s=keep_s,
        )
        made.register("work", self.work)
        made.register("wait", self.wait)
        self.engines.append(made)
        return made

    async def work(self, name: str) -> None:
        self.ran.append(name)

    async def wait(self, name: str) -> None:
        self.ran.append(name)
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise

    def write(self, statement: str, **values: object) -> None:
        with self.database.begin() as connection:
            connection.execute(sa.text(statement.format(jobs=self.jobs)), values)

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.connect() as connection:
            rows = connection.execute(sa.text(statement.format(jobs=self.jobs)))
            return [tuple(row) for row in rows]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'engine.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.new_database()
    yield made
    server.drop_database(made)


@pytest.fixture
async def place(url: str) -> AsyncIterator[Place]:
    made = Place(url)
    yield made
    for engine in made.engines:
        await engine.stop()
    made.database.dispose()


def job(name: str, partition: str = "ada", handler: str = "work", priority: int = 5) -> Job:
    return Job(id=name, name=handler, args=(name,), partition=partition, priority=priority)


async def until_ran(place: Place, name: str) -> None:
    async with asyncio.timeout(10):
        while name not in place.ran:
            await asyncio.sleep(0.02)


async def test_ended_jobs_are_forgotten_after_their_time(place: Place) -> None:
    engine = place.engine()
    await engine.start()
    await engine.enqueue(job("old"))
    assert await engine.drain(10)
    await engine.stop()
    assert place.read("SELECT workflow_uuid FROM {jobs}") == [("old",)]
    # The next engine looks at once, and keeps nothing; what is unfinished it never touches.
    place.write("UPDATE {jobs} SET completed_at = completed_at - 1000")
    engine = place.engine(keep_s=0.5)
    await engine.start()
    await engine.enqueue(job("waiting", handler="wait"))
    async with asyncio.timeout(10):
        while place.read("SELECT workflow_uuid FROM {jobs}") != [("waiting",)]:
            await asyncio.sleep(0.05)
    await until_ran(place, "waiting")
    assert place.read("SELECT partition FROM engine_turns") == [("ada",)]
    await engine.stop()


async def test_job_marked_as_taken_that_nobody_runs_is_put_back(place: Place) -> None:
    engine = place.engine(parallel=1)
    await engine.start()
    await engine.enqueue(job("first", "ben", handler="wait"))
    await until_ran(place, "first")
    await engine.enqueue(job("stray"))
    # As after a crash of the thread between taking a job and starting it.
    place.write(
        "UPDATE {jobs} SET status = 'PENDING', executor_id = 'mine', owner_xid = 'gone'"
        " WHERE workflow_uuid = 'stray'"
    )
    async with asyncio.timeout(10):
        while [view.state for view in await engine.unfinished()] != ["running", "queued"]:
            await asyncio.sleep(0.02)
    place.may_end.set()
    await until_ran(place, "stray")
    assert await engine.drain(10)
    await engine.stop()


async def test_job_that_another_worker_has_by_now_is_stopped_without_an_outcome(
    place: Place,
) -> None:
    engine = place.engine()
    await engine.start()
    await engine.enqueue(job("mine-no-more", handler="wait"))
    await until_ran(place, "mine-no-more")
    place.write("UPDATE {jobs} SET executor_id = 'other', owner_xid = 'theirs'")
    async with asyncio.timeout(10):
        while not place.cancelled:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    rows = place.read("SELECT status, executor_id, owner_xid FROM {jobs}")
    assert rows == [("PENDING", "other", "theirs")]
    await engine.stop()


async def test_job_taken_back_while_its_handler_ran_to_the_end_keeps_the_others_outcome(
    place: Place,
) -> None:
    engine = place.engine()
    await engine.start()
    await engine.enqueue(job("late", handler="wait"))
    await until_ran(place, "late")
    place.write("UPDATE {jobs} SET executor_id = 'other', owner_xid = 'theirs'")
    place.may_end.set()
    await asyncio.sleep(0.5)
    rows = place.read("SELECT status, executor_id, owner_xid FROM {jobs}")
    assert rows == [("PENDING", "other", "theirs")]
    await engine.stop()


async def test_schedules_that_waited_long_are_passed_by_people_only(place: Place) -> None:
    desk = DbosEngine(place.url, "desk", executes=False)
    await desk.start()
    await desk.enqueue(job("slot", "ada", priority=JobPriority.SCHEDULE))
    await desk.enqueue(job("fresh", "ben", priority=JobPriority.SCHEDULE))
    await desk.enqueue(job("goes-on", "cleo", priority=JobPriority.GOES_ON))
    await desk.enqueue(job("person", "dora", priority=JobPriority.PERSON))
    place.write(
        "UPDATE {jobs} SET created_at = created_at - :ms WHERE workflow_uuid = 'slot'",
        ms=int((AGED_S + 1) * 1000),
    )
    rows = JobRows(place.database, "mine")
    taken = [rows.take(1, []) for _ in range(5)]
    names = [one[0].id for one in taken if one]
    assert names == ["person", "slot", "goes-on", "fresh"]
    assert taken[4] == []
    await desk.stop()


async def test_taking_leaves_busy_partitions_and_those_of_others_alone(place: Place) -> None:
    desk = DbosEngine(place.url, "desk", executes=False)
    await desk.start()
    for name, partition in (("a1", "ada"), ("a2", "ada"), ("b1", "ben"), ("c1", "cleo")):
        await desk.enqueue(job(name, partition))
    mine, theirs = JobRows(place.database, "mine"), JobRows(place.database, "theirs")
    assert [one.id for one in theirs.take(1, ["ben"]) or []] == ["a1"]
    taken = mine.take(9, ["ben"]) or []
    assert [one.id for one in taken] == ["c1"]
    # Only who holds a job puts it back.
    assert not theirs.put_back("c1", taken[0].token)
    assert not mine.put_back("c1", "forged")
    assert mine.put_back("c1", taken[0].token)
    assert not mine.put_back("c1", taken[0].token)
    assert [one.id for one in mine.take(9, []) or []] == ["b1", "c1"]
    await desk.stop()


async def test_what_a_dead_worker_had_begun_goes_on_before_others_begin(place: Place) -> None:
    desk = DbosEngine(place.url, "desk", executes=False)
    await desk.start()
    await desk.enqueue(job("lost", "ada", priority=JobPriority.SCHEDULE))
    mine, dead = JobRows(place.database, "mine"), JobRows(place.database, "dead")
    assert [one.id for one in dead.take(1, []) or []] == ["lost"]
    for name, partition in (("slot", "ben"), ("next", "ada")):
        await desk.enqueue(job(name, partition, priority=JobPriority.SCHEDULE))
    await desk.enqueue(job("goes-on", "cleo", priority=JobPriority.GOES_ON))
    await desk.enqueue(job("person", "dora", priority=JobPriority.PERSON))
    assert mine.put_back_of(["dead", "nobody"]) == 1
    taken = [rows[0].id for _ in range(4) if (rows := mine.take(1, []))]
    assert taken == ["person", "lost", "goes-on", "slot"]
    await desk.stop()


async def test_worker_whose_loop_stands_still_does_not_beat(place: Place) -> None:
    stalled_s = 0.0
    heartbeats, rows = Heartbeats(place.database), JobRows(place.database, "mine")
    desk = DbosEngine(place.url, "desk", executes=False)
    await desk.start()  # makes the tables
    heartbeats.prepare()
    heartbeats.appear("mine", 1, 0.25)
    worker = Worker(
        id="mine",
        concurrency=1,
        tokens=dict,
        draining=lambda: False,
        asked_to_drain=lambda: None,
        lost=lambda job_ids: None,
        stalled_s=lambda: stalled_s,
    )
    pulse = Pulse(heartbeats, rows, Inbox(place.database), 0.25, worker, keep_s=3600.0, alone=False)
    pulse.start()
    born = heartbeats.all()[0].beats
    await asyncio.sleep(0.3)
    assert heartbeats.all()[0].beats > born
    stalled_s = 61.0
    await asyncio.sleep(0.1)
    silent = heartbeats.all()[0].beats
    await asyncio.sleep(0.3)
    assert heartbeats.all()[0].beats == silent
    await asyncio.to_thread(pulse.stop)
    await desk.stop()


def test_frozen_process_does_not_keep_its_locks(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    database = open_database(sync_url(url))
    with database.connect() as connection:
        limit = connection.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar()
    assert limit == "3s"
    database.dispose()
    postgres.drop_database(url)
