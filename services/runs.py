"""Start, follow, resume and end runs; keep what every step saw and said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

from domain.actor import Actor
from domain.approval import ApprovalStatus, standing
from domain.artist import Artist, ArtistStatus
from domain.errors import Conflict, GreenroomError
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.engine import Engine, Job
from domain.run import Failure, Run, RunKind, RunStatus, StepRecord
from services.base import Service, held_run
from services.seeds import check_seed, fresh_seed
from store.database import Database
from store.unit import UnitOfWork

RUN_JOB = "run"
PAGE = 200
UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING)


class RunService(Service):
    """Use cases of runs. Jobs leave only after the commit."""

    def __init__(self, database: Database, clock: Clock, engine: Engine) -> None:
        super().__init__(database, clock)
        self.engine = engine

    async def start(
        self,
        actor: Actor,
        artist: str,
        kind: RunKind = "cycle",
        *,
        approve: Literal["ask", "auto"] = "ask",
        seed: int | None = None,
        parent_run_id: str | None = None,
    ) -> Run:
        """Queue a run of an artist; runs of one artist go one after another.

        Raises `Conflict` when the artist's status forbids it, `InvalidInput` naming `seed`.
        """
        actor.must_be("operator", "supervisor", "system")
        check_seed(seed)
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            _check_may_run(found, kind)
            if kind == "debut":
                await _check_first_debut(unit, found.id)
            run = Run(
                id=new_id("run"),
                created_at=now,
                updated_at=now,
                kind=kind,
                artist_ids=(found.id,),
                parent_run_id=parent_run_id,
                approve=approve,
                seed=fresh_seed() if seed is None else seed,
            )
            await unit.runs.add(run)
            self._changed(unit, actor, run)
            await unit.commit()
        await self._enqueue(run, run.id)
        return run

    async def resume(self, actor: Actor, run_id: str) -> Run:
        """Go on with a failed run at the step it was in.

        A run that is queued or running already goes on as it does; one that waits is refused
        with the approval's id, unless that is decided; an ended one cannot be resumed, nor a
        failed one while its artist is paused or retired.
        """
        actor.must_be("operator", "supervisor", "system")
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            if run.status is RunStatus.FAILED:
                _check_not_stopped(await unit.artists.get(run.artist_id))
                run = await unit.runs.save(run.move_to(RunStatus.QUEUED, self.clock.now()))
                self._changed(unit, actor, run)
                await unit.commit()
            elif run.status not in UNFINISHED and not await _decided(unit, run):
                waits = run.status is RunStatus.WAITING
                raise Conflict(
                    f"run {run.id} is {run.status}",
                    field="status",
                    remedy=f"Decide approval {run.approval_id} first."
                    if waits
                    else "Start a new run instead.",
                )
        await self._enqueue(run, _job_id(run, "resume"))
        return run

    async def wake(self, actor: Actor, run_id: str) -> None:
        """Go on after an approval was closed; waking twice is harmless."""
        run = await self.get(run_id)
        await self._enqueue(run, _job_id(run, "wake"))

    async def recover(self, actor: Actor) -> list[Run]:
        """Enqueue again what was committed but perhaps never queued; returns those runs."""
        async with self.database.unit() as unit:
            runs = [r for r in await unit.runs.active() if r.status in UNFINISHED]
        for run in runs:
            await self._enqueue(run, _job_id(run, "recover"))
        return runs

    async def debut_orphans(self, actor: Actor) -> list[Run]:
        """Start the debut of every candidate that has none: its process died in between."""
        async with self.database.unit() as unit:
            orphans = [
                artist async for artist in _candidates(unit) if not await _debuts(unit, artist.id)
            ]
        return [await self.start(actor, a.id, "debut", seed=a.seed) for a in orphans]

    async def begin(self, actor: Actor, run_id: str) -> Run:
        """Mark the run as running; an earlier failure is cleared.

        Raises `Conflict` for a run that has never begun when its artist may not run any more;
        what has begun goes to its end.
        """
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            if run.status is RunStatus.QUEUED and run.failure is None:
                _check_may_run(await unit.artists.get(run.artist_id), run.kind)
            return await self._save(
                unit, actor, run.move_to(RunStatus.RUNNING, self.clock.now(), failure=None)
            )

    async def wait_for(self, actor: Actor, run_id: str, approval_id: str) -> Run:
        """The run waits for a person and frees its artist.

        An edit may have replaced the approval since the caller looked; the standing one counts.
        """
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            counts = standing(await unit.approvals.of_run(run_id))
            return await self._save(
                unit,
                actor,
                run.move_to(
                    RunStatus.WAITING,
                    self.clock.now(),
                    approval_id=counts.id if counts else approval_id,
                ),
            )

    async def finish(self, actor: Actor, run_id: str, verdict: str = "") -> Run:
        """The run came to its end; a rejected or expired approval shows in its status."""
        ends = {"rejected": RunStatus.REJECTED, "expired": RunStatus.CANCELLED}
        return await self._move(actor, run_id, ends.get(verdict, RunStatus.SUCCEEDED))

    async def fail(self, actor: Actor, run_id: str, step: str, error: GreenroomError) -> Run:
        """The run stopped; it can be resumed at `step`."""
        failure = _failure(step, error)
        return await self._move(actor, run_id, RunStatus.FAILED, failure=failure)

    async def cancel(self, actor: Actor, run_id: str, why: GreenroomError) -> Run:
        """The run ends before it began, and tells why."""
        failure = _failure("start", why)
        return await self._move(actor, run_id, RunStatus.CANCELLED, failure=failure)

    async def note(self, actor: Actor, run_id: str, **changes: Any) -> Run:
        """Write down what the run made: action, work, release and post ids, CPU seconds."""
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            return await self._save(unit, actor, run.amend(self.clock.now(), **changes))

    async def step_started(
        self, actor: Actor, run: Run, step: str, attempt: int | None = None
    ) -> int:
        """Tell those who watch that a step began; returns which try it is, counted unless given."""
        async with self.database.unit() as unit:
            if attempt is None:
                attempt = 1 + sum(s.step == step for s in await unit.steps.of_run(run.id))
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

    async def get(self, run_id: str) -> Run:
        """One run; raises `NotFound`."""
        async with self.database.unit() as unit:
            return await unit.runs.get(run_id)

    async def steps(self, run_id: str) -> list[StepRecord]:
        """The run's steps in the order they ended."""
        async with self.database.unit() as unit:
            await unit.runs.get(run_id)
            return await unit.steps.of_run(run_id)

    async def page(
        self, *, artist_id: str | None = None, after: str | None = None, limit: int = 20
    ) -> list[Run]:
        """Runs, newest first."""
        async with self.database.unit() as unit:
            return await unit.runs.page(after, limit, artist_id=artist_id)

    async def _move(self, actor: Actor, run_id: str, status: RunStatus, **changes: Any) -> Run:
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            return await self._save(unit, actor, run.move_to(status, self.clock.now(), **changes))

    async def _save(self, unit: UnitOfWork, actor: Actor, run: Run) -> Run:
        saved = await unit.runs.save(run)
        self._changed(unit, actor, saved)
        await unit.commit()
        return saved

    def _changed(self, unit: UnitOfWork, actor: Actor, run: Run) -> None:
        unit.emit(
            self.event(
                "run.changed",
                actor,
                artist_id=run.artist_id,
                run_id=run.id,
                status=run.status.value,
                action=run.action,
                approval_id=run.approval_id,
                failure=run.failure.model_dump() if run.failure else None,
            )
        )

    async def _enqueue(self, run: Run, job_id: str) -> None:
        await self.engine.enqueue(
            Job(id=job_id, name=RUN_JOB, args=(run.id,), partition=run.artist_id)
        )


def _job_id(run: Run, why: str) -> str:
    """A new id each time: a job that died before its run moved must not block the next one.

    Driving a run twice is harmless, so more jobs than needed are too.
    """
    return f"{run.id}:{new_id(why)}"


async def _decided(unit: UnitOfWork, run: Run) -> bool:
    """Tell whether the run waits for something that is decided already."""
    found = await unit.approvals.of_run(run.id)
    undecided = any(a.status is ApprovalStatus.WAITING for a in found)
    return run.status is RunStatus.WAITING and bool(found) and not undecided


def _failure(step: str, error: GreenroomError) -> Failure:
    return Failure(
        code=error.code,
        message=error.message,
        step=step,
        field=error.field,
        remedy=error.remedy,
        exit_code=error.exit_code,
    )


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


async def _candidates(unit: UnitOfWork) -> AsyncIterator[Artist]:
    after: str | None = None
    while found := await unit.artists.page(after, PAGE, ArtistStatus.CANDIDATE):
        for artist in found:
            yield artist
        after = found[-1].id


def _check_may_run(artist: Artist, kind: RunKind) -> None:
    wanted = ArtistStatus.CANDIDATE if kind == "debut" else ArtistStatus.ACTIVE
    if artist.status is not wanted:
        raise _may_not(artist)


def _check_not_stopped(artist: Artist) -> None:
    """A debut that failed after its artist became active may still go on."""
    if artist.status in (ArtistStatus.PAUSED, ArtistStatus.RETIRED):
        raise _may_not(artist)


def _may_not(artist: Artist) -> Conflict:
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
