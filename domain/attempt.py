"""Attempt rows: every side effect is written down before it is tried."""

from __future__ import annotations

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
        AttemptStatus.UNKNOWN: {AttemptStatus.DONE, AttemptStatus.FAILED},
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
    result: dict[str, Any] = Field(default_factory=dict)
