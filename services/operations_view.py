"""What people and programs are shown of the house at work: queue, workers, runs, dead letters."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.hold import Hold
from domain.ports.engine import WorkerView
from domain.run import Failure, RunCause, RunKind

Line = TypeVar("Line")


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Some(_View, Generic[Line]):
    """A list cut to what can be shown; `total` counts all."""

    items: tuple[Line, ...]
    total: int


class PriorityLine(_View):
    """Jobs of one priority that wait for a worker."""

    priority: int
    name: str
    waiting: int
    oldest_s: float = Field(description="Seconds since the oldest of them was queued.")


class ArtistLine(_View):
    """What an artist has in the queue and at work."""

    artist_id: str
    handle: str | None = Field(description="None when the jobs are no artist's.")
    stage_name: str | None
    waiting: int
    running: int


class QueueView(_View):
    """Jobs that no worker has taken up."""

    waiting: int = Field(description="Could be taken up now, were a worker and its artist free.")
    running: int
    delayed: int = Field(description="Wait for a moment, such as the next try of a run.")
    oldest_s: float | None
    priorities: tuple[PriorityLine, ...] = Field(description="The most urgent first.")
    artists: Some[ArtistLine] = Field(description="The longest queues first.")


class RunAtWork(_View):
    """A run, whose it is and where it stands."""

    run_id: str
    artist_id: str
    handle: str
    stage_name: str
    kind: RunKind
    action: str | None
    cause: RunCause
    step: str | None
    since: AwareDatetime = Field(description="When the step began, or the run last changed.")
    holder: str | None
    lease: int = Field(description="Number of the lease: how often a worker took the run up.")
    deaths: int = Field(description="Workers that died one after another in this step.")
    retries: int


class RetryingRun(RunAtWork):
    """A run whose failure may pass by itself."""

    retry_at: AwareDatetime
    failure: Failure | None


class StuckRun(RunAtWork):
    """A run of which nothing was heard for too long."""

    silent_s: float
    known: str = Field(description="What is known about it, in words.")


class DeadLetter(_View):
    """A run that failed for good: somebody has to replay or discard it."""

    run_id: str
    artist_id: str
    handle: str
    stage_name: str
    kind: RunKind
    action: str | None
    cause: RunCause
    failure: Failure
    failed_at: AwareDatetime
    lease: int


class DeadGroup(_View):
    """How many runs failed for good in the same way."""

    code: str
    total: int


class Overview(_View):
    """The house at work, at one moment."""

    at: AwareDatetime
    held: Hold | None = Field(description="The operator's hold, while it stands.")
    queue: QueueView
    workers: tuple[WorkerView, ...]
    running: Some[RunAtWork]
    retrying: Some[RetryingRun]
    stuck: Some[StuckRun]
    dead: Some[DeadLetter]
    dead_kinds: tuple[DeadGroup, ...] = Field(description="The most frequent first.")
    waiting_for_people: int = Field(description="Runs that wait for an approval.")


class CacheLine(_View):
    """How often something was found that had been made before, by all processes that share it."""

    name: str
    hits: int
    misses: int


class Refused(_View):
    """A dead letter that stayed as it was, and why."""

    run_id: str
    why: str
    remedy: str | None


class Swept(_View):
    """What became of many dead letters at once."""

    done: tuple[str, ...] = Field(description="Runs that were replayed or discarded.")
    refused: tuple[Refused, ...]
    left: int = Field(description="How many still fit and were not reached; ask again.")
