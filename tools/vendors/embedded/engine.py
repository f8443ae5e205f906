"""An embedded engine behind the provider protocol."""

from __future__ import annotations

import asyncio
from pathlib import Path
from weakref import WeakValueDictionary

from pydantic import BaseModel

from domain.errors import NotFound, ProviderError
from domain.ports.providers import Capabilities, Generated, JobState, Progress, Quote
from media.files import write_atomically
from services.renders import RenderService
from tools.vendors.embedded.job import REQUEST, RESULT, Bench, Job
from tools.vendors.embedded.keys import render_key
from tools.vendors.embedded.process import Renderers


class EmbeddedEngine:
    """One kind of generator that works offline; a job is the folder it works in.

    The folder holds the request and, when done, the result: the same key and folder again is
    the same job. `renderers` bound how many children of all engines run at once; what was `kept`
    of an equal request is not made again.
    """

    def __init__(
        self,
        capabilities: Capabilities,
        bench: Bench,
        renderers: Renderers,
        kept: RenderService | None = None,
    ) -> None:
        self._capabilities = capabilities
        self._bench = bench
        self._renderers = renderers
        self._kept = kept
        self._running: dict[str, asyncio.Task[Generated]] = {}
        self._cancelled: set[str] = set()
        # Who asks for a job that runs waits for it, and then reads it back.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def capabilities(self) -> Capabilities:
        """What it can make."""
        return self._capabilities

    async def quote(self, request: BaseModel) -> Quote:
        """It costs nothing but time."""
        return Quote(cost_usd=0.0)

    async def submit(self, request: BaseModel, idempotency_key: str, out_dir: Path) -> str:
        """Write the request down; the job's id is its folder, named after the key."""
        folder = out_dir / idempotency_key
        self._cancelled.discard(str(folder))
        job = Job.model_validate({"bench": self._bench, "request": request})
        await asyncio.to_thread(_write_request, folder, job.model_dump_json())
        return str(folder)

    async def poll(self, job_id: str) -> JobState:
        """How far the job has come."""
        if (Path(job_id) / RESULT).exists():
            return JobState.DONE
        if job_id in self._cancelled:
            return JobState.CANCELLED
        return JobState.RUNNING if job_id in self._running else JobState.SUBMITTED

    async def cancel(self, job_id: str) -> None:
        """Kill the child, or keep it from starting; submitting again takes this back."""
        self._cancelled.add(job_id)
        task = self._running.get(job_id)
        if task is not None:
            task.cancel()

    async def fetch(self, job_id: str, progress: Progress) -> Generated:
        """Run the job to its end, or read back what it made before.

        Raises `ProviderError` when the job was cancelled, and what the child raised.
        """
        if not (Path(job_id) / REQUEST).exists():
            raise NotFound(f"no such job: {Path(job_id).name}")
        async with self._turns.setdefault(job_id, asyncio.Lock()):
            return await self._fetch(job_id, progress)

    async def _fetch(self, job_id: str, progress: Progress) -> Generated:
        self._must_be_wanted(job_id)
        task = asyncio.create_task(self._made(Path(job_id), progress))
        self._running[job_id] = task
        try:
            return await task
        except asyncio.CancelledError:
            # A cancelled job is an error of the job; only the caller's own end passes on.
            self._must_be_wanted(job_id)
            raise
        finally:
            task.cancel()
            del self._running[job_id]

    async def _made(self, folder: Path, progress: Progress) -> Generated:
        if self._kept is None or (folder / RESULT).exists():
            return await self._renderers.run(folder, progress)
        job = Job.model_validate_json(await asyncio.to_thread((folder / REQUEST).read_bytes))
        key = await asyncio.to_thread(render_key, self._capabilities, job.bench, job.request)
        made = await self._kept.find(key, folder)
        if made is not None:
            done = made.model_dump_json().encode()
            await asyncio.to_thread(write_atomically, folder / RESULT, done)
            return made
        made = await self._renderers.run(folder, progress)
        maker = f"{self._capabilities.name}@{self._capabilities.version}"
        await self._kept.keep(key, maker, job.request.kind, made)
        return made

    def _must_be_wanted(self, job_id: str) -> None:
        if job_id in self._cancelled:
            raise ProviderError(
                f"the job {Path(job_id).name} was cancelled",
                remedy="Resume the run to make it again.",
            )


def _write_request(folder: Path, text: str) -> None:
    """Raises `DiskFull`; a changed request makes an older result void."""
    folder.mkdir(parents=True, exist_ok=True)
    request = folder / REQUEST
    if request.exists() and request.read_text() != text:
        (folder / RESULT).unlink(missing_ok=True)
    write_atomically(request, text.encode())
