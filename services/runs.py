"""Start, follow, resume and end runs; keep what every step saw and said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import structlog

from domain.actor import Actor
from domain.approval import ApprovalStatus
from domain.artist import Artist, ArtistStatus
from domain.errors import Conflict
from domain.event import EventKind
from domain.ids import new_id
from domain.ports.engine import Job, JobPriority
from domain.run import RUN_STATES, Run, RunCause, RunKind, RunStatus, StepRecord
from domain.steering import may_begin
from runtime.telemetry.tracing import origin
from services.base import held_run
from services.run_moves import RUN_JOB, check_may_run, may_not
from services.seeds import check_seed, fresh_seed
from services.steering_read import steering_of
from services.stopping import StopsRuns
from store.unit import UnitOfWork

UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING)
# A run is committed before its job is queued: younger ones are left to whoever queues them.
SETTLE_S = 10.0
# Lines of the log that say how far a run is, which is of use while it goes on.
PASSING: tuple[EventKind, ...] = ("run.progress", "step.started")
PASSING_KEPT = timedelta(days=30)
_log = structlog.get_logger(__name__)


class RunService(StopsRuns):
    """Use cases of runs. Jobs leave only after the commit."""

    async def start(
        self,
        actor: Actor,
        artist: str,
        kind: RunKind = "cycle",
        *,
        approve: Literal["ask", "auto"] | None = None,
        seed: int | None = None,
        parent_run_id: str | None = None,
        cause: RunCause = "operator",
        schedule_id: str | None = None,
        slot_key: str | None = None,
    ) -> Run:
        """Queue a run of an artist; runs of one artist go one after another.

        `approve` unsaid leaves it to the artist's level whether a person is asked. A `slot_key`
        that a run has already gives that run. Raises `Conflict` when the artist's status or its
        level forbids it, `InvalidInput` naming `seed`.
        """
        actor.must("steer", "supervisor", "system")
        if approve == "auto":
            actor.must("approve", "supervisor", "system")
        check_seed(seed)
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must_see(found.id)
            if slot_key is not None:
                await unit.lock(f"slot:{slot_key}")
                if known := await unit.runs.of_slot(slot_key):
                    return known
            await _check_may_start(unit, found, kind, cause)
            run = Run(
                id=new_id("run"),
                created_at=now,
                updated_at=now,
                kind=kind,
                artist_ids=(found.id,),
                parent_run_id=parent_run_id,
                approve=approve or "ask",
                by_level=approve is None,
                seed=fresh_seed() if seed is None else seed,
                cause=cause,
                schedule_id=schedule_id,
                slot_key=slot_key,
                traceparent=origin("ask for a run"),
            )
            await unit.runs.add(run)
            self.changed(unit, actor, run)
            await unit.commit()
        await self._enqueue_first(run)
        return run

    async def resume(self, actor: Actor, run_id: str) -> Run:
        """Go on with a failed run at the step it was in; one that waits for a retry goes on now.

        A run that is queued or running already goes on as it does; one that waits is refused
        with the approval's id, unless that is decided; an ended one cannot be resumed, nor a
        failed one while its artist is paused or retired.
        """
        actor.must("steer", "supervisor", "system")
        return await self._go_on(actor, run_id, "resume")

    async def replay(self, actor: Actor, run_id: str, *, urgent: bool = True) -> Run:
        """Resume a run as whoever keeps the house going; one of many is not `urgent`.

        It goes on behind what people ask for.
        """
        actor.must("operate", "supervisor", "system")
        return await self._go_on(actor, run_id, "resume" if urgent else "replay")

    async def _go_on(self, actor: Actor, run_id: str, why: str) -> Run:
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            actor.must_see(*run.artist_ids)
            if run.status is RunStatus.FAILED:
                _check_not_stopped(await unit.artists.get(run.artist_id))
                # Its failure stays until it begins: that tells a run that has begun before.
                run = run.move_to(RunStatus.QUEUED, self.clock.now(), retries=0, retry_at=None)
                run = await self._save(unit, actor, run)
            elif run.retry_at is not None:
                run = await self._save(unit, actor, run.amend(self.clock.now(), retry_at=None))
            elif run.status not in UNFINISHED and not await _decided(unit, run):
                waits = run.status is RunStatus.WAITING
                raise Conflict(
                    f"run {run.id} is {run.status}",
                    field="status",
                    remedy=f"Decide approval {run.approval_id} first."
                    if waits
                    else "Start a new run instead.",
                )
        await self.enqueue(run, why)
        return run

    async def discard(self, actor: Actor, run_id: str, why: str = "") -> Run:
        """Give a failed run up for good; its failure stays to be read.

        Raises `NotFound`, or `Conflict` for a run that has not failed.
        """
        actor.must("operate", "system")
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            actor.must_see(*run.artist_ids)
            if run.status is not RunStatus.FAILED:
                raise Conflict(
                    f"run {run.id} is {run.status}",
                    field="status",
                    remedy="Only a failed run is discarded; cancel or reject others.",
                )
            return await self._save(
                unit, actor, run.move_to(RunStatus.CANCELLED, self.clock.now(), discarded=why)
            )

    async def wake(self, actor: Actor, run_id: str) -> None:
        """Go on after an approval was closed; waking twice is harmless."""
        await self.enqueue(await self.get(actor, run_id), "wake")

    async def recover(self, actor: Actor, *, settle_s: float = 0.0) -> list[Run]:
        """Queue again what should go on but has no job: it was lost in a crash or held.

        Runs that wait for an approval that is closed go on too. Younger changes than `settle_s`
        are left alone: their job may be on its way. Returns the runs that were queued.
        """
        busy = {job.args[0] for job in await self.engine.unfinished() if job.args}
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.runs.without_job(now - timedelta(seconds=settle_s))
        lost = [run for run in found if run.id not in busy]
        for run in lost:
            left_s = (run.retry_at - now).total_seconds() if run.retry_at else 0.0
            await self.enqueue(run, "recover", delay_s=max(left_s, 0.0))
        return lost

    async def debut_orphans(self, actor: Actor, *, settle_s: float = 0.0) -> list[Run]:
        """Start the debut of every candidate that has none: its process died in between.

        Whoever made a candidate less than `settle_s` ago may be about to do it.
        """
        latest = self.clock.now() - timedelta(seconds=settle_s)
        async with self.database.unit() as unit:
            orphans = await unit.artists.without_run(ArtistStatus.CANDIDATE, latest)
        started = []
        for artist in orphans:
            try:
                started.append(await self.start(actor, artist.id, "debut", seed=artist.seed))
            except Conflict as error:
                # Somebody else began it, or took the artist back, a moment ago.
                _log.info("debut not begun", artist_id=artist.id, why=error.message)
        return started

    async def get(self, actor: Actor, run_id: str) -> Run:
        """One run; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            run = await unit.runs.get(run_id)
        actor.must_see(*run.artist_ids)
        return run

    async def ended(self, run_ids: Sequence[str]) -> set[str]:
        """Those of `run_ids` that will not go on, or that nobody knows."""
        async with self.database.unit() as unit:
            known = await unit.runs.many(run_ids)
        going = {run.id for run in known.values() if not RUN_STATES.final(run.status)}
        return set(run_ids) - going

    async def prune_log(self) -> int:
        """Forget what passed while long ended runs were at work; tells how many lines.

        What changed, and what a step ended with, stays.
        """
        before = self.clock.now() - PASSING_KEPT
        final = [status for status in RunStatus if RUN_STATES.final(status)]
        return await self.clear_out(
            lambda unit, most: unit.events.prune(PASSING, final, before, most)
        )

    async def steps(self, actor: Actor, run_id: str) -> list[StepRecord]:
        """The run's steps in the order they ended."""
        await self.get(actor, run_id)
        async with self.database.unit() as unit:
            return await unit.steps.of_run(run_id)

    async def page(
        self,
        actor: Actor,
        *,
        artist_id: str | None = None,
        after: str | None = None,
        limit: int = 20,
    ) -> list[Run]:
        """The runs that the actor sees, newest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.runs.page(after, limit, artist_id=artist_id, only=actor.artists)

    async def _enqueue_first(self, run: Run) -> None:
        """Its id is the run's own: should two processes queue it, there is one job."""
        person = run.cause == "operator"
        await self.engine.enqueue(
            Job(
                id=run.id,
                name=RUN_JOB,
                args=(run.id,),
                partition=run.artist_id,
                priority=JobPriority.PERSON if person else JobPriority.SCHEDULE,
            )
        )


async def _decided(unit: UnitOfWork, run: Run) -> bool:
    """Tell whether the run waits for something that is decided already."""
    found = await unit.approvals.of_run(run.id)
    undecided = any(a.status is ApprovalStatus.WAITING for a in found)
    return run.status is RunStatus.WAITING and bool(found) and not undecided


async def _check_may_start(
    unit: UnitOfWork, artist: Artist, kind: RunKind, cause: RunCause
) -> None:
    """Raise `Conflict` where the artist's status, its level or an earlier debut forbids it."""
    check_may_run(artist, kind)
    check_level(artist, may_begin(await steering_of(unit, artist.id), cause, kind))
    if kind == "debut":
        await _check_first_debut(unit, artist.id)


async def _check_first_debut(unit: UnitOfWork, artist_id: str) -> None:
    await unit.lock(f"debut:{artist_id}")
    debuts = await _debuts(unit, artist_id)
    if debuts:
        raise Conflict(
            f"the debut is run {debuts[0].id} already",
            field="kind",
            remedy=f"Wait for it, or go on with it: greenroom run resume {debuts[0].id}",
        )


async def _debuts(unit: UnitOfWork, artist_id: str) -> list[Run]:
    return [r for r in await unit.runs.of_artist(artist_id) if r.kind == "debut"]


def check_level(artist: Artist, why_not: str | None) -> None:
    """Raise `Conflict` where the artist's level of autonomy lets nothing begin by itself."""
    if why_not is not None:
        raise Conflict(
            f"{artist.handle} begins nothing by itself: {why_not}",
            field="level",
            remedy=f"Start one by hand: greenroom artist run {artist.handle}",
        )


def _check_not_stopped(artist: Artist) -> None:
    """A debut that failed after its artist became active may still go on."""
    if artist.status in (ArtistStatus.PAUSED, ArtistStatus.RETIRED):
        raise may_not(artist)
