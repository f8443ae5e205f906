"""Vendors with a queue: a request names a job, the job is asked after, its recording fetched."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
    Unauthenticated,
)
from domain.ports.providers import (
    Capabilities,
    Generated,
    GeneratedFile,
    JobState,
    Progress,
    Quote,
)
from domain.requests import SongRequest
from tools.vendors.music.at_once import Fact
from tools.vendors.music.folder import Folders, JobFolder
from tools.vendors.music.recording import Downloads
from tools.vendors.transport import Json

# A vendor that asks for a day's rest must not hold a run for a day.
LONGEST_PAUSE_S = 60.0
WAITING = frozenset({JobState.SUBMITTED, JobState.RUNNING})


@dataclass(frozen=True)
class Look:
    """A job as the vendor shows it; `error` says why it failed, `url` leads to the recording."""

    state: JobState
    url: str = ""
    share: float | None = None
    error: ProviderError | None = None
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True)
class Patience:
    """How long a job is waited for, and how often it is asked after."""

    every_s: float = 5.0
    longest_s: float = 1800.0
    silences: int = 6
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


class Queued(ABC):
    """The job's id is the vendor's own; asking after it and fetching it cost nothing."""

    able: Capabilities

    def __init__(self, downloads: Downloads, patience: Patience) -> None:
        self._downloads = downloads
        self._patience = patience
        self._folders = Folders()

    @abstractmethod
    def render(self, request: SongRequest) -> Json:
        """The request as the vendor takes it; raises `ProviderInputInvalid`."""

    @abstractmethod
    async def send(self, payload: Json) -> str:
        """Send it, once, and return the job's id; raises the error family."""

    @abstractmethod
    async def look(self, job_id: str) -> Look:
        """Ask after a job; raises the error family when the answer cannot be had."""

    @abstractmethod
    async def stop(self, job_id: str) -> None:
        """Ask the vendor to stop, where that is possible."""

    @abstractmethod
    def price(self, request: SongRequest) -> Quote:
        """What the list says."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""
        return self.able

    async def quote(self, request: SongRequest) -> Quote:
        """Price the request by the published list."""
        return self.price(request)

    async def submit(self, request: SongRequest, idempotency_key: str, out_dir: Path) -> str:
        """Send the request unless the key stands for a job already."""
        folder = JobFolder(self.able.name, idempotency_key, out_dir)
        payload = self.render(request)
        cost = self.price(request).cost_usd
        job_id = await asyncio.to_thread(folder.begin, payload, cost)
        if job_id is None:
            try:
                job_id = await self.send(payload)
            except ProviderError as error:
                if not isinstance(error, ProviderTimeout):
                    folder.refused()
                raise
            await asyncio.to_thread(folder.sent, job_id)
        self._folders.put(job_id, folder)
        return job_id

    async def poll(self, job_id: str) -> JobState:
        """How far the job has come; a recording that is here already is not asked after."""
        if self._folders.of(job_id).kept():
            return JobState.DONE
        return (await self.look(job_id)).state

    async def cancel(self, job_id: str) -> None:
        """Stop the job where the vendor allows it."""
        self._folders.of(job_id)
        await self.stop(job_id)

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Wait for the job and bring its recording, once."""
        folder = self._folders.of(job_id)
        kept = await asyncio.to_thread(folder.kept)
        if kept is not None:
            return kept
        done = await self._wait(job_id, progress)
        progress("downloading", 0.95)
        files = await self.bring(done, folder.path)
        ticket = await asyncio.to_thread(folder.ticket)
        cost = ticket.cost_usd if ticket else 0.0
        facts = {"job": job_id, **done.facts}
        generated = Generated(files=files, facts=facts, cost_usd=cost)
        await asyncio.to_thread(folder.keep, generated)
        progress("done", 1.0)
        return generated

    async def bring(self, done: Look, folder: Path) -> tuple[GeneratedFile, ...]:
        """Download what a finished job points to."""
        return (await self._downloads.save(done.url, folder),)

    async def _wait(self, job_id: str, progress: Progress) -> Look:
        waited, silences = 0.0, 0
        while waited <= self._patience.longest_s:
            pause = self._patience.every_s
            try:
                seen = await self.look(job_id)
                silences = 0
            except (ProviderUnavailable, ProviderRateLimited) as error:
                silences += 1
                if silences > self._patience.silences:
                    raise
                asked_s = float(error.facts.get("retry_after_s") or 0.0)
                pause = max(pause, min(asked_s, LONGEST_PAUSE_S))
            else:
                if seen.state not in WAITING:
                    return _finished(self.able.name, job_id, seen)
                progress(str(seen.state), min(0.9, seen.share or 0.0))
            await self._patience.sleep(pause)
            waited += pause
        raise ProviderTimeout(
            f"{self.able.name} has not finished the job {job_id} in {waited:.0f} s",
            remedy="Ask after it again later; it may still be made and billed.",
        )

    async def find(self, idempotency_key: str, out_dir: Path) -> str | None:
        """By the ticket: the API keeps no list by key."""
        folder = JobFolder(self.able.name, idempotency_key, out_dir)
        ticket = await asyncio.to_thread(folder.ticket)
        if ticket is None or ticket.job_id is None:
            return None
        self._folders.put(ticket.job_id, folder)
        return ticket.job_id

    def resume(self, job_id: str, idempotency_key: str, out_dir: Path) -> None:
        """Take up a job that an earlier process began."""
        folder = JobFolder(self.able.name, idempotency_key, out_dir)
        self._folders.put(job_id, folder)

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> str:
        """No call-back is genuine unless the vendor signs its own."""
        raise Unauthenticated(f"{self.able.name} signs no call-backs")


def _finished(vendor: str, job_id: str, seen: Look) -> Look:
    """Raises what made the job fail."""
    if seen.state is JobState.CANCELLED:
        raise ProviderError(f"the job {job_id} was cancelled at {vendor}")
    if seen.state is JobState.FAILED:
        raise seen.error or ProviderError(f"the job {job_id} failed at {vendor}")
    if not seen.url:
        raise ProviderError(f"{vendor} calls the job {job_id} done and shows no recording")
    return seen
