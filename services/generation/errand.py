"""Takes one job at one external provider as far as it goes; writes down each step first."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime
from pathlib import Path

from domain.actor import Actor
from domain.errors import (
    DiskFull,
    ProviderAuth,
    ProviderError,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from domain.generation import GenerationJob, GenerationStatus, JobFailure, failure_of, pause_s
from domain.ports.providers import ExternalProvider, Generated, JobState
from domain.requests import SongRequest
from services.generation.books import JobBook
from services.generation.doorbell import Doorbell
from services.generation.song import Song

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 15.0
WAIT_GROWS = 1.6
LOOK_EVERY_S = 2.0
PASSING = (ProviderUnavailable, ProviderRateLimited, ProviderTimeout)
SETTLE = "Look at the account there, then settle the job as made or as failed."


class Errand:
    """One job, its client, and who waits for it."""

    def __init__(
        self,
        book: JobBook,
        bell: Doorbell,
        client: ExternalProvider[SongRequest],
        actor: Actor,
        song: Song,
    ) -> None:
        self._book = book
        self._bell = bell
        self._client = client
        self._actor = actor
        self._song = song

    async def send(self, job: GenerationJob) -> GenerationJob:
        """Submit a job whose row is committed, and follow it to its end."""
        self._say(f"sends it to {job.provider}", 0.0)
        request = self._song.styled(job.style if job.suggested else None)
        try:
            remote_id = await self._client.submit(request, job.key, self._song.out_dir)
        except ProviderTimeout as error:
            await self._book.ill(self._actor, job.provider, error)
            return await self._unknown(job, error)
        except ProviderError as error:
            await self._book.ill(self._actor, job.provider, error)
            return await self._book.failed(self._actor, job, error, arrived=False)
        except DiskFull as error:
            # Our own trouble. One that comes after the song may be paid leaves the job as it is.
            if error.facts.get("sent") is False:
                await self._book.failed(self._actor, job, error, arrived=False)
            raise
        await self._book.well(self._actor, job.provider)
        return await self.follow(await self._book.submitted(self._actor, job, remote_id))

    async def recover(self, job: GenerationJob) -> GenerationJob:
        """Find out what became of a job that a dead process was sending; never send it again."""
        try:
            remote_id = await self._client.find(job.key, Path(job.out_dir))
        except ProviderError as error:
            return await self._unknown(job, error)
        if remote_id is None:
            return await self._unknown(
                job, ProviderTimeout("the process ended while it was sending", remedy=SETTLE)
            )
        return await self.follow(await self._book.submitted(self._actor, job, remote_id))

    async def follow(self, job: GenerationJob) -> GenerationJob:
        """Poll a submitted job until it ends or the deadline passes, then bring its files."""
        self._take_up(job)
        try:
            ended = await self._wait(job)
            if ended is not JobState.DONE:
                return await self._ended_badly(job)
            made = await self._fetch(job)
        except (*PASSING, ProviderAuth) as error:
            await self._book.ill(self._actor, job.provider, error)
            return await self._unknown(job, error)
        except ProviderError as error:
            await self._book.ill(self._actor, job.provider, error)
            return await self._book.failed(self._actor, job, error, arrived=True)
        await self._book.well(self._actor, job.provider)
        return await self._book.done(self._actor, job, made)

    async def bring_again(self, job: GenerationJob) -> GenerationJob:
        """Fetch a finished job's files anew after they were lost here.

        Raises what passes, such as `ProviderUnavailable`: the song is paid and waits there.
        """
        self._take_up(job)
        try:
            made = await self._fetch(job)
        except (*PASSING, ProviderAuth):
            raise
        except ProviderError as error:
            lost = ProviderError(f"its files were lost and cannot be had again: {error.message}")
            return await self._book.lost(self._actor, job, lost)
        return await self._book.change(
            self._actor, job.id, lambda stored, at: stored.amend(at, result=made)
        )

    async def _ended_badly(self, job: GenerationJob) -> GenerationJob:
        """The provider says that the job failed; fetching tells why, whatever kind of error it is.

        That is an outcome, not a doubt: nobody need settle it.
        """
        assert job.provider_job_id is not None
        try:
            made = await self._client.fetch(job.provider_job_id, self._song.progress)
        except ProviderError as error:
            await self._book.ill(self._actor, job.provider, error)
            return await self._book.failed(self._actor, job, error, arrived=True)
        return await self._book.done(self._actor, job, made)

    def _take_up(self, job: GenerationJob) -> None:
        assert job.provider_job_id is not None
        self._client.resume(job.provider_job_id, job.key, Path(job.out_dir))

    async def _wait(self, job: GenerationJob) -> JobState:
        """How the job ended, by the provider's word; raises its last error at the deadline.

        Its own waits are counted, and no clock: one that is set gives no paid song up.
        """
        wait_s, waited_s = FIRST_WAIT_S, 0.0
        assert job.provider_job_id is not None
        while True:
            polled_at = self._book.clock.now()
            trouble: ProviderError | None = None
            try:
                state = await self._client.poll(job.provider_job_id)
            except PASSING as error:
                trouble, state = error, JobState.RUNNING
            if state not in (JobState.SUBMITTED, JobState.RUNNING):
                return state
            if waited_s >= self._book.rules.deadline_s:
                raise trouble or _overdue(job, self._book.rules.deadline_s)
            if state is JobState.RUNNING and trouble is None:
                job = await self._running(job)
            self._say(f"{job.provider} is at work", waited_s / (waited_s + 60.0))
            rest_s = _spread(_longer(wait_s, trouble))
            await self._rest(job, polled_at, rest_s)
            waited_s += rest_s
            wait_s = min(wait_s * WAIT_GROWS, LONGEST_WAIT_S)

    async def _rest(self, job: GenerationJob, polled_at: datetime, seconds: float) -> None:
        """Wait; a call-back heard by this process or written down by another ends it."""
        left_s = seconds
        while left_s > 0:
            called = (await self._book.get(job.id)).called_back_at
            if called is not None and called > polled_at:
                return
            piece_s = min(left_s, LOOK_EVERY_S)
            if await self._bell.wait(job.id, piece_s):
                return
            left_s -= piece_s

    async def _running(self, job: GenerationJob) -> GenerationJob:
        if job.status is GenerationStatus.RUNNING:
            return job
        return await self._book.running(self._actor, job)

    async def _fetch(self, job: GenerationJob) -> Generated:
        """Bring the files; what passes is tried again a few times, for the song is there."""
        assert job.provider_job_id is not None
        wait_s = FIRST_WAIT_S
        while True:
            try:
                made = await self._client.fetch(job.provider_job_id, self._song.progress)
            except PASSING as error:
                if wait_s > LONGEST_WAIT_S:
                    raise
                await self._bell.pause(_spread(_longer(wait_s, error)))
                wait_s *= 4
                continue
            if await asyncio.to_thread(files_are_there, made):
                return made
            raise ProviderError(
                f"{job.provider} said that the song is done and gave no file with anything in it"
            )

    async def _unknown(self, job: GenerationJob, error: ProviderError) -> GenerationJob:
        failure = failure_of(error)
        told = failure.model_copy(update={"remedy": failure.remedy or SETTLE})
        return await self._book.unknown(self._actor, job, told)

    def _say(self, stage: str, fraction: float) -> None:
        self._song.progress(stage, min(max(fraction, 0.0), 0.99))


def files_are_there(made: Generated) -> bool:
    """Whether there is at least one file and none is empty."""
    return bool(made.files) and all(
        file.path.is_file() and file.path.stat().st_size > 0 for file in made.files
    )


def unconnected(job: GenerationJob) -> JobFailure:
    """What is known of a job whose provider was disconnected while it was at work."""
    return JobFailure(
        code=ProviderAuth.code,
        message=f"{job.provider} is no longer connected",
        remedy=f"Connect it again and look the job up, or settle it. {SETTLE}",
    )


def _overdue(job: GenerationJob, deadline_s: float) -> ProviderTimeout:
    return ProviderTimeout(
        f"{job.provider} did not finish within {deadline_s:.0f} s", remedy=SETTLE
    )


def _longer(wait_s: float, trouble: ProviderError | None) -> float:
    """The next wait; a provider that asks for more gets it, within reason."""
    if not isinstance(trouble, ProviderRateLimited):
        return wait_s
    return max(wait_s, min(pause_s(trouble), 4 * LONGEST_WAIT_S))


def _spread(seconds: float) -> float:
    """A little longer by chance: many jobs must not ask a provider in the same moments."""
    return seconds * random.uniform(1.0, 1.2)
