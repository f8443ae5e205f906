from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor, visitor_actor
from domain.artist import Artist
from domain.dead_letters import DeadFilter
from domain.errors import (
    Conflict,
    DiskFull,
    Forbidden,
    GreenroomError,
    InvalidInput,
    ModelRejected,
    NotFound,
    PartMissing,
)
from domain.ports.engine import JobView, WorkerView
from domain.run import Run, RunStatus
from runtime.engine.in_memory import InMemoryEngine
from services.holds import HoldService
from services.operations import OperationsService
from services.operations_read import OperationsLimits
from services.runs import RunService
from tests.services.build import artist, statements
from tests.support.label import START, TestLabel

REJECTED = ModelRejected("the endpoint rejects the key", remedy="Check GREENROOM_MODEL_KEY.")
MISSING = PartMissing("the sound font is gone")


class ShownEngine(InMemoryEngine):
    """The twin, whose jobs and workers the test writes down."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[JobView] = []
        self.crew: list[WorkerView] = []
        self.asked: list[str] = []

    async def unfinished(self) -> Sequence[JobView]:
        return self.jobs

    async def workers(self) -> Sequence[WorkerView]:
        return self.crew

    async def ask_to_drain(self, worker_id: str) -> None:
        self.asked.append(worker_id)

    def carry(self, run: Run, state: str = "queued") -> None:
        facts = {
            "id": f"{run.id}:job", "name": "run", "args": (run.id,), "priority": 5,
            "partition": run.artist_id, "state": state, "queued_at": START,
        }  # fmt: skip
        self.jobs.append(JobView.model_validate(facts))

    def hire(self, name: str) -> None:
        self.crew.append(
            WorkerView(
                id=name,
                host="host",
                pid=7,
                concurrency=4,
                running=1,
                started_at=START,
                silent_s=0.5,
                state="working",
            )
        )


@pytest.fixture
def engine() -> ShownEngine:
    return ShownEngine()


@pytest.fixture
def operations(label: TestLabel, engine: ShownEngine) -> OperationsService:
    limits = OperationsLimits(shown=5)
    runs = RunService(label.database, label.clock, label.engine)
    return OperationsService(label.database, label.clock, engine, runs, limits)


async def failed(
    operations: OperationsService, who: Artist, step: str, error: GreenroomError
) -> Run:
    run = await operations.runs.start(OPERATOR, who.handle)
    await operations.runs.begin(SYSTEM, run.id)
    return await operations.runs.fail(SYSTEM, run.id, step, error)


async def test_an_idle_house_says_so(label: TestLabel, operations: OperationsService) -> None:
    view = await operations.overview(OPERATOR)
    assert view.at == START
    assert (view.queue.waiting, view.running.total, view.dead.total, view.workers) == (0, 0, 0, ())


async def test_each_run_stands_where_it_belongs(
    label: TestLabel, operations: OperationsService, engine: ShownEngine
) -> None:
    who = await artist(label)
    queued = await label.runs.start(OPERATOR, who.handle)
    running = await label.runs.start(OPERATOR, who.handle)
    running = await label.runs.begin(SYSTEM, running.id)
    await label.runs.step_started(SYSTEM, running, "render", 1)
    again = await failed(operations, who, "write", DiskFull("full"))
    dead = await failed(operations, who, "write", REJECTED)
    engine.carry(queued)
    engine.carry(running, "running")
    engine.carry(again, "delayed")

    view = await operations.overview(OPERATOR)
    assert (view.queue.waiting, view.queue.running, view.queue.delayed) == (1, 1, 1)
    assert [a.handle for a in view.queue.artists.items] == [who.handle]
    (at_work,) = view.running.items
    assert (at_work.run_id, at_work.step, at_work.lease) == (running.id, "render", 1)
    assert at_work.holder == label.engine.worker_id
    (retry,) = view.retrying.items
    assert (retry.run_id, retry.retries) == (again.id, 1)
    assert retry.failure is not None
    assert (retry.failure.code, retry.retry_at) == ("disk_full", again.retry_at)
    (letter,) = view.dead.items
    assert (letter.run_id, letter.failure.remedy) == (dead.id, REJECTED.remedy)
    assert view.stuck.items == ()


async def test_a_run_that_lost_its_job_is_stuck_after_a_moment(
    label: TestLabel, operations: OperationsService, engine: ShownEngine
) -> None:
    who = await artist(label)
    run = await label.runs.start(OPERATOR, who.handle)
    assert (await operations.overview(OPERATOR)).stuck.total == 0
    label.clock.advance(timedelta(minutes=2))
    (line,) = (await operations.overview(OPERATOR)).stuck.items
    assert (line.run_id, line.silent_s) == (run.id, 120)
    engine.carry(run)
    assert (await operations.overview(OPERATOR)).stuck.total == 0


async def test_what_is_held_is_not_lost(label: TestLabel, operations: OperationsService) -> None:
    who = await artist(label)
    await label.runs.start(OPERATOR, who.handle)
    holds = HoldService(label.database, label.clock)
    label.clock.advance(timedelta(minutes=2))
    await holds.hold(OPERATOR, "moving house")
    view = await operations.overview(OPERATOR)
    assert view.held is not None
    assert (view.held.why, view.stuck.total) == ("moving house", 0)
    await holds.lift(OPERATOR)
    view = await operations.overview(OPERATOR)
    assert (view.held, view.stuck.total) == (None, 0), "it is queued again in a moment"
    label.clock.advance(timedelta(minutes=1))
    assert (await operations.overview(OPERATOR)).stuck.total == 1


async def test_progress_told_keeps_a_long_step_from_looking_stuck(
    label: TestLabel, operations: OperationsService, engine: ShownEngine
) -> None:
    who = await artist(label)
    run = await label.runs.begin(SYSTEM, (await label.runs.start(OPERATOR, who.handle)).id)
    await label.runs.step_started(SYSTEM, run, "render", 1)
    engine.carry(run, "running")
    engine.hire(label.engine.worker_id)
    label.clock.advance(timedelta(minutes=9))
    await label.runs.progress(SYSTEM, run, "synthesis", 0.4)
    label.clock.advance(timedelta(minutes=9))
    assert (await operations.overview(OPERATOR)).stuck.total == 0
    label.clock.advance(timedelta(minutes=9))
    (line,) = (await operations.overview(OPERATOR)).stuck.items
    assert (line.run_id, line.silent_s) == (run.id, 18 * 60)


async def test_one_look_costs_the_same_however_much_there_is(
    label: TestLabel, operations: OperationsService, engine: ShownEngine
) -> None:
    async def look() -> int:
        with statements(label.database) as seen:
            await operations.overview(OPERATOR)
        return len(seen)

    async def more(name: str) -> None:
        who = await artist(label, name)
        engine.carry(await label.runs.start(OPERATOR, who.handle))
        await label.runs.begin(SYSTEM, (await label.runs.start(OPERATOR, who.handle)).id)
        await failed(operations, who, "write", REJECTED)
        await failed(operations, who, "write", DiskFull("full"))

    await more("One")
    label.clock.advance(timedelta(hours=1))
    first = await look()
    for number in range(6):
        await more(f"More {number}")
    label.clock.advance(timedelta(hours=1))
    assert await look() == first
    view = await operations.overview(OPERATOR)
    assert (len(view.dead.items), view.dead.total) == (5, 7)
    assert (len(view.running.items), view.running.total) == (5, 7)
    assert (len(view.retrying.items), view.retrying.total) == (5, 7)


async def test_dead_letters_are_paged_and_narrowed(
    label: TestLabel, operations: OperationsService
) -> None:
    one, two = await artist(label, "One"), await artist(label, "Two")
    first = await failed(operations, one, "write", REJECTED)
    second = await failed(operations, one, "render", MISSING)
    third = await failed(operations, two, "render", MISSING)

    async def found(**wanted: str) -> list[str]:
        return [d.run_id for d in await operations.dead_letters(OPERATOR, DeadFilter(**wanted))]

    assert await found() == [third.id, second.id, first.id]
    assert await found(code="part_missing") == [third.id, second.id]
    assert await found(step="write") == [first.id]
    assert await found(artist_id=one.id, code="part_missing") == [second.id]
    assert await found(code="no_such_code") == []
    page = await operations.dead_letters(OPERATOR, DeadFilter(), third.id, 1)
    assert [d.run_id for d in page] == [second.id]


async def test_a_dead_letter_is_replayed_or_discarded(
    label: TestLabel, operations: OperationsService
) -> None:
    who = await artist(label)
    one = await failed(operations, who, "write", REJECTED)
    two = await failed(operations, who, "write", REJECTED)
    assert (await operations.replay(OPERATOR, one.id)).status is RunStatus.QUEUED
    given_up = await operations.discard(OPERATOR, two.id, "  not  worth it\n")
    assert (given_up.status, given_up.discarded) == (RunStatus.CANCELLED, "not worth it")
    assert given_up.failure is not None
    assert given_up.failure.code == "model_rejected"
    assert await operations.dead_letters(OPERATOR, DeadFilter()) == []
    with pytest.raises(Conflict):
        await operations.discard(OPERATOR, two.id)
    with pytest.raises(Conflict):
        await operations.replay(OPERATOR, two.id)
    with pytest.raises(NotFound):
        await operations.replay(OPERATOR, "run_none")
    with pytest.raises(InvalidInput) as refused:
        await operations.discard(OPERATOR, one.id, "x" * 501)
    assert refused.value.field == "why"


async def test_only_those_that_fit_are_swept_and_one_that_refuses_stops_no_other(
    label: TestLabel, operations: OperationsService
) -> None:
    one, two = await artist(label, "One"), await artist(label, "Two")
    paused = await failed(operations, one, "render", MISSING)
    free = await failed(operations, two, "render", MISSING)
    other = await failed(operations, two, "write", REJECTED)
    await label.artists.pause(OPERATOR, one.handle)

    swept = await operations.replay_all(OPERATOR, DeadFilter(code="part_missing"))
    assert (swept.done, [r.run_id for r in swept.refused], swept.left) == (
        (free.id,), [paused.id], 0,
    )  # fmt: skip
    assert "paused" in swept.refused[0].why
    swept = await operations.discard_all(OPERATOR, DeadFilter(), "cleared")
    assert sorted(swept.done) == sorted([paused.id, other.id])
    assert (await label.runs.get(OPERATOR, paused.id)).discarded == "cleared"


async def test_a_sweep_is_bounded_and_tells_what_is_left(
    label: TestLabel, operations: OperationsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.SWEEP", 2)
    who = await artist(label)
    for _ in range(3):
        await failed(operations, who, "write", REJECTED)
    swept = await operations.discard_all(OPERATOR, DeadFilter())
    assert (len(swept.done), swept.left) == (2, 1)
    swept = await operations.discard_all(OPERATOR, DeadFilter())
    assert (len(swept.done), swept.left) == (1, 0)


async def test_a_worker_is_asked_to_drain_and_the_log_says_who_asked(
    label: TestLabel, operations: OperationsService, engine: ShownEngine
) -> None:
    engine.hire("host-2")
    engine.hire("host-1")
    last = await label.views.last_event()
    assert (await operations.drain(OPERATOR, "host-1")).id == "host-1"
    assert engine.asked == ["host-1"]
    (told,) = await label.views.events(OPERATOR, last)
    assert (told.kind, told.subject_id, told.actor) == (
        "worker.changed", "host-1", "operator:local",
    )  # fmt: skip
    with pytest.raises(NotFound) as refused:
        await operations.drain(OPERATOR, "host-9")
    assert "host-1, host-2" in str(refused.value.remedy)
    assert engine.asked == ["host-1"]


async def test_artists_and_visitors_do_nothing_here(
    label: TestLabel, operations: OperationsService, engine: ShownEngine
) -> None:
    who = await artist(label)
    engine.hire("host-1")
    run = await failed(operations, who, "write", REJECTED)
    for actor in (artist_actor(who.id), visitor_actor("v")):
        for act in (operations.replay, operations.discard):
            with pytest.raises(Forbidden):
                await act(actor, run.id)
        for sweep in (operations.replay_all, operations.discard_all):
            with pytest.raises(Forbidden):
                await sweep(actor, DeadFilter())
        with pytest.raises(Forbidden):
            await operations.drain(actor, "host-1")
    assert engine.asked == []
