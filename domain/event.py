"""The event log: what happened, in order, for pages, scripts and audits."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.actor import Lease

EventKind = Literal[
    "artist.created",
    "artist.changed",
    "profile.adopted",
    "run.changed",
    "run.progress",
    "step.started",
    "step.finished",
    "work.changed",
    "release.changed",
    "post.changed",
    "approval.opened",
    "approval.closed",
    "audience.event",
    "generation.changed",
    "provider.changed",
    "schedule.changed",
    "schedule.fired",
    "schedule.skipped",
    "hold.changed",
    "worker.changed",
    "channel.changed",
    "webhook.changed",
    "alert.opened",
    "alert.closed",
    "talk.changed",
    "directive.changed",
    "steering.changed",
    "memory.changed",
    "adaptation.changed",
    "experiment.changed",
]


class Event(BaseModel):
    """One line of the log. `id` is given by the store, rises, and never has gaps reused."""

    model_config = ConfigDict(frozen=True)

    id: int = 0
    kind: EventKind
    at: AwareDatetime
    actor: str
    artist_id: str | None = None
    run_id: str | None = None
    subject_id: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    lease: Lease | None = Field(default=None, exclude=True)
