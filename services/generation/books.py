"""Writes down every step of a job; with what it says of its provider, the only writer of both."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.actor import SYSTEM, Actor
from domain.errors import GreenroomError, ProviderError
from domain.generation import (
    CostBasis,
    GenerationJob,
    GenerationStatus,
    JobFailure,
    RouteChoice,
    failure_of,
    may_have_paid,
    out_of_question,
    spent_on,
    suggested_style,
)
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.model import UsageLedger
from domain.ports.providers import Generated
from domain.routing import Needs, Offer, Purse, route
from services.generation.costs import basis_of, cost_of_failure
from services.generation.health_book import HealthBook, as_they_are
from services.generation.song import GenerationRules, Song
from services.generation.trails import SongTrail, recent_trails
from services.steering_read import steering_of
from store.database import Database
from store.unit import UnitOfWork

DAY = timedelta(hours=24)
SPENDING = "generation:spending"
ALREADY = "this song may already be paid for: what became of an earlier job is unknown"
REFUSED = "it was refused for this song"
_S = GenerationStatus
Change = Callable[[GenerationJob, datetime], GenerationJob]


class JobBook(HealthBook):
    """Jobs and health; each change is a short unit of its own and reads the row anew."""

    def __init__(
        self, database: Database, clock: Clock, ledger: UsageLedger, rules: GenerationRules
    ) -> None:
        super().__init__(database, clock)
        self.ledger = ledger
        self.rules = rules

    async def of_song(self, key: str) -> list[GenerationJob]:
        """Every job tried for a song, oldest first."""
        async with self.database.unit() as unit:
            return await unit.generations.of_song(key)

    async def get(self, job_id: str) -> GenerationJob:
        """One job; raises `NotFound`."""
        async with self.database.unit() as unit:
            return await unit.generations.get(job_id)

    async def of_stopped_runs(self) -> list[tuple[GenerationJob, datetime]]:
        """Jobs still at work whose run somebody stopped, and when."""
        async with self.database.unit() as unit:
            jobs = await unit.generations.of_stopped_runs()
            runs = await unit.runs.many({job.run_id for job in jobs if job.run_id is not None})
        ended = {r.id: r.stopped.at if r.stopped else r.updated_at for r in runs.values()}
        return [(job, ended[job.run_id]) for job in jobs if job.run_id in ended]

    async def begin(
        self, actor: Actor, song: Song, offers: Sequence[Offer]
    ) -> GenerationJob | None:
        """Choose a provider and commit the job's row; nothing was sent yet.

        Looking at the budgets and taking out of them is one step, so that two songs at a time
        cannot spend the same money; None where another call began this song meanwhile, so that
        two calls cannot order it twice. Raises `ProviderUnavailable` when nobody is left.
        """
        async with self.database.unit() as unit:
            await unit.lock(SPENDING)
            jobs = await unit.generations.of_song(song.key)
            if any(job.at_work and not job.embedded for job in jobs):
                return None
            # A revision is another order, but the same work: one purse pays for all of them.
            related = await unit.generations.of_work(song.work_id) if song.work_id else jobs
            choice = route(
                Needs.of(song.request.ask),
                await as_they_are(unit, offers),
                await self._purse(unit, song, related),
                preference=(*song.prefer, *self.rules.preference),
                refused=self._refused(song, jobs),
                now=self.clock.now(),
            )
            offer = next(o for o in offers if o.name == choice.provider)
            job = await self._opened(unit, song, offer, choice, jobs)
            self._tell(unit, actor, job)
            await self.try_alone(unit, choice.provider)
            await unit.commit()
        return job

    async def again(self, actor: Actor, job: GenerationJob) -> GenerationJob:
        """The embedded engine, which bills nothing, begins with its job anew."""
        return await self.change(actor, job.id, _anew)

    async def submitted(self, actor: Actor, job: GenerationJob, remote_id: str) -> GenerationJob:
        """The provider took the job and gave it a name."""
        return await self._step(actor, job, _S.SUBMITTED, provider_job_id=remote_id)

    async def running(self, actor: Actor, job: GenerationJob) -> GenerationJob:
        """The provider says that it is at work."""
        return await self._step(actor, job, _S.RUNNING)

    async def done(self, actor: Actor, job: GenerationJob, made: Generated) -> GenerationJob:
        """The song is here; what it cost is known. Embedded engines read their own back."""
        kept = None if job.embedded else made.model_copy(update={"reports": (), "choices": ()})
        return await self._step(
            actor,
            job,
            _S.DONE,
            result=kept,
            cost_usd=made.cost_usd,
            cost_basis=basis_of(made.cost_usd, told=made.billed),
            failure=None,
        )

    async def failed(
        self, actor: Actor, job: GenerationJob, error: GreenroomError, *, arrived: bool
    ) -> GenerationJob:
        """It gave nothing; what never arrived cannot have been billed."""
        cost_usd, basis = cost_of_failure(job, error, arrived)
        return await self._step(
            actor,
            job,
            _S.FAILED,
            failure=failure_of(error),
            cost_usd=cost_usd,
            cost_basis=basis,
        )

    async def lost(self, actor: Actor, job: GenerationJob, error: ProviderError) -> GenerationJob:
        """It was made and nobody has it any more; what it cost stands."""
        return await self._step(actor, job, _S.FAILED, failure=failure_of(error))

    async def unknown(self, actor: Actor, job: GenerationJob, failure: JobFailure) -> GenerationJob:
        """Nobody knows what became of it: its price counts as possibly spent.

        What is free of charge has no bill to fear or to settle: that job has simply failed.
        """
        free = not job.quote.cost_usd
        if free:
            return await self._step(actor, job, _S.FAILED, failure=failure, cost_usd=0.0)
        return await self._step(
            actor,
            job,
            _S.OUTCOME_UNKNOWN,
            failure=failure,
            cost_usd=job.quote.cost_usd,
            cost_basis="possibly",
        )

    async def called_off(
        self, actor: Actor, job: GenerationJob, failure: JobFailure
    ) -> GenerationJob:
        """It was stopped before its end; its price counts, for it may be billed all the same."""
        price = 0.0 if job.embedded else job.quote.cost_usd
        basis: CostBasis = "possibly" if price else "nothing"
        return await self._step(
            actor, job, _S.CANCELLED, failure=failure, cost_usd=price, cost_basis=basis
        )

    async def too_late(
        self, actor: Actor, job: GenerationJob, failure: JobFailure
    ) -> GenerationJob:
        """It was made before it could be stopped: what it costs stands, and nobody has it yet."""
        return await self._step(actor, job, _S.DONE, failure=failure)

    async def rejected(self, actor: Actor, job_id: str, reasons: Sequence[str]) -> GenerationJob:
        """The song did not pass the gates; saying so twice changes nothing."""

        def turn(job: GenerationJob, at: datetime) -> GenerationJob:
            if job.status is _S.REJECTED_BY_GATES:
                return job
            return job.move_to(_S.REJECTED_BY_GATES, at, gate_reasons=tuple(reasons))

        return await self.change(actor, job_id, turn)

    async def found(
        self,
        actor: Actor,
        job: GenerationJob,
        remote_id: str,
        status: GenerationStatus | None,
    ) -> GenerationJob:
        """What a provider tells of a job of unknown outcome; None: it is still at work."""

        def turn(stored: GenerationJob, at: datetime) -> GenerationJob:
            if status is None or not stored.in_doubt:
                return stored.amend(at, provider_job_id=remote_id)
            by = f"{actor.kind}:{actor.id}"
            # It was made, so the price counts for certain; what was billed nobody has told.
            made = status is _S.DONE
            basis = basis_of(stored.cost_usd, told=False) if made else stored.cost_basis
            changes = {"provider_job_id": remote_id, "settled_by": by, "cost_basis": basis}
            return stored.move_to(status, at, finished_at=at, **changes)

        return await self.change(actor, job.id, turn)

    async def brought(
        self,
        actor: Actor,
        job: GenerationJob,
        remote_id: str,
        got: Generated | ProviderError,
    ) -> GenerationJob:
        """Where the files of a song found later are, or why they could not be brought."""

        def turn(stored: GenerationJob, at: datetime) -> GenerationJob:
            if isinstance(got, ProviderError):
                return stored.amend(at, provider_job_id=remote_id, failure=failure_of(got))
            kept = got.model_copy(update={"reports": (), "choices": ()})
            bill: dict[str, Any] = (
                {"cost_usd": got.cost_usd, "cost_basis": basis_of(got.cost_usd, told=True)}
                if got.billed
                else {}
            )
            found = {"provider_job_id": remote_id, "result": kept, "failure": None}
            return stored.amend(at, **found, **bill)

        return await self.change(actor, job.id, turn)

    async def noted(self, actor: Actor, job: GenerationJob, words: str) -> GenerationJob:
        """Add words to why the job's provider makes it, and tell them; once."""
        async with self.database.unit() as unit:
            await unit.lock(f"generation:{job.id}")
            stored = await unit.generations.get(job.id)
            if words in stored.route.why:
                return stored
            why = f"{stored.route.why}; {words}" if stored.route.why else words
            choice = stored.route.model_copy(update={"why": why})
            stored = await unit.generations.save(stored.amend(self.clock.now(), route=choice))
            self._tell(unit, actor, stored)
            await unit.commit()
        return stored

    async def called_back(self, provider: str, remote_id: str) -> GenerationJob | None:
        """Note that the provider called back about a job; None for a job that is not ours."""
        async with self.database.unit() as unit:
            job = await unit.generations.by_provider_job(provider, remote_id)
        if job is None:
            return None
        return await self.change(SYSTEM, job.id, lambda j, at: j.amend(at, called_back_at=at))

    async def of_work(self, work_id: str) -> list[GenerationJob]:
        """Every job tried for a work, oldest first."""
        async with self.database.unit() as unit:
            return await unit.generations.of_work(work_id)

    async def page(
        self,
        after: str | None,
        limit: int,
        statuses: Sequence[GenerationStatus] | None,
        only: Collection[str] | None = None,
    ) -> list[GenerationJob]:
        """One page of jobs, newest first; `only` of these artists."""
        async with self.database.unit() as unit:
            return await unit.generations.page(after, limit, statuses, only)

    async def trails(self, limit: int, only: Collection[str] | None = None) -> list[SongTrail]:
        """The newest songs with every provider tried for them; `only` of these artists."""
        async with self.database.unit() as unit:
            return await recent_trails(unit, limit, only)

    async def change(self, actor: Actor, job_id: str, turn: Change) -> GenerationJob:
        """Change a job as it stands in the store now; tells the log when it moved."""
        async with self.database.unit() as unit:
            await unit.lock(f"generation:{job_id}")
            before = await unit.generations.get(job_id)
            after = turn(before, self.clock.now())
            if after != before:
                after = await unit.generations.save(after)
            if after.status is not before.status:
                self._tell(unit, actor, after)
            await unit.commit()
        return after

    def _refused(self, song: Song, jobs: Sequence[GenerationJob]) -> dict[str, str]:
        earlier = out_of_question(jobs, take_suggestions=self.rules.take_suggestions)
        return dict.fromkeys(song.refuse, REFUSED) | earlier

    async def _purse(self, unit: UnitOfWork, song: Song, jobs: Sequence[GenerationJob]) -> Purse:
        since = self.clock.now() - DAY
        label = await self.ledger.spent_by_label(since)
        artist_left, run_left = self.rules.budget_artist_usd_day, math.inf
        if song.artist_id is not None:
            own = (await steering_of(unit, song.artist_id)).budgets
            if own.usd_day is not None:
                artist_left = min(artist_left, own.usd_day)
            artist_left -= (await self.ledger.spent_by_artist(song.artist_id, since)).cost_usd
            if own.usd_run is not None and song.run_id is not None:
                spent = await self.ledger.spent_by_run(song.run_id)
                run_left = own.usd_run - spent.cost_usd
        return Purse(
            song_usd=self.rules.budget_song_usd - spent_on(jobs),
            artist_usd=artist_left,
            run_usd=run_left,
            label_usd=self.rules.budget_label_usd_day - label.cost_usd,
            shut=ALREADY if may_have_paid(jobs) else "",
        )

    async def _opened(
        self,
        unit: UnitOfWork,
        song: Song,
        offer: Offer,
        choice: RouteChoice,
        jobs: Sequence[GenerationJob],
    ) -> GenerationJob:
        """A new row; an embedded engine, which bills nothing, goes on with its own."""
        now = self.clock.now()
        own = [job for job in jobs if job.provider == offer.name]
        if offer.embedded and own:
            again = _anew(own[-1], now).amend(now, route=choice)
            return await unit.generations.save(again)
        assert offer.quote is not None
        style = None if offer.embedded else suggested_style(jobs, offer.name)
        ask = song.request.ask
        job = GenerationJob(
            id=new_id("generation"),
            created_at=now,
            updated_at=now,
            key=song.key if offer.embedded else f"{song.key}-{offer.name}-{len(own) + 1}",
            song_key=song.key,
            artist_id=song.artist_id,
            run_id=song.run_id,
            work_id=song.work_id,
            provider=offer.name,
            embedded=offer.embedded,
            status=_S.SENDING,
            request_sha256=song.sha256,
            out_dir=str(song.out_dir),
            style=style or (ask.style if ask else ""),
            suggested=style is not None,
            quote=offer.quote,
            cost_usd=offer.quote.cost_usd,
            cost_basis="quoted" if offer.quote.cost_usd else "nothing",
            route=choice,
            sent_at=now,
        )
        return await unit.generations.add(job)

    async def _step(
        self, actor: Actor, job: GenerationJob, status: GenerationStatus, **changes: Any
    ) -> GenerationJob:
        def turn(stored: GenerationJob, at: datetime) -> GenerationJob:
            ended = status not in (_S.SUBMITTED, _S.RUNNING)
            finished = {"finished_at": at} if ended else {}
            return stored.move_to(status, at, **changes, **finished)

        return await self.change(actor, job.id, turn)

    def _tell(self, unit: UnitOfWork, actor: Actor, job: GenerationJob) -> None:
        unit.emit(
            self.event(
                "generation.changed",
                actor,
                artist_id=job.artist_id,
                run_id=job.run_id,
                subject_id=job.id,
                provider=job.provider,
                status=job.status.value,
                why=job.route.why,
                cost_usd=job.cost_usd,
                failure=job.failure.message if job.failure else None,
            )
        )


def _anew(job: GenerationJob, at: datetime) -> GenerationJob:
    """Beside the state machine, which is for jobs that others may bill."""
    return job.amend(at, status=_S.SENDING, failure=None, gate_reasons=(), finished_at=None)
