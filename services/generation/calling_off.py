"""What stopped runs have ordered: called off at the provider, and told as it is."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from domain.actor import Actor
from domain.errors import Conflict, ProviderError
from domain.generation import GenerationJob, JobFailure, failure_of
from domain.ports.providers import ExternalProvider, JobState
from domain.requests import SongRequest
from services.generation.books import JobBook
from services.generation.connections import Connections
from services.generation.errand import SETTLE, unconnected

# Within this the worker of a stopped run lets go of it, so that the job is asked after by one.
LETTING_GO = timedelta(seconds=2)
# What was being sent may still get its name meanwhile, or have left it in the job's folder.
SENDING = timedelta(seconds=20)
# A provider that has not stopped by then, or cannot, is waited for no longer.
PATIENCE = timedelta(minutes=1)
CODE = "stopped"


class CallingOff:
    """Ends jobs that nobody waits for any more; each as far as its provider allows."""

    def __init__(self, book: JobBook, connections: Connections) -> None:
        self._book = book
        self._connections = connections
        self._asked: set[str] = set()

    async def call_off(self, actor: Actor) -> int:
        """Go on with every job at work whose run was stopped; tells how many have ended."""
        actor.must_be("system")
        found = await self._book.of_stopped_runs()
        now = self._book.clock.now()
        after = await asyncio.gather(
            *(self._go_on(actor, job, now - at) for job, at in found if now - at >= LETTING_GO)
        )
        self._asked &= {job.id for job in after if job.at_work}
        return sum(not job.at_work for job in after)

    async def _go_on(self, actor: Actor, job: GenerationJob, waited: timedelta) -> GenerationJob:
        try:
            return await self._ended(actor, job, waited)
        except Conflict:  # Another process was quicker.
            return await self._book.get(job.id)

    async def _ended(self, actor: Actor, job: GenerationJob, waited: timedelta) -> GenerationJob:
        if job.embedded:
            return await self._book.called_off(actor, job, _why("its run was stopped"))
        client = self._connections.client(job.provider)
        if client is None:
            return await self._book.unknown(actor, job, unconnected(job))
        if job.provider_job_id is None and waited < SENDING:
            return job
        try:
            job = await self._named(actor, job, client)
            if job.provider_job_id is None:
                return await self._book.unknown(actor, job, _unnamed(job))
            state = await self._stopped(client, job, job.provider_job_id)
        except ProviderError as error:
            return await self._in_doubt(actor, job, waited, _untold(job, error))
        if state is JobState.CANCELLED:
            return await self._book.called_off(actor, job, _called_off(job))
        if state is JobState.DONE:
            return await self._book.too_late(actor, job, _too_late(job))
        if state is JobState.FAILED:
            failed = ProviderError(f"{job.provider} failed to make it; its run was stopped")
            return await self._book.failed(actor, job, failed, arrived=True)
        return await self._in_doubt(actor, job, waited, _goes_on(job))

    async def _named(
        self, actor: Actor, job: GenerationJob, client: ExternalProvider[SongRequest]
    ) -> GenerationJob:
        """The job with the provider's name for it, where that can be found."""
        if job.provider_job_id is not None:
            return job
        remote_id = await client.find(job.key, Path(job.out_dir))
        return job if remote_id is None else await self._book.submitted(actor, job, remote_id)

    async def _stopped(
        self, client: ExternalProvider[SongRequest], job: GenerationJob, remote_id: str
    ) -> JobState:
        client.resume(remote_id, job.key, Path(job.out_dir))
        if job.id not in self._asked:
            await client.cancel(remote_id)
            self._asked.add(job.id)
        return await client.poll(remote_id)

    async def _in_doubt(
        self, actor: Actor, job: GenerationJob, waited: timedelta, why: JobFailure
    ) -> GenerationJob:
        return job if waited < PATIENCE else await self._book.unknown(actor, job, why)


def _why(message: str, remedy: str | None = None) -> JobFailure:
    return JobFailure(code=CODE, message=message, remedy=remedy)


def _called_off(job: GenerationJob) -> JobFailure:
    return _why(
        f"its run was stopped, and {job.provider} called it off",
        "Whether it is billed all the same is seen in the account there.",
    )


def _too_late(job: GenerationJob) -> JobFailure:
    return _why(
        f"its run was stopped when {job.provider} had made the song already",
        "It is paid for; look the job up to have the song brought here.",
    )


def _goes_on(job: GenerationJob) -> JobFailure:
    says = f"its run was stopped, and {job.provider} goes on making the song, or does not say"
    return _why(f"{says} that it stopped; it may be billed", f"Look it up later. {SETTLE}")


def _untold(job: GenerationJob, error: ProviderError) -> JobFailure:
    told = failure_of(error)
    says = f"its run was stopped, and {job.provider} could not be told: {told.message}"
    return told.model_copy(update={"message": says, "remedy": told.remedy or SETTLE})


def _unnamed(job: GenerationJob) -> JobFailure:
    return _why(f"its run was stopped while it was being sent to {job.provider}", SETTLE)
