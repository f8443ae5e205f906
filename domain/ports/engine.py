"""The durable engine: jobs by name with identifiers, one at a time per partition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Job(BaseModel):
    """Work to be done once. The same `id` again is a no-op; `args` are identifiers only."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    args: tuple[str, ...] = ()
    partition: str


JobHandler = Callable[..., Awaitable[None]]


class Engine(Protocol):
    """Runs jobs; survives kill -9; a partition (an artist) runs one job at a time."""

    def register(self, name: str, handler: JobHandler) -> None:
        """Name a handler; must happen before `start`. Handlers are safe to run twice."""

    async def start(self) -> None:
        """Recover what a dead process left, then begin to work."""

    async def enqueue(self, job: Job) -> None:
        """Accept a job durably."""

    async def drain(self, timeout_s: float) -> bool:
        """Wait until no job is queued or running; False when time runs out."""

    async def stop(self) -> None:
        """Stop taking jobs and let go; unfinished ones resume at the next start."""
