"""Leases, retries, deaths and the way back into the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR, SYSTEM, artist_actor
from domain.errors import (
    Conflict,
    DiskFull,
    GreenroomError,
    InvalidInput,
    LeaseLost,
    ModelUnavailable,
    PartMissing,
)
from domain.run import Run, RunStatus
from runtime.engine.in_memory import InMemoryEngine
from services.run_moves import LONGEST_RETRY_S, RUN_JOB, RunRules, lease_of
from services.runs import RunService
from tests.services.build import artist
from tests.support.label import TestLabel

DOWN = ModelUnavailable("the endpoint is down")


class Runs:
    """A service on an engine whose jobs are only looked at."""

    def __init__(self, label: TestLabel, **rules: float) -> None:
        self.label = label
        self.engine = InMemoryEngine()
        given = RunRules(**{"retries": 2, "retry_s": 10.0, "deaths": 3, **rules})  # type: ignore[arg-type]
        self.service = RunService(label.database, label.clock, self.engine, given)

    async def queued(self) -> Run:
        """A new run of a new artist."""
        self.engine.register(RUN_JOB, self._idle)
        await self.engine.start()
        who = await artist(self.label)
        return await self.service.start(OPERATOR, who.handle)

    async def _idle(self, _run_id: str) -> None:
        return None


@pytest.fixture
def runs(label: TestLabel) -> Runs:
    return Runs(label)


async def test_taking_a_run_gives_a_new_lease_each_time(runs: Runs) -> None:
    run = await runs.queued()
    first = await runs.service.begin(SYSTEM, run.id)
    second = await runs.service.begin(SYSTEM, run.id)
    assert (first.lease, second.lease) == (1, 2)
    assert second.holder == runs.engine.worker_id
    assert (first.deaths, second.deaths) == (0, 1)


async def test_a_relieved_worker_writes_nothing_more(runs: Runs) -> None:
    run = await runs.queued()
    old = await runs.service.begin(SYSTEM, run.id)
    new = await runs.service.begin(SYSTEM, run.id)
    frozen = artist_actor(run.artist_id, lease_of(old))
    before = await runs.label.views.last_event()
    for move in (
        runs.service.step_started(frozen, old, "plan"),
        runs.service.note(frozen, run.id, action="post_update"),
        runs.service.finish(frozen, run.id),
        runs.service.fail(frozen, run.id, "plan", DOWN),
        runs.service.give_back(frozen, run.id),
    ):
        with pytest.raises(LeaseLost):
            await move
    stored = await runs.service.get(OPERATOR, run.id)
    assert stored == new, "everything of the transaction is undone"
    assert await runs.label.views.last_event() == before
    heir = artist_actor(run.artist_id, lease_of(new))
    assert (await runs.service.finish(heir, run.id)).status is RunStatus.SUCCEEDED


async def test_what_passes_is_tried_again_later_and_not_for_ever(runs: Runs) -> None:
    run = await runs.queued()
    waits = []
    for retry in (1, 2):
        await runs.service.begin(SYSTEM, run.id)
        later = await runs.service.fail(SYSTEM, run.id, "write", DOWN)
        assert (later.status, later.retries) == (RunStatus.QUEUED, retry)
        assert later.failure is not None
        assert later.failure.code == "model_unavailable"
        assert later.retry_at is not None
        waits.append((later.retry_at - runs.label.clock.now()).total_seconds())
        delayed = [job for job in await runs.engine.unfinished() if job.state == "delayed"]
        assert [job.args for job in delayed][-1] == (run.id,)
    assert 10.0 <= waits[0] <= 12.5
    assert 20.0 <= waits[1] <= 25.0
    await runs.service.begin(SYSTEM, run.id)
    spent = await runs.service.fail(SYSTEM, run.id, "write", DOWN)
    assert (spent.status, spent.retry_at) == (RunStatus.FAILED, None)


async def test_a_scheduled_run_sits_an_outage_of_its_model_out(runs: Runs) -> None:
    first = await runs.queued()
    run = await runs.service.start(
        SYSTEM, first.artist_id, cause="schedule", schedule_id="schedule_1", slot_key="schedule_1@9"
    )
    began = runs.label.clock.now()
    while runs.label.clock.now() - began < timedelta(hours=11):
        await runs.service.begin(SYSTEM, run.id)
        later = await runs.service.fail(SYSTEM, run.id, "write", DOWN)
        assert later.status is RunStatus.QUEUED
        assert later.retry_at is not None
        runs.label.clock.advance(later.retry_at - runs.label.clock.now())
    await runs.service.begin(SYSTEM, run.id)
    other = await runs.service.fail(SYSTEM, run.id, "write", DiskFull("the disk is full"))
    assert other.status is RunStatus.FAILED, "only its model is waited for"
    replayed = await runs.service.replay(OPERATOR, run.id)
    runs.label.clock.advance(timedelta(hours=2))
    for status in (RunStatus.QUEUED, RunStatus.QUEUED, RunStatus.FAILED):
        await runs.service.begin(SYSTEM, replayed.id)
        assert (await runs.service.fail(SYSTEM, run.id, "write", DOWN)).status is status


@pytest.mark.parametrize("error", [PartMissing("no font"), InvalidInput("bad"), LeaseLost("gone")])
async def test_what_does_not_pass_waits_for_a_person(runs: Runs, error: GreenroomError) -> None:
    run = await runs.queued()
    await runs.service.begin(SYSTEM, run.id)
    assert (await runs.service.fail(SYSTEM, run.id, "write", error)).status is RunStatus.FAILED


async def test_a_provider_that_names_a_time_is_given_it_within_reason(runs: Runs) -> None:
    run = await runs.queued()
    for asked_s, most_s in ((60.0, 75.0), (10**6, LONGEST_RETRY_S * 1.25)):
        await runs.service.begin(SYSTEM, run.id)
        busy = ModelUnavailable("busy", retry_after_s=asked_s)
        later = await runs.service.fail(SYSTEM, run.id, "write", busy)
        assert later.retry_at is not None
        wait_s = (later.retry_at - runs.label.clock.now()).total_seconds()
        assert min(asked_s, LONGEST_RETRY_S) <= wait_s <= most_s


async def test_progress_forgets_old_retries_and_deaths(runs: Runs) -> None:
    run = await runs.queued()
    await runs.service.begin(SYSTEM, run.id)
    await runs.service.fail(SYSTEM, run.id, "write", DOWN)
    await runs.service.begin(SYSTEM, run.id)
    held = await runs.service.begin(SYSTEM, run.id)
    assert (held.retries, held.deaths) == (1, 1)
    await runs.service.step_started(SYSTEM, held, "compose")
    moved = await runs.service.get(OPERATOR, run.id)
    assert (moved.step, moved.retries, moved.deaths) == ("compose", 0, 0)
    await runs.service.begin(SYSTEM, run.id)
    await runs.service.step_started(SYSTEM, held, "compose", attempt=2)
    assert (await runs.service.get(OPERATOR, run.id)).deaths == 1, (
        "the same step again is no progress"
    )


async def test_a_run_that_kills_its_workers_is_put_aside_with_the_reason(runs: Runs) -> None:
    run = await runs.queued()
    first = await runs.service.begin(SYSTEM, run.id)
    await runs.service.step_started(SYSTEM, first, "render")
    for _ in range(2):
        assert (await runs.service.begin(SYSTEM, run.id)).status is RunStatus.RUNNING
    aside = await runs.service.begin(SYSTEM, run.id)
    assert aside.status is RunStatus.FAILED
    assert aside.failure is not None
    assert (aside.failure.code, aside.failure.step) == ("quarantined", "render")
    assert "3 workers died" in aside.failure.message
    again = await runs.service.resume(OPERATOR, run.id)
    assert (await runs.service.begin(SYSTEM, again.id)).deaths == 0


async def test_a_run_given_back_is_no_death_and_goes_on_when_asked(runs: Runs) -> None:
    run = await runs.queued()
    taken = await runs.service.begin(SYSTEM, run.id)
    actor = artist_actor(run.artist_id, lease_of(taken))
    back = await runs.service.give_back(actor, run.id)
    assert (back.status, back.holder) == (RunStatus.QUEUED, None)
    await runs.engine.drain(5)
    assert [r.id for r in await runs.service.recover(SYSTEM)] == [run.id]
    assert (await runs.service.begin(SYSTEM, run.id)).deaths == 0


async def test_recovery_leaves_alone_what_has_a_job_or_is_fresh(runs: Runs) -> None:
    run = await runs.queued()
    assert await runs.engine.drain(5)
    assert await runs.service.recover(SYSTEM, settle_s=10.0) == []
    runs.label.clock.advance(timedelta(seconds=11))
    assert [r.id for r in await runs.service.recover(SYSTEM, settle_s=10.0)] == [run.id]
    await runs.service.begin(SYSTEM, run.id)
    await runs.service.fail(SYSTEM, run.id, "write", DOWN)
    assert await runs.service.recover(SYSTEM) == [], "its retry is queued"


async def test_a_run_that_changed_while_the_clock_was_ahead_is_recovered_too(runs: Runs) -> None:
    runs.label.clock.advance(timedelta(days=400))
    run = await runs.queued()
    assert await runs.engine.drain(5)
    runs.label.clock.advance(timedelta(days=-400))
    assert [r.id for r in await runs.service.recover(SYSTEM, settle_s=10.0)] == [run.id]


async def test_a_slot_starts_one_run_however_often_it_is_asked_for(runs: Runs) -> None:
    run = await runs.queued()
    first = await runs.service.start(
        SYSTEM, run.artist_id, cause="schedule", schedule_id="schedule_1", slot_key="schedule_1@9"
    )
    await runs.label.artists.pause(OPERATOR, run.artist_id)
    again = await runs.service.start(
        SYSTEM, run.artist_id, cause="schedule", schedule_id="schedule_1", slot_key="schedule_1@9"
    )
    assert again.id == first.id
    assert first.cause == "schedule"


async def test_a_failed_run_is_discarded_and_says_why(runs: Runs) -> None:
    run = await runs.queued()
    with pytest.raises(Conflict, match="queued"):
        await runs.service.discard(OPERATOR, run.id, "too late")
    await runs.service.begin(SYSTEM, run.id)
    await runs.service.fail(SYSTEM, run.id, "write", PartMissing("no font"))
    gone = await runs.service.discard(OPERATOR, run.id, "too late")
    assert (gone.status, gone.discarded) == (RunStatus.CANCELLED, "too late")
    assert gone.failure is not None


async def test_resuming_a_run_that_waits_for_its_retry_goes_on_now(runs: Runs) -> None:
    run = await runs.queued()
    await runs.service.begin(SYSTEM, run.id)
    await runs.service.fail(SYSTEM, run.id, "write", DiskFull("full"))
    now = await runs.service.resume(OPERATOR, run.id)
    assert (now.status, now.retry_at) == (RunStatus.QUEUED, None)
