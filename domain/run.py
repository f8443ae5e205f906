"""A run of one graph, and what each of its steps saw and said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.states import StateMachine

RunKind = Literal["debut", "cycle"]
RunCause = Literal["operator", "schedule", "supervisor", "system"]


class RunStatus(StrEnum):
    """How far a run has come."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN_STATES = StateMachine(
    "run",
    {
        RunStatus.QUEUED: {RunStatus.RUNNING, RunStatus.FAILED, RunStatus.CANCELLED},
        RunStatus.RUNNING: {
            RunStatus.QUEUED,
            RunStatus.RUNNING,
            RunStatus.WAITING,
            RunStatus.SUCCEEDED,
            RunStatus.REJECTED,
            RunStatus.FAILED,
            RunStatus.CANCELLED,
        },
        RunStatus.WAITING: {RunStatus.RUNNING, RunStatus.CANCELLED},
        RunStatus.FAILED: {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.CANCELLED},
        RunStatus.SUCCEEDED: set(),
        RunStatus.REJECTED: set(),
        RunStatus.CANCELLED: set(),
    },
)


class Failure(BaseModel):
    """Why a run stopped, as the error family tells it."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    step: str
    field: str | None = None
    remedy: str | None = None
    exit_code: int = 1


class Stopped(BaseModel):
    """Who ended a run before its end, when and why."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: AwareDatetime
    why: str = ""


class Run(Entity):
    """One graph run; `thread_id` of the checkpoints is the run's id."""

    kind: RunKind
    artist_ids: tuple[str, ...]
    parent_run_id: str | None = None
    status: RunStatus = RunStatus.QUEUED
    # What it was told about publishing; `by_level`: nothing, so the artist's level alone decides.
    approve: Literal["ask", "auto"] = "ask"
    by_level: bool = False
    seed: int
    action: str | None = None
    work_ids: tuple[str, ...] = ()
    release_ids: tuple[str, ...] = ()
    post_ids: tuple[str, ...] = ()
    approval_id: str | None = None
    cpu_s: float = 0.0
    failure: Failure | None = None
    cause: RunCause = "operator"
    # The slot of the schedule that started it; no slot starts two runs.
    schedule_id: str | None = None
    slot_key: str | None = None
    # Who works on it: the number of the present lease, and the worker that holds it.
    lease: int = 0
    holder: str | None = None
    # The step it is in, since when, and how many workers died in that step one after another.
    step: str | None = None
    step_since: AwareDatetime | None = None
    deaths: int = 0
    # Failures that pass are tried again by themselves, this often so far and next at this time.
    retries: int = 0
    retry_at: AwareDatetime | None = None
    # The trace that asked for the run, as W3C writes it; its steps continue that trace.
    traceparent: str | None = None
    # Why a person gave the failed run up.
    discarded: str | None = None
    # Who stopped it at once, if somebody did.
    stopped: Stopped | None = None

    @property
    def own(self) -> Literal["ask", "auto"] | None:
        """Its own word on publishing, if it was given one."""
        return None if self.by_level else self.approve

    @property
    def held_back(self) -> bool:
        """Whether what was approved waits for quiet hours or the day to end."""
        return self.status is RunStatus.WAITING and self.retry_at is not None

    @property
    def artist_id(self) -> str:
        """The first artist of the run."""
        return self.artist_ids[0]

    def move_to(self, status: RunStatus, at: datetime, **changes: Any) -> Run:
        """Take a legal step of the run's life."""
        return self.amend(at, status=RUN_STATES.check(self.status, status), **changes)


class ToolCall(BaseModel):
    """One use of a tool in a step: what it was given, what it gave or why it did not, how long."""

    model_config = ConfigDict(frozen=True)

    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any] = Field(default_factory=dict)
    failure: str | None = None
    duration_s: float = 0.0


class StepRecord(Entity):
    """Snapshot in, report out: what one step saw, what it gave, what it cost."""

    run_id: str
    artist_id: str
    step: str
    attempt: int = 1
    snapshot: dict[str, Any] = Field(default_factory=dict)
    report: dict[str, Any] = Field(default_factory=dict)
    tools: tuple[ToolCall, ...] = ()
    model: str | None = None
    tokens: int = 0
    cost_usd: float = 0.0
    duration_s: float = 0.0
    cpu_s: float = 0.0
    outcome: Literal["ok", "revise", "error", "interrupted"] = "ok"
