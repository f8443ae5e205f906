"""The durable engine: jobs by name with identifiers, one at a time per partition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import IntEnum
from typing import Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class JobPriority(IntEnum):
    """Who goes first where workers are short; a lower number does."""

    PERSON = 1
    GOES_ON = 3
    SCHEDULE = 5


class Job(BaseModel):
    """Work to be done once. The same `id` again is a no-op; `args` are identifiers only."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    args: tuple[str, ...] = ()
    partition: str
    priority: int = Field(default=JobPriority.SCHEDULE, ge=1, le=100)
    delay_s: float = Field(default=0.0, ge=0)


class JobView(BaseModel):
    """A job that has not ended, as people see it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    args: tuple[str, ...]
    partition: str
    priority: int
    state: Literal["delayed", "queued", "running"]
    holder: str | None = None
    queued_at: AwareDatetime
    started_at: AwareDatetime | None = None


class WorkerView(BaseModel):
    """A process that takes jobs, as people see it."""

    model_config = ConfigDict(frozen=True)

    id: str
    host: str
    pid: int
    concurrency: int
    running: int
    started_at: AwareDatetime
    silent_s: float
    state: Literal["working", "draining", "silent"]


JobHandler = Callable[..., Awaitable[None]]


class Engine(Protocol):
    """Runs jobs; survives kill -9; a partition (an artist) runs one job at a time."""

    @property
    def worker_id(self) -> str:
        """The name of this process as a worker; leases are held under it."""

    @property
    def draining(self) -> bool:
        """True once this worker takes nothing new; handlers then end at their next safe point."""

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler; must happen before `start`. Handlers are safe to run twice."""

    async def start(self) -> None:
        """Recover what dead processes left, then begin to work."""

    async def enqueue(self, job: Job) -> None:
        """Accept a job durably."""

    async def unfinished(self) -> Sequence[JobView]:
        """Every job that is delayed, queued or running, in any process."""

    async def workers(self) -> Sequence[WorkerView]:
        """Every worker that beat lately, and those that fell silent holding jobs."""

    async def ask_to_drain(self, worker_id: str) -> None:
        """Make a worker, here or on another host, take nothing new and hand its jobs over."""

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running; False when time runs out."""

    async def hand_over(self, timeout_s: float) -> None:
        """Take nothing new, wait for handlers to reach a safe point, give the rest to others."""

    async def stop(self) -> None:
        """Stop taking jobs and let go; unfinished ones resume at the next start."""


class HandedOver(Exception):
    """A handler's way to say that it stopped at a safe point and the job is not done."""
