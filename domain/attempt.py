"""Attempt rows: every side effect is written down before it is tried."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from domain.entity import Entity
from domain.states import StateMachine


class AttemptStatus(StrEnum):
    """What is known about the effect."""

    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


ATTEMPT_STATES = StateMachine(
    "attempt",
    {
        AttemptStatus.PLANNED: {AttemptStatus.DONE, AttemptStatus.FAILED, AttemptStatus.UNKNOWN},
        AttemptStatus.UNKNOWN: {AttemptStatus.UNKNOWN, AttemptStatus.DONE, AttemptStatus.FAILED},
        AttemptStatus.FAILED: {AttemptStatus.PLANNED},
        AttemptStatus.DONE: set(),
    },
)


class Attempt(Entity):
    """One side effect under a key made from run and step; the key is unique."""

    key: str
    run_id: str
    artist_id: str
    effect: Literal["publish", "generate", "spend", "webhook"]
    subject_id: str
    payload_digest: str
    status: AttemptStatus = AttemptStatus.PLANNED
    tries: int = 1
    # Time in which nobody would have tried: its channel was paused, or everything was held.
    waited_s: float = 0.0
    result: dict[str, Any] = Field(default_factory=dict)

    @property
    def in_doubt(self) -> bool:
        """True when the effect may have happened although nobody heard of it."""
        return self.status in (AttemptStatus.PLANNED, AttemptStatus.UNKNOWN)

    def move_to(self, status: AttemptStatus, at: datetime, **changes: Any) -> Attempt:
        """Take a legal step of what is known."""
        return self.amend(at, status=ATTEMPT_STATES.check(self.status, status), **changes)

    def again(self, at: datetime, waited_s: float = 0.0) -> Attempt:
        """Count one more try; a failed attempt is planned anew, one in doubt stays in doubt."""
        tried = self.amend(at, tries=self.tries + 1, waited_s=self.waited_s + waited_s)
        return tried if self.in_doubt else tried.move_to(AttemptStatus.PLANNED, at)

    def untried(self, at: datetime) -> Attempt:
        """Take back the try just counted: the call never went out."""
        return self.amend(at, tries=self.tries - 1)
