"""Make songs by whichever provider fits, once; the embedded engine is the last and always can."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from domain.actor import SYSTEM, Actor
from domain.errors import (
    Conflict,
    GreenroomError,
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
)
from domain.generation import GenerationJob, GenerationStatus, ProviderHealth
from domain.ports.providers import (
    Capabilities,
    ExternalProvider,
    Generated,
    JobState,
    Progress,
    Provider,
    ProviderKind,
)
from domain.requests import SongRequest
from domain.routing import Offer
from services.generation.books import JobBook
from services.generation.connections import Connections
from services.generation.costs import basis_of
from services.generation.doorbell import Doorbell
from services.generation.errand import Errand, files_are_there, unconnected
from services.generation.song import MadeBy, Song
from services.generation.trails import SongTrail

_S = GenerationStatus
DEAREST_USD = 10_000.0
OTHERWISE = "it was ordered before the request changed, and is taken as it was ordered"
Ended = MadeBy | GenerationJob


class GenerationService:
    """Use cases of generators. Every job's row is committed before anything is sent."""

    def __init__(
        self,
        book: JobBook,
        connections: Connections,
        embedded: Provider[SongRequest],
        bell: Doorbell | None = None,
    ) -> None:
        self.book = book
        self.connections = connections
        self.embedded = embedded
        self.bell = bell or Doorbell()

    async def make(
        self,
        actor: Actor,
        request: SongRequest,
        *,
        key: str,
        out_dir: Path,
        progress: Progress,
        artist_id: str | None = None,
        run_id: str | None = None,
        work_id: str | None = None,
        refuse: frozenset[str] = frozenset(),
        prefer: tuple[str, ...] = (),
    ) -> MadeBy:
        """Make the song named by `key`; again with the same key goes on where it stood.

        Nothing is sent twice and nothing is paid twice: a job whose outcome is unknown shuts the
        purse for this song, and the embedded engine makes it. Providers named in `refuse` are
        passed over, `prefer` go first. A song that was ordered before its request changed is
        brought as ordered, and its route says so. Raises `ProviderUnavailable` when nobody is
        left, and what the embedded engine raises.
        """
        actor.must("steer", "artist", "system", artist_id=artist_id)
        song = Song(request, key, out_dir, progress, artist_id, run_id, work_id, refuse, prefer)
        while True:
            job = _standing(await self.book.of_song(key), song)
            if job is None:
                job = await self.book.begin(actor, song, await self._offers(request))
                if job is None:
                    continue
                ended = await self._carry_out(actor, song, job)
            else:
                ended = await self._go_on(actor, song, job)
            if isinstance(ended, GenerationJob):
                await self._honour_limit(ended)
            elif job.provider not in refuse:
                return ended

    async def reject(self, actor: Actor, job_id: str, reasons: Sequence[str]) -> GenerationJob:
        """Say that the made song failed the gates; its provider is not asked for it again."""
        actor.must("steer", "artist", "system")
        await self.job(actor, job_id)
        return await self.book.rejected(actor, job_id, reasons)

    async def settle(
        self,
        actor: Actor,
        job_id: str,
        outcome: Literal["done", "failed"],
        cost_usd: float | None = None,
    ) -> GenerationJob:
        """Take a person's word for what became of a job of unknown outcome, and what it cost.

        Without a cost a made job counts its quote and a failed one nothing.
        """
        actor.must("operate")
        await self.job(actor, job_id)
        if cost_usd is not None and not 0 <= cost_usd <= DEAREST_USD:
            raise InvalidInput(
                "the cost is no amount of dollars",
                field="cost_usd",
                remedy=f"Give a number from 0 to {DEAREST_USD:.0f}, or leave it out.",
            )

        def turn(job: GenerationJob, at: datetime) -> GenerationJob:
            _must_be_in_doubt(job)
            usual = job.quote.cost_usd if outcome == "done" else 0.0
            told = cost_usd is not None
            cost = usual if cost_usd is None else cost_usd
            return job.move_to(
                _S(outcome),
                at,
                cost_usd=cost,
                cost_basis=basis_of(cost, told=told),
                settled_by=f"{actor.kind}:{actor.id}",
                finished_at=at,
            )

        return await self.book.change(actor, job_id, turn)

    async def look_up(self, actor: Actor, job_id: str) -> GenerationJob:
        """Ask the provider, free of charge, what became of a job of unknown outcome.

        Gives the job back, changed or not: where the provider cannot tell, it stays unknown. A song
        that was made is brought into the job's folder; where that fails, the job's failure says
        why, and looking it up again tries again. Raises the `ProviderError` family when the
        provider cannot be asked.
        """
        actor.must("operate", "system")
        job = await self.job(actor, job_id)
        if not await _song_is_missing(job):
            _must_be_in_doubt(job)
        client = self.connections.client(job.provider)
        if client is None:
            raise Conflict(
                f"{job.provider} is not connected",
                field="provider",
                remedy="Connect it again, or settle the job by hand.",
            )
        out_dir = Path(job.out_dir)
        remote_id = job.provider_job_id or await client.find(job.key, out_dir)
        if remote_id is None:
            return job
        client.resume(remote_id, job.key, out_dir)
        if job.in_doubt:
            job = await self._found(actor, job, client, remote_id)
        if job.status is not _S.DONE:
            return job
        return await self.book.brought(actor, job, remote_id, await _brought(client, remote_id))

    async def _found(
        self,
        actor: Actor,
        job: GenerationJob,
        client: ExternalProvider[SongRequest],
        remote_id: str,
    ) -> GenerationJob:
        state = await client.poll(remote_id)
        ends = {
            JobState.DONE: _S.DONE,
            JobState.FAILED: _S.FAILED,
            JobState.CANCELLED: _S.CANCELLED,
        }
        return await self.book.found(actor, job, remote_id, ends.get(state))

    async def call_back(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """Take a provider's call-back: a genuine one only has its job polled sooner.

        So a replayed one does no harm. Raises `Unauthenticated` for any other.
        """
        client = self.connections.client(provider)
        if client is None:
            raise NotFound(f"no provider named {provider!r} is connected", field="provider")
        remote_id = await client.verify_webhook(headers, body)
        job = await self.book.called_back(provider, remote_id)
        if job is None:
            return
        self.bell.ring(job.id)
        if job.in_doubt:
            await self.look_up(SYSTEM, job.id)

    async def job(self, actor: Actor, job_id: str) -> GenerationJob:
        """One job; raises `NotFound`."""
        actor.must_read()
        job = await self.book.get(job_id)
        _must_see(actor, job)
        return job

    async def jobs_of_work(self, actor: Actor, work_id: str) -> list[GenerationJob]:
        """Every job tried for a work, oldest first."""
        actor.must_read()
        jobs = await self.book.of_work(work_id)
        for job in jobs:
            _must_see(actor, job)
        return jobs

    async def jobs(
        self, actor: Actor, after: str | None = None, limit: int = 50, *, unknown: bool = False
    ) -> list[GenerationJob]:
        """One page of jobs, newest first; with `unknown`, those that wait for a person's word."""
        actor.must_read()
        statuses = (_S.OUTCOME_UNKNOWN,) if unknown else None
        return await self.book.page(after, limit, statuses, actor.artists)

    async def trails(self, actor: Actor, limit: int = 12) -> list[SongTrail]:
        """The newest songs with every provider tried for them."""
        actor.must_read()
        return await self.book.trails(limit, actor.artists)

    async def _offers(self, request: SongRequest) -> list[Offer]:
        """Every connected provider with its price and health, and the embedded engine."""
        health = await self.book.health_of_all()
        offers = [
            Offer(
                name=self.embedded.capabilities.name,
                capabilities=self.embedded.capabilities,
                embedded=True,
                quote=await self.embedded.quote(request),
            )
        ]
        connected = [k for k in self.connections.kinds if self.connections.connected(k.name)]
        return offers + [await self._offer(k, request, health.get(k.name)) for k in connected]

    async def _offer(
        self, kind: ProviderKind, request: SongRequest, health: ProviderHealth | None
    ) -> Offer:
        """A connected provider; one that names no price comes without a quote."""
        offer = Offer(name=kind.name, capabilities=kind.capabilities, health=health)
        try:
            client = self.connections.client(kind.name)
            quote = await client.quote(request) if client else None
        except (ProviderError, InvalidInput) as error:
            return offer.model_copy(update={"unpriced": error.message})
        able = client.capabilities if client else kind.capabilities
        return offer.model_copy(update={"quote": quote, "capabilities": able})

    async def _carry_out(
        self, actor: Actor, song: Song, job: GenerationJob
    ) -> MadeBy | GenerationJob:
        """Do a job that was just written down; a job that gave nothing comes back as it ended."""
        if job.embedded:
            return await self._embedded(actor, song, job)
        errand = self._errand(actor, song, job)
        if errand is None:
            gone = unconnected(job)
            error = ProviderUnavailable(gone.message, remedy=gone.remedy)
            return await self.book.failed(actor, job, error, arrived=False)
        return self._made(await errand.send(job))

    async def _go_on(self, actor: Actor, song: Song, job: GenerationJob) -> Ended:
        """Take up a job that an earlier call began, or bring what it made."""
        if job.embedded:
            return await self._embedded(actor, song, await self.book.again(actor, job))
        if job.request_sha256 != song.sha256:
            # An edit or an upgrade in the meantime may not lose what is paid.
            job = await self.book.noted(actor, job, OTHERWISE)
        if job.result is not None and await asyncio.to_thread(files_are_there, job.result):
            return self._made(job)
        errand = self._errand(actor, song, job)
        if errand is None:
            if job.status is _S.DONE:
                raise ProviderUnavailable(
                    f"the files of a song that {job.provider} made are gone",
                    remedy=f"Connect {job.provider} again, and resume the run.",
                )
            return await self.book.unknown(actor, job, unconnected(job))
        if job.status is _S.DONE:
            return self._made(await errand.bring_again(job))
        if job.status is _S.SENDING:
            return self._made(await errand.recover(job))
        return self._made(await errand.follow(job))

    def _errand(self, actor: Actor, song: Song, job: GenerationJob) -> Errand | None:
        client = self.connections.client(job.provider)
        return None if client is None else Errand(self.book, self.bell, client, actor, song)

    def _made(self, job: GenerationJob) -> Ended:
        if job.status is not _S.DONE or job.result is None:
            return job
        return MadeBy(
            generated=job.result,
            capabilities=self._capabilities(job.provider),
            route=job.route,
            job_id=job.id,
            embedded=False,
        )

    def _capabilities(self, provider: str) -> Capabilities:
        client = self.connections.client(provider)
        return client.capabilities if client else self.connections.kind(provider).capabilities

    async def _embedded(self, actor: Actor, song: Song, job: GenerationJob) -> MadeBy:
        """The last resort: its errors are the song's. Doing it again repeats nothing."""
        try:
            remote_id = await self.embedded.submit(song.request, job.key, song.out_dir)
            job = await self.book.submitted(actor, job, remote_id)
            made = await self.embedded.fetch(remote_id, song.progress)
        except GreenroomError as error:
            told = ProviderError(error.message, remedy=error.remedy)
            await self.book.failed(actor, job, told, arrived=False)
            raise
        job = await self.book.done(actor, job, made)
        return MadeBy(made, self.embedded.capabilities, job.route, job.id, embedded=True)

    async def _honour_limit(self, ended: GenerationJob) -> None:
        """Wait as long as a provider asks, if that is short; the router tries it again then."""
        failure = ended.failure
        if failure is None or failure.code != ProviderRateLimited.code:
            return
        health = (await self.book.health_of_all()).get(ended.provider)
        if health is None or health.pause_until is None:
            return
        left_s = (health.pause_until - self.book.clock.now()).total_seconds()
        if 0 < left_s <= self.book.rules.patience_s:
            # Those who waited must not all come back in the same moment.
            await self.bell.pause(left_s + random.uniform(0.05, 0.5 + left_s / 10))


def _standing(jobs: Sequence[GenerationJob], song: Song) -> GenerationJob | None:
    """The job to go on with: one that is at work, or one that gave the song."""
    for job in reversed(jobs):
        if job.provider in song.refuse and not (job.at_work and not job.embedded):
            continue
        fetchable = job.embedded or job.result is not None or job.provider_job_id is not None
        if job.at_work or (job.status is _S.DONE and fetchable):
            return job
    return None


async def _song_is_missing(job: GenerationJob) -> bool:
    """Whether the song was made, and nobody here has it."""
    if job.status is not _S.DONE or job.embedded:
        return False
    return job.result is None or not await asyncio.to_thread(files_are_there, job.result)


async def _brought(
    client: ExternalProvider[SongRequest], remote_id: str
) -> Generated | ProviderError:
    """The files of a made song, or why they cannot be had now."""
    try:
        made = await client.fetch(remote_id, lambda stage, fraction: None)
    except ProviderError as error:
        return error
    if await asyncio.to_thread(files_are_there, made):
        return made
    return ProviderError("the song is said to be done, and no file with anything in it came")


def _must_see(actor: Actor, job: GenerationJob) -> None:
    if job.artist_id is None:
        actor.must_see_all()
    else:
        actor.must_see(job.artist_id)


def _must_be_in_doubt(job: GenerationJob) -> None:
    if not job.in_doubt:
        raise Conflict(
            f"generation job {job.id} is {job.status}",
            field="status",
            remedy="Only a job whose outcome is unknown is looked up or settled.",
        )
