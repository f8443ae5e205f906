from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor, visitor_actor
from domain.artist import ArtistStatus
from domain.errors import Conflict, DiskFull, Forbidden, InvalidInput, NotFound
from domain.run import Run, RunStatus
from runtime.clock import ManualClock
from runtime.engine.in_memory import InMemoryEngine, InMemoryJobs
from services.run_moves import RUN_JOB, RunRules
from services.runs import RunService
from store.database import Database
from tests.services.build import artist, asked, ids
from tests.support import label as play
from tests.support.label import START, TestLabel

FULL = DiskFull("full", remedy="Free some space.")


class Worker:
    """Runs on an engine of its own, whose handler the test gives."""

    def __init__(self, label: TestLabel, jobs: InMemoryJobs | None = None) -> None:
        self.engine = InMemoryEngine(jobs)
        self.service = RunService(label.database, label.clock, self.engine, RunRules(retries=0))
        self.driven: list[str] = []
        self.now: list[str] = []
        self.most = 0
        self.handle: Callable[[Run], Awaitable[None]] = self.finish
        self.engine.register(RUN_JOB, self._job)

    async def finish(self, run: Run) -> None:
        await self.service.begin(SYSTEM, run.id)
        await asyncio.sleep(0.01)
        await self.service.finish(SYSTEM, run.id)

    async def _job(self, run_id: str) -> None:
        run = await self.service.get(OPERATOR, run_id)
        self.driven.append(run_id)
        self.now.append(run.artist_id)
        assert self.now.count(run.artist_id) == 1
        self.most = max(self.most, len(self.now))
        try:
            await self.handle(run)
        finally:
            self.now.remove(run.artist_id)


@pytest.fixture
async def worker(label: TestLabel) -> AsyncIterator[Worker]:
    made = Worker(label)
    await made.engine.start()
    yield made
    await made.engine.stop()


async def test_runs_of_one_artist_go_one_after_another_in_order(
    label: TestLabel, worker: Worker
) -> None:
    one, two = await artist(label, "One"), await artist(label, "Two")
    runs = [await worker.service.start(OPERATOR, who.handle) for who in (one, one, two, one)]
    assert await worker.engine.drain(60)
    mine = [r.id for r in runs if r.artist_id == one.id]
    assert [i for i in worker.driven if i in mine] == mine
    assert worker.most == 2
    assert {(await worker.service.get(OPERATOR, r.id)).status for r in runs} == {
        RunStatus.SUCCEEDED
    }


async def test_only_an_active_artist_may_run(label: TestLabel) -> None:
    who = await artist(label)
    remedies = {
        "pause": (ArtistStatus.PAUSED, "artist resume"),
        "retire": (ArtistStatus.RETIRED, "create another"),
    }
    for how, (status, remedy) in remedies.items():
        await getattr(label.artists, how)(OPERATOR, who.handle)
        with pytest.raises(Conflict, match=status.value) as refused:
            await label.runs.start(OPERATOR, who.handle)
        assert remedy in str(refused.value.remedy)
    assert [r.kind for r in await label.runs.page(OPERATOR)] == ["debut"]


async def test_a_candidate_makes_its_debut_only_and_an_active_artist_none(
    label: TestLabel,
) -> None:
    candidate = await label.artists.create(OPERATOR, play.BRIEF, "synthwave")
    with pytest.raises(Conflict, match="candidate"):
        await label.runs.start(OPERATOR, candidate.id)
    await label.runs.start(OPERATOR, candidate.id, "debut")
    active = await artist(label)
    with pytest.raises(Conflict, match="active"):
        await label.runs.start(OPERATOR, active.id, "debut")


async def test_artists_and_visitors_start_nothing(label: TestLabel) -> None:
    who = await artist(label)
    for actor in (artist_actor(who.id), visitor_actor("v")):
        with pytest.raises(Forbidden):
            await label.runs.start(actor, who.handle)
        with pytest.raises(Forbidden):
            await label.runs.resume(actor, "run_x")
    with pytest.raises(NotFound):
        await label.runs.start(OPERATOR, "nobody")


@pytest.mark.parametrize("seed", [-1, 2**63, 10**30])
async def test_a_seed_that_cannot_be_kept_is_refused(label: TestLabel, seed: int) -> None:
    who = await artist(label)
    with pytest.raises(InvalidInput) as refused:
        await label.runs.start(OPERATOR, who.handle, seed=seed)
    assert refused.value.field == "seed"
    run = await label.runs.start(OPERATOR, who.handle, seed=2**63 - 1)
    assert (await label.runs.get(OPERATOR, run.id)).seed == 2**63 - 1


async def test_a_failed_run_is_queued_again_and_goes_on(label: TestLabel, worker: Worker) -> None:
    who = await artist(label)

    async def fail(run: Run) -> None:
        await worker.service.begin(SYSTEM, run.id)
        await worker.service.fail(SYSTEM, run.id, "render", FULL)

    worker.handle = fail
    run = await worker.service.start(OPERATOR, who.handle)
    assert await worker.engine.drain(60)
    failed = await worker.service.get(OPERATOR, run.id)
    assert failed.status is RunStatus.FAILED
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.step) == ("disk_full", "render")
    assert (failed.failure.remedy, failed.failure.exit_code) == ("Free some space.", 8)

    worker.handle = worker.finish
    assert (await worker.service.resume(OPERATOR, run.id)).status is RunStatus.QUEUED
    assert await worker.engine.drain(60)
    done = await worker.service.get(OPERATOR, run.id)
    assert (done.status, done.failure) == (RunStatus.SUCCEEDED, None)


async def test_a_run_whose_job_died_before_it_moved_can_still_be_resumed(
    label: TestLabel, worker: Worker
) -> None:
    """A full disk keeps the run's row from moving; the next resume must not be swallowed."""
    who = await artist(label)

    async def die(run: Run) -> None:
        raise FULL

    worker.handle = die
    run = await worker.service.start(OPERATOR, who.handle)
    assert await worker.engine.drain(60)
    for _ in range(2):
        await worker.service.resume(OPERATOR, run.id)
        assert await worker.engine.drain(60)
    assert (await worker.service.get(OPERATOR, run.id)).status is RunStatus.QUEUED
    worker.handle = worker.finish
    await worker.service.resume(OPERATOR, run.id)
    assert await worker.engine.drain(60)
    assert (await worker.service.get(OPERATOR, run.id)).status is RunStatus.SUCCEEDED


async def test_two_clicks_on_resume_queue_it_once(label: TestLabel, worker: Worker) -> None:
    who = await artist(label)
    run = await label.runs.start(OPERATOR, who.handle)
    await label.runs.begin(SYSTEM, run.id)
    await label.runs.fail(SYSTEM, run.id, "plan", FULL)
    both = await asyncio.gather(
        label.runs.resume(OPERATOR, run.id), label.runs.resume(OPERATOR, run.id)
    )
    assert [r.status for r in both] == [RunStatus.QUEUED, RunStatus.QUEUED]
    assert both[0].row_version == both[1].row_version


@pytest.mark.parametrize("verdict", ["", "rejected", "expired"])
async def test_an_ended_run_is_not_resumed(label: TestLabel, verdict: str) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    ended = await label.runs.finish(SYSTEM, run.id, verdict)
    expected = {"": "succeeded", "rejected": "rejected", "expired": "cancelled"}
    assert ended.status == expected[verdict]
    with pytest.raises(Conflict, match=ended.status.value) as refused:
        await label.runs.resume(OPERATOR, run.id)
    assert "new run" in str(refused.value.remedy)


async def test_a_waiting_run_names_its_approval_until_that_is_decided(label: TestLabel) -> None:
    who = await artist(label)
    approval = await asked(label, who)
    with pytest.raises(Conflict) as refused:
        await label.runs.resume(OPERATOR, approval.run_id)
    assert approval.id in str(refused.value.remedy)
    await label.approvals.decide(OPERATOR, approval.id, "approve")
    await label.engine.drain(60)
    label.jobs.clear()
    # The job that should have gone on was lost: a person can still push the run.
    await label.runs.resume(OPERATOR, approval.run_id)
    await label.engine.drain(60)
    assert label.jobs == [approval.run_id]


async def test_recovery_queues_what_was_committed_but_never_queued(
    label: TestLabel, tmp_path: Path
) -> None:
    who = await artist(label)
    stopped = RunService(label.database, label.clock, InMemoryEngine())
    with pytest.raises(Conflict, match="not running"):
        await stopped.start(OPERATOR, who.handle)
    worker = Worker(label)
    await worker.engine.start()
    (found,) = await worker.service.recover(SYSTEM)
    assert await worker.engine.drain(60)
    assert (await worker.service.get(OPERATOR, found.id)).status is RunStatus.SUCCEEDED
    assert await worker.service.recover(SYSTEM) == []
    await worker.engine.stop()


async def test_a_candidate_whose_debut_was_lost_in_a_crash_gets_one_of_its_own_seed(
    label: TestLabel, worker: Worker
) -> None:
    lost = await label.artists.create(OPERATOR, play.BRIEF, "synthwave", 77)
    begun = await label.artists.create(OPERATOR, play.BRIEF, "synthwave", 78)
    debut = await worker.service.start(OPERATOR, begun.id, "debut", seed=1)
    await artist(label)
    assert await worker.service.debut_orphans(SYSTEM, settle_s=10) == []
    # Two that look at once begin it once.
    looks = await asyncio.gather(*(worker.service.debut_orphans(SYSTEM) for _ in range(2)))
    (found,) = [run for look in looks for run in look]
    assert (found.artist_id, found.kind, found.seed) == (lost.id, "debut", 77)
    assert await worker.service.debut_orphans(SYSTEM) == []
    assert await worker.engine.drain(5)
    assert sorted(worker.driven) == sorted([found.id, debut.id])


async def test_a_restart_goes_on_with_what_ran(label: TestLabel) -> None:
    who = await artist(label)
    jobs = InMemoryJobs()
    first = Worker(label, jobs)
    begun = asyncio.Event()

    async def hang(run: Run) -> None:
        await first.service.begin(SYSTEM, run.id)
        begun.set()
        await asyncio.sleep(3600)

    first.handle = hang
    await first.engine.start()
    run = await first.service.start(OPERATOR, who.handle)
    await begun.wait()
    await first.engine.stop()
    assert (await label.runs.get(OPERATOR, run.id)).status is RunStatus.RUNNING

    second = Worker(label, jobs)

    async def settle(run: Run) -> None:
        if run.status is RunStatus.RUNNING:
            await second.finish(run)

    second.handle = settle
    await second.engine.start()
    await second.service.recover(SYSTEM)
    assert await second.engine.drain(60)
    assert (await label.runs.get(OPERATOR, run.id)).status is RunStatus.SUCCEEDED
    await second.engine.stop()


async def test_steps_add_their_cost_and_are_told(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    last = await label.views.last_event()
    await play.step(label, run, "plan", "I write.", cpu_s=1.5)
    await play.step(label, run, "write", "Words.", cpu_s=0.25)
    assert (await label.runs.get(OPERATOR, run.id)).cpu_s == pytest.approx(1.75)
    assert [s.step for s in await label.runs.steps(OPERATOR, run.id)] == ["plan", "write"]
    told = await label.views.events(OPERATOR, last, run_id=run.id)
    assert [(e.kind, e.data["step"]) for e in told] == [
        ("step.started", "plan"),
        ("step.finished", "plan"),
        ("step.started", "write"),
        ("step.finished", "write"),
    ]
    with pytest.raises(NotFound):
        await label.runs.steps(OPERATOR, "run_unknown")


async def test_nothing_is_told_of_what_was_not_committed(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "label.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'label.db'}")
    service = RunService(database, ManualClock(START), InMemoryEngine())
    with pytest.raises(NotFound):
        await service.start(SYSTEM, "nobody")
    async with database.unit() as unit:
        assert await unit.events.last_id() == 0
    await database.close()


async def test_time_of_a_run_never_runs_back(label: TestLabel) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    label.clock.advance(timedelta(hours=-5))
    ended = await label.runs.finish(SYSTEM, run.id)
    assert ended.updated_at == run.updated_at


async def test_all_who_write_in_a_run_at_once_are_heard(label: TestLabel) -> None:
    """The worker keeps steps and notes while a person edits what waits: nobody's change is lost."""
    who = await artist(label)
    approval = await asked(label, who)
    run = await label.runs.get(OPERATOR, approval.run_id)
    post_id = ids(approval)["post"]
    fresh, *_ = await asyncio.gather(
        label.approvals.edit_post(OPERATOR, approval.id, post_id, "Other words."),
        *(play.step(label, run, f"s{n}", "Done.", cpu_s=1.0) for n in range(6)),
        label.runs.note(SYSTEM, run.id, action="post_update"),
    )
    after = await label.runs.get(OPERATOR, run.id)
    assert after.cpu_s == pytest.approx(run.cpu_s + 6)
    assert (after.approval_id, after.action) == (fresh.id, "post_update")


@pytest.mark.parametrize("edit_first", [True, False])
async def test_a_run_that_begins_to_wait_while_its_post_is_edited_waits_for_the_new_approval(
    label: TestLabel, edit_first: bool
) -> None:
    approval = await asked(label, await artist(label))
    await label.runs.begin(SYSTEM, approval.run_id)
    both = [
        label.approvals.edit_post(OPERATOR, approval.id, ids(approval)["post"], "Other words."),
        label.runs.wait_for(SYSTEM, approval.run_id, approval.id),
    ]
    await asyncio.gather(*(both if edit_first else reversed(both)))
    run = await label.runs.get(OPERATOR, approval.run_id)
    counts = await label.approvals.standing_of(OPERATOR, run.id)
    assert counts is not None
    assert counts.id != approval.id
    assert (run.status, run.approval_id) == (RunStatus.WAITING, counts.id)


async def test_two_clicks_on_a_debut_start_one(label: TestLabel) -> None:
    candidate = await label.artists.create(OPERATOR, play.BRIEF, "synthwave")
    found = await asyncio.gather(
        *(label.runs.start(OPERATOR, candidate.id, "debut") for _ in range(6)),
        return_exceptions=True,
    )
    (run,) = [f for f in found if isinstance(f, Run)]
    refused = [f for f in found if isinstance(f, Conflict)]
    assert len(refused) == 5
    assert all(run.id in str(r.remedy) for r in refused)
    assert [r.id for r in await label.runs.page(OPERATOR)] == [run.id]


@pytest.mark.parametrize("how", ["pause", "retire"])
async def test_what_was_queued_does_not_begin_once_its_artist_may_not_run(
    label: TestLabel, how: str
) -> None:
    who = await artist(label)
    queued = await label.runs.start(OPERATOR, who.handle)
    running = await play.cycle(label, who)
    await getattr(label.artists, how)(OPERATOR, who.handle)
    with pytest.raises(Conflict, match=f"{how}d"):
        await label.runs.begin(SYSTEM, queued.id)
    assert (await label.runs.get(OPERATOR, queued.id)).status is RunStatus.QUEUED
    # What runs already goes to its end, also when a new process takes it up.
    assert (await label.runs.begin(SYSTEM, running.id)).status is RunStatus.RUNNING


@pytest.mark.parametrize("how", ["pause", "retire"])
async def test_a_failed_run_is_not_resumed_while_its_artist_rests(
    label: TestLabel, how: str
) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    await label.runs.fail(SYSTEM, run.id, "plan", FULL)
    await getattr(label.artists, how)(OPERATOR, who.handle)
    with pytest.raises(Conflict, match=f"{how}d"):
        await label.runs.resume(OPERATOR, run.id)
    assert (await label.runs.get(OPERATOR, run.id)).status is RunStatus.FAILED


async def test_a_resumed_run_has_begun_and_goes_on_though_its_artist_is_paused_meanwhile(
    label: TestLabel,
) -> None:
    who = await artist(label)
    run = await play.cycle(label, who)
    await label.runs.fail(SYSTEM, run.id, "plan", FULL)
    await label.runs.resume(OPERATOR, run.id)
    await label.artists.pause(OPERATOR, who.handle)
    assert (await label.runs.begin(SYSTEM, run.id)).status is RunStatus.RUNNING


async def test_a_debut_that_failed_after_its_artist_became_active_goes_on(
    label: TestLabel,
) -> None:
    candidate = await label.artists.create(OPERATOR, play.BRIEF, "synthwave")
    run = await label.runs.start(OPERATOR, candidate.id, "debut")
    await label.runs.begin(SYSTEM, run.id)
    await label.artists.adopt_profile(
        artist_actor(candidate.id), candidate.id, play.profile(), reason="debut"
    )
    await label.runs.fail(SYSTEM, run.id, "adopt", FULL)
    await label.runs.resume(OPERATOR, run.id)
    assert (await label.runs.begin(SYSTEM, run.id)).status is RunStatus.RUNNING


async def test_a_cancelled_run_tells_why(label: TestLabel) -> None:
    who = await artist(label)
    run = await label.runs.start(OPERATOR, who.handle)
    last = await label.views.last_event()
    ended = await label.runs.refuse(SYSTEM, run.id, Conflict("it rests", remedy="Wake it."))
    assert ended.status is RunStatus.CANCELLED
    assert ended.failure is not None
    assert (ended.failure.message, ended.failure.remedy) == ("it rests", "Wake it.")
    (told,) = await label.views.events(OPERATOR, last, run_id=run.id)
    assert (told.kind, told.data["status"]) == ("run.changed", "cancelled")
    assert told.data["failure"]["message"] == "it rests"


async def test_passing_lines_of_long_ended_runs_are_forgotten(
    label: TestLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.base.FORGOTTEN_AT_ONCE", 2)
    who = await artist(label)
    ended, going = await play.cycle(label, who), await play.cycle(label, who)
    for run in (ended, going):
        for _ in range(3):
            await label.runs.step_started(SYSTEM, run, "compose")
    await label.runs.finish(SYSTEM, ended.id)
    kinds = {run.id: await _kinds(label, run) for run in (ended, going)}
    assert await label.runs.prune_log() == 0
    label.clock.advance(timedelta(days=31))
    assert await label.runs.prune_log() == 3
    assert await _kinds(label, going) == kinds[going.id]
    assert await _kinds(label, ended) == [k for k in kinds[ended.id] if k != "step.started"]


async def _kinds(label: TestLabel, run: Run) -> list[str]:
    async with label.database.unit() as unit:
        return [event.kind for event in await unit.events.after(0, run_id=run.id)]
