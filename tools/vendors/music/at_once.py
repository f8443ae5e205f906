"""Vendors that answer the request with the song itself: the request is the job."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from domain.errors import ProviderError, ProviderTimeout, Unauthenticated
from domain.ports.providers import Capabilities, Generated, JobState, Progress, Quote
from domain.requests import SongRequest
from media.files import write_atomically
from tools.vendors.music.folder import Folders, JobFolder
from tools.vendors.music.recording import keep_recording
from tools.vendors.transport import Json, unknown

# Songs take minutes to make while the connection is open.
MAKING_TIMEOUT = httpx.Timeout(600.0, connect=15.0)

ODD_ANSWER = "answer.bin"
SONG = "song.*"
Fact = str | float | int | None


@dataclass(frozen=True)
class Made:
    """What the vendor answered with; `extra` are small files to keep beside the song."""

    audio: bytes
    facts: dict[str, Fact] = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)


class AtOnce(ABC):
    """A job begins and ends in `submit`; `fetch` only reads the folder and never bills."""

    able: Capabilities

    def __init__(self) -> None:
        self._folders = Folders()

    @abstractmethod
    def render(self, request: SongRequest) -> Json:
        """The request as the vendor takes it; raises `ProviderInputInvalid`."""

    @abstractmethod
    async def make(self, payload: Json) -> Made:
        """Send it, once, and wait; raises the error family."""

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
        """Have the song made and keep it before the job is named; the job's id is the key."""
        folder = JobFolder(self.able.name, idempotency_key, out_dir)
        payload = self.render(request)
        cost = self.price(request).cost_usd
        await asyncio.to_thread(self._take_up_song, folder)
        if await asyncio.to_thread(folder.begin, payload, cost) is None:
            await self._make(payload, cost, folder)
        self._folders.put(folder.key, folder)
        return folder.key

    async def _make(self, payload: Json, cost: float, folder: JobFolder) -> None:
        try:
            made = await self.make(payload)
        except ProviderError as error:
            if not isinstance(error, ProviderTimeout):
                folder.refused()
            raise
        await asyncio.to_thread(self._keep, made, cost, folder)
        await asyncio.to_thread(folder.sent, folder.key)

    def _take_up_song(self, folder: JobFolder) -> None:
        """Write down a song that came whole before the process ended; it is paid for."""
        ticket = folder.ticket()
        song = next(folder.path.glob(SONG), None)
        if ticket is not None and song is not None and folder.kept() is None:
            self._keep(Made(audio=song.read_bytes()), ticket.cost_usd, folder)

    def _keep(self, made: Made, cost_usd: float, folder: JobFolder) -> None:
        # The song goes last: where it lies, everything else does.
        for name, data in made.extra.items():
            write_atomically(folder.path / name, data)
        try:
            recording = keep_recording(self.able.name, folder.path, made.audio)
        except ProviderError as error:
            # It was most likely billed, so a person may want to see what came instead.
            write_atomically(folder.path / ODD_ANSWER, made.audio)
            raise unknown(self.able.name, error.message) from error
        folder.keep(Generated(files=(recording,), facts=dict(made.facts), cost_usd=cost_usd))

    async def poll(self, job_id: str) -> JobState:
        """Done, or failed when the files were taken away."""
        return JobState.DONE if self._folders.of(job_id).kept() else JobState.FAILED

    async def cancel(self, job_id: str) -> None:
        """There is nothing to stop: a job that has an id is made."""
        self._folders.of(job_id)

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Read what `submit` kept."""
        kept = await asyncio.to_thread(self._folders.of(job_id).kept)
        if kept is None:
            raise ProviderError(
                f"the recording of job {job_id} is no longer in its folder",
                remedy=f"Download it from {self.able.name}'s own page of the song.",
            )
        progress("done", 1.0)
        return kept

    async def find(self, idempotency_key: str, out_dir: Path) -> str | None:
        """By what was kept: the API keeps no list by key."""
        folder = JobFolder(self.able.name, idempotency_key, out_dir)
        await asyncio.to_thread(self._take_up_song, folder)
        if await asyncio.to_thread(folder.kept) is None:
            return None
        self._folders.put(idempotency_key, folder)
        return idempotency_key

    def resume(self, job_id: str, idempotency_key: str, out_dir: Path) -> None:
        """Take up a job that an earlier process began."""
        folder = JobFolder(self.able.name, idempotency_key, out_dir)
        self._folders.put(job_id, folder)

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> str:
        """No call-back is genuine: the API makes none."""
        raise Unauthenticated(f"{self.able.name} makes no call-backs")
