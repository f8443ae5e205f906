"""What a worker does to the run it holds: begin, step, fail, give back, finish."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.actor import Actor, Lease
from domain.approval import standing
from domain.artist import Artist, ArtistStatus
from domain.errors import Conflict, GreenroomError, ModelUnavailable
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.engine import Engine, Job, JobPriority
from domain.run import Failure, Run, RunKind, RunStatus, StepRecord
from services.base import Service, held_run
from store.database import Database
from store.unit import UnitOfWork

RUN_JOB = "run"
QUARANTINED = "quarantined"
LONGEST_RETRY_S = 900.0
JITTER = 1.25
LONGEST_WAIT_S = LONGEST_RETRY_S * JITTER
NO_FAILURE: dict[str, Any] = {"failure": None, "retry_at": None}


@dataclass(frozen=True)
class RunRules:
    """How often a run is tried again by itself, and when it is put aside.

    A run that nobody waits for sits an outage of its model out for `outage_s`.
    """

    retries: int = 6
    retry_s: float = 5.0
    deaths: int = 5
    outage_s: float = 12 * 3600.0


class RunMoves(Service):
    """Every move of a run that its worker makes; each is refused to a worker that lost it."""

    def __init__(
        self, database: Database, clock: Clock, engine: Engine, rules: RunRules | None = None
    ) -> None:
        super().__init__(database, clock)
        self.engine = engine
        self.rules = rules or RunRules()

    async def begin(self, actor: Actor, run_id: str) -> Run:
        """Take the run: it is running, under a new lease of this worker.

        A run found running lost its worker in the step it was in. Too many such deaths in one
        step put the run aside: it comes back as failed. Raises `Conflict` for a run that has
        never begun when its artist may not run any more; what has begun goes to its end.
        """
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            now = self.clock.now()
            if run.status is RunStatus.QUEUED and not _has_begun(run):
                check_may_run(await unit.artists.get(run.artist_id), run.kind)
            deaths = run.deaths + (run.status is RunStatus.RUNNING)
            if deaths >= self.rules.deaths:
                return await self._save(unit, actor, _quarantined(run, deaths, now))
            taken = run.move_to(
                RunStatus.RUNNING,
                now,
                lease=run.lease + 1,
                holder=self.engine.worker_id,
                deaths=deaths,
                **NO_FAILURE,
            )
            return await self._save(unit, actor, taken)

    async def wait_for(
        self, actor: Actor, run_id: str, approval_id: str, until: datetime | None = None
    ) -> Run:
        """The run waits for a person and frees its artist; or, decided upon, for a moment.

        An edit may have replaced the approval since the caller looked; the standing one counts.
        """
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            counts = standing(await unit.approvals.of_run(run_id))
            waits_for = counts.id if counts else approval_id
            now = self.clock.now()
            waiting = run.move_to(
                RunStatus.WAITING, now, approval_id=waits_for, holder=None, retry_at=until
            )
            waiting = await self._save(unit, actor, waiting)
        if until is not None:
            left_s = max((until - now).total_seconds(), 0.0)
            await self.enqueue(waiting, "let-out", delay_s=left_s)
        return waiting

    async def finish(self, actor: Actor, run_id: str, verdict: str = "") -> Run:
        """The run came to its end; a rejected or expired approval shows in its status."""
        ends = {"rejected": RunStatus.REJECTED, "expired": RunStatus.CANCELLED}
        return await self._move(actor, run_id, ends.get(verdict, RunStatus.SUCCEEDED), holder=None)

    async def fail(self, actor: Actor, run_id: str, step: str, error: GreenroomError) -> Run:
        """The run stopped at `step`. What may pass by itself is tried again later.

        Waits double, with jitter and a cap, and are not shorter than the error asks for; a step
        that got further begins to count anew. When the tries are spent, a person has to look; but
        a scheduled run stays where it is while its model is down, so that an outage leaves each
        artist with one run that waits, and no heap of failed ones.
        """
        failure = failure_of(step, error)
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            now = self.clock.now()
            spent = run.retries >= self.rules.retries and not self._sits_out(run, error, now)
            if not error.passing or spent:
                ended = run.move_to(RunStatus.FAILED, now, failure=failure, holder=None)
                return await self._save(unit, actor, ended)
            wait_s = self._wait_s(run, error)
            later = run.move_to(
                RunStatus.QUEUED,
                now,
                failure=failure,
                holder=None,
                retries=run.retries + 1,
                retry_at=now + timedelta(seconds=wait_s),
            )
            later = await self._save(unit, actor, later)
        await self.enqueue(later, "retry", delay_s=wait_s)
        return later

    async def give_back(self, actor: Actor, run_id: str) -> Run:
        """The run stopped between two steps, for its worker ends or everything is held."""
        return await self._move(actor, run_id, RunStatus.QUEUED, holder=None)

    async def refuse(self, actor: Actor, run_id: str, why: GreenroomError) -> Run:
        """The run ends before it began, and tells why."""
        failure = failure_of("start", why)
        return await self._move(actor, run_id, RunStatus.CANCELLED, failure=failure)

    async def note(self, actor: Actor, run_id: str, **changes: Any) -> Run:
        """Write down what the run made: action, work, release and post ids, CPU seconds."""
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            return await self._save(unit, actor, run.amend(self.clock.now(), **changes))

    async def step_started(
        self, actor: Actor, run: Run, step: str, attempt: int | None = None
    ) -> int:
        """Tell those who watch that a step began; returns which try it is, counted unless given.

        A step that the run was not in yet is progress: deaths and retries count from there.
        """
        async with self.database.unit() as unit:
            if attempt is None:
                attempt = 1 + sum(s.step == step for s in await unit.steps.of_run(run.id))
            stored = await held_run(unit, run.id)
            if stored.step != step:
                now = self.clock.now()
                fresh = stored.amend(now, step=step, step_since=now, deaths=0, retries=0)
                await unit.runs.save(fresh)
            unit.emit(
                self.event(
                    "step.started",
                    actor,
                    artist_id=run.artist_id,
                    run_id=run.id,
                    step=step,
                    attempt=attempt,
                )
            )
            await unit.commit()
        return attempt

    async def step_finished(self, actor: Actor, record: StepRecord) -> None:
        """Keep the step's snapshot and report, add its CPU seconds, tell those who watch."""
        async with self.database.unit() as unit:
            run = await held_run(unit, record.run_id)
            await unit.steps.add(record)
            await unit.runs.save(run.amend(self.clock.now(), cpu_s=run.cpu_s + record.cpu_s))
            unit.emit(
                self.event(
                    "step.finished",
                    actor,
                    artist_id=record.artist_id,
                    run_id=record.run_id,
                    step=record.step,
                    outcome=record.outcome,
                    tokens=record.tokens,
                    duration_s=round(record.duration_s, 2),
                    says=str(record.report.get("says", "")),
                )
            )
            await unit.commit()

    async def progress(self, actor: Actor, run: Run, stage: str, fraction: float) -> None:
        """Tell those who watch how far the step that runs has come, 0 to 1, and with what."""
        async with self.database.unit() as unit:
            unit.emit(
                self.event(
                    "run.progress",
                    actor,
                    artist_id=run.artist_id,
                    run_id=run.id,
                    stage=stage,
                    fraction=round(fraction, 3),
                )
            )
            await unit.commit()

    async def enqueue(self, run: Run, why: str, *, delay_s: float = 0.0) -> None:
        """Queue the job that takes the run as far as it goes.

        Its id is new each time: a job that died before its run moved must not block the next
        one. Driving a run twice is harmless, so more jobs than needed are too.
        """
        await self.engine.enqueue(
            Job(
                id=f"{run.id}:{new_id(why)}",
                name=RUN_JOB,
                args=(run.id,),
                partition=run.artist_id,
                priority=_priority(run, why),
                delay_s=delay_s,
            )
        )

    def _sits_out(self, run: Run, error: GreenroomError, now: datetime) -> bool:
        """Whether the run waits for its model however many tries that takes."""
        if run.cause != "schedule" or not isinstance(error, ModelUnavailable):
            return False
        since = run.step_since or run.created_at
        return self.rules.retries > 0 and now - since < timedelta(seconds=self.rules.outage_s)

    def _wait_s(self, run: Run, error: GreenroomError) -> float:
        doubled = min(self.rules.retry_s * 2.0**run.retries, LONGEST_RETRY_S)
        asked = float(error.facts.get("retry_after_s") or 0.0)
        return max(min(asked, LONGEST_RETRY_S), doubled) * random.uniform(1.0, JITTER)

    async def _move(self, actor: Actor, run_id: str, status: RunStatus, **changes: Any) -> Run:
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            return await self._save(unit, actor, run.move_to(status, self.clock.now(), **changes))

    async def _save(self, unit: UnitOfWork, actor: Actor, run: Run) -> Run:
        saved = await unit.runs.save(run)
        self.changed(unit, actor, saved)
        await unit.commit()
        return saved

    def changed(self, unit: UnitOfWork, actor: Actor, run: Run) -> None:
        """Log a run's new state with the transaction that makes it."""
        unit.emit(
            self.event(
                "run.changed",
                actor,
                artist_id=run.artist_id,
                run_id=run.id,
                status=run.status.value,
                kind=run.kind,
                slot=run.slot_key,
                action=run.action,
                approval_id=run.approval_id,
                failure=run.failure.model_dump() if run.failure else None,
                retry_at=run.retry_at.isoformat() if run.retry_at else None,
                lease=run.lease,
                discarded=run.discarded,
                stopped=run.stopped.model_dump(mode="json") if run.stopped else None,
            )
        )


def lease_of(run: Run) -> Lease:
    """The right to move the run as it now stands."""
    return Lease(run_id=run.id, number=run.lease)


def failure_of(step: str, error: GreenroomError) -> Failure:
    """Why a run stopped, in the words of the error."""
    return Failure(
        code=error.code,
        message=error.message,
        step=step,
        field=error.field,
        remedy=error.remedy,
        exit_code=error.exit_code,
    )


def check_may_run(artist: Artist, kind: RunKind) -> None:
    """Raise `Conflict` unless the artist's status lets it begin a run of this kind."""
    wanted = ArtistStatus.CANDIDATE if kind == "debut" else ArtistStatus.ACTIVE
    if artist.status is not wanted:
        raise may_not(artist)


def may_not(artist: Artist) -> Conflict:
    """The refusal of a run, with what can be done about it."""
    remedies = {
        ArtistStatus.CANDIDATE: "Wait for its debut run to end, or resume that run.",
        ArtistStatus.PAUSED: f"Resume it first: greenroom artist resume {artist.handle}",
        ArtistStatus.RETIRED: "A retired artist makes nothing new; create another.",
        ArtistStatus.ACTIVE: "It has made its debut already; start a cycle.",
        ArtistStatus.EVOLVING: "Wait until its new profile is in force.",
    }
    return Conflict(
        f"{artist.handle} is {artist.status}", field="status", remedy=remedies[artist.status]
    )


def _has_begun(run: Run) -> bool:
    """Also true of runs that a release without leases began."""
    return run.lease > 0 or run.failure is not None


def _priority(run: Run, why: str) -> JobPriority:
    if why in ("wake", "resume"):
        return JobPriority.PERSON
    if _has_begun(run):
        return JobPriority.GOES_ON
    return JobPriority.PERSON if run.cause == "operator" else JobPriority.SCHEDULE


def _quarantined(run: Run, deaths: int, now: datetime) -> Run:
    failure = Failure(
        code=QUARANTINED,
        message=f"{deaths} workers died one after another in the step {run.step or 'start'}",
        step=run.step or "start",
        remedy="Look into the workers' logs; then replay or discard the run.",
    )
    return run.move_to(RunStatus.FAILED, now, failure=failure, holder=None, deaths=0)
