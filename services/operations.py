"""The engine room: see queue, workers and runs; replay or discard dead letters; drain a worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence, Set
from datetime import datetime, timedelta

from domain.actor import Actor
from domain.dead_letters import DeadFilter
from domain.errors import Conflict, InvalidInput, NotFound
from domain.plain import plain_line
from domain.ports.clock import Clock
from domain.ports.engine import Engine, JobView, WorkerView
from domain.render import RenderRates
from domain.run import Run, RunStatus
from services.base import Service
from services.holds import held_since, standing_hold
from services.operations_read import (
    OperationsLimits,
    Seen,
    dead_letter,
    queue_view,
    retrying_view,
    running_view,
    stuck_view,
)
from services.operations_view import DeadGroup, DeadLetter, Overview, Refused, Some, Swept
from services.runs import RunService
from store.database import Database
from store.unit import UnitOfWork

WHY_MAX_CHARS = 500
# What one request replays or discards; whoever wants more asks again.
SWEEP = 200


class OperationsService(Service):
    """What an operator sees of runs and workers as such, and does about them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        runs: RunService,
        limits: OperationsLimits | None = None,
    ) -> None:
        super().__init__(database, clock)
        self.engine = engine
        self.runs = runs
        self.limits = limits or OperationsLimits()

    async def overview(self, actor: Actor, jobs: Sequence[JobView] | None = None) -> Overview:
        """The house at work, in a fixed number of queries however much there is.

        Whoever has read the queue already gives its jobs. A person limited to some artists sees
        their jobs and runs.
        """
        jobs = await self.engine.unfinished() if jobs is None else jobs
        jobs = [job for job in jobs if actor.sees(job.partition)]
        workers = await self.workers(actor)
        only = actor.artists
        async with self.database.unit() as unit:
            held = await standing_hold(unit)
            # What was held has no job until the sweep comes by after the hold.
            settling = await held_since(unit, self._settled_before())
            still = held is not None or settling
            seen = await self._look(unit, jobs, workers, held=still, only=only)
            kinds = await unit.operations.dead_kinds(only)
        dead = tuple(dead_letter(run, seen.artists[run.artist_id]) for run in seen.dead)
        return Overview(
            at=seen.now,
            held=held,
            queue=queue_view(seen),
            workers=tuple(workers),
            running=running_view(seen),
            retrying=retrying_view(seen),
            stuck=stuck_view(seen),
            dead=Some(items=dead, total=seen.counts[RunStatus.FAILED]),
            dead_kinds=tuple(DeadGroup(code=code, total=many) for code, many in kinds),
            waiting_for_people=seen.counts[RunStatus.WAITING],
        )

    async def renders(self, actor: Actor) -> RenderRates:
        """How many renders are known, and what finding them again has saved, by all processes."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.renders.rates()

    async def dead_letters(
        self, actor: Actor, wanted: DeadFilter, after: str | None = None, limit: int = 50
    ) -> list[DeadLetter]:
        """Failed runs that fit, newest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.operations.dead(_theirs(actor, wanted), after, limit)
            artists = await unit.artists.many(run.artist_id for run in found)
        return [dead_letter(run, artists[run.artist_id]) for run in found]

    async def workers(self, actor: Actor) -> list[WorkerView]:
        """Processes that take jobs, by name."""
        actor.must_read()
        return sorted(await self.engine.workers(), key=lambda worker: worker.id)

    async def replay(self, actor: Actor, run_id: str) -> Run:
        """Go on with a failed run at the step it was in."""
        return await self.runs.replay(actor, run_id)

    async def discard(self, actor: Actor, run_id: str, why: str = "") -> Run:
        """Give a failed run up for good; its failure, and why it was given up, stay."""
        return await self.runs.discard(actor, run_id, _reason(why))

    async def replay_all(self, actor: Actor, wanted: DeadFilter) -> Swept:
        """Replay the failed runs that fit, newest first, as many as one request may."""
        actor.must("operate", "supervisor", "system")
        return await self._sweep(
            _theirs(actor, wanted),
            lambda run_id: self.runs.replay(actor, run_id, urgent=False),
        )

    async def discard_all(self, actor: Actor, wanted: DeadFilter, why: str = "") -> Swept:
        """Discard the failed runs that fit, newest first, as many as one request may."""
        actor.must("operate", "system")
        reason = _reason(why)
        return await self._sweep(
            _theirs(actor, wanted), lambda run_id: self.discard(actor, run_id, reason)
        )

    async def drain(self, actor: Actor, worker_id: str) -> WorkerView:
        """Make a worker take nothing new and hand over what it has; it stays up, idle.

        Raises `NotFound` naming `worker`.
        """
        actor.must("operate", "system")
        actor.must_see_all()
        workers = {worker.id: worker for worker in await self.engine.workers()}
        if worker_id not in workers:
            known = ", ".join(sorted(workers)) or "none is at work"
            raise NotFound(
                f"there is no worker {worker_id!r}", field="worker", remedy=f"Workers: {known}."
            )
        await self.engine.ask_to_drain(worker_id)
        async with self.database.unit() as unit:
            unit.emit(self.event("worker.changed", actor, subject_id=worker_id, asked="drain"))
            await unit.commit()
        return workers[worker_id]

    async def _look(
        self,
        unit: UnitOfWork,
        jobs: Sequence[JobView],
        workers: Sequence[WorkerView],
        *,
        held: bool,
        only: frozenset[str] | None,
    ) -> Seen:
        running = await unit.operations.running(self.limits.read, only)
        retrying = await unit.operations.retrying(self.limits.read, only)
        dead = await unit.operations.dead(DeadFilter(artists=only), None, self.limits.shown)
        carried = {argument for job in jobs for argument in job.args}
        # What is held has no job, and is not lost.
        lost = [] if held else await self._lost(unit, carried, only)
        people = {run.artist_id for run in (*running, *retrying, *dead, *lost)}
        return Seen(
            now=self.clock.now(),
            limits=self.limits,
            jobs=jobs,
            workers=workers,
            carried=carried,
            counts=await unit.operations.counts(only),
            running=running,
            retrying=retrying,
            lost=lost,
            dead=dead,
            heard=await unit.operations.last_events(run.id for run in (*running, *lost)),
            artists=await unit.artists.many(people | {job.partition for job in jobs}),
        )

    def _settled_before(self) -> datetime:
        return self.clock.now() - timedelta(seconds=self.limits.lost_after_s)

    async def _lost(
        self, unit: UnitOfWork, carried: Set[str], only: frozenset[str] | None
    ) -> list[Run]:
        queued = await unit.operations.queued_ids(self._settled_before(), self.limits.read, only)
        found = await unit.runs.many(i for i in queued if i not in carried)
        return sorted(found.values(), key=lambda run: run.id)

    async def _sweep(self, wanted: DeadFilter, act: Callable[[str], Awaitable[Run]]) -> Swept:
        """One by one: each is a transaction of its own, and one that refuses stops no other."""
        async with self.database.unit() as unit:
            total = await unit.operations.count_dead(wanted)
            found = await unit.operations.dead(wanted, None, self.limits.read)
        done: list[str] = []
        refused: list[Refused] = []
        for run in found:
            if len(done) == SWEEP:
                break
            try:
                done.append((await act(run.id)).id)
            except Conflict as error:
                refused.append(Refused(run_id=run.id, why=error.message, remedy=error.remedy))
        left = max(total - len(done) - len(refused), 0)
        return Swept(done=tuple(done), refused=tuple(refused), left=left)


def _theirs(actor: Actor, wanted: DeadFilter) -> DeadFilter:
    return wanted.model_copy(update={"artists": actor.artists})


def _reason(why: str) -> str:
    reason = plain_line(why)
    if len(reason) > WHY_MAX_CHARS:
        raise InvalidInput(
            f"the reason has {len(reason)} characters",
            field="why",
            remedy=f"Say it in at most {WHY_MAX_CHARS}.",
        )
    return reason
