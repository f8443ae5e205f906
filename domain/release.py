"""A release: works with metadata, codes, credits and the AI disclosure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.entity import Entity
from domain.states import StateMachine
from domain.work import Credit


class ReleaseStatus(StrEnum):
    """How far a release has come."""

    DRAFT = "draft"
    READY = "ready"
    APPROVED = "approved"
    DELIVERED = "delivered"
    LIVE = "live"
    TAKEN_DOWN = "taken_down"
    REJECTED = "rejected"


RELEASE_STATES = StateMachine(
    "release",
    {
        ReleaseStatus.DRAFT: {ReleaseStatus.READY, ReleaseStatus.REJECTED},
        ReleaseStatus.READY: {
            ReleaseStatus.DRAFT,
            ReleaseStatus.APPROVED,
            ReleaseStatus.REJECTED,
        },
        ReleaseStatus.APPROVED: {ReleaseStatus.DRAFT, ReleaseStatus.DELIVERED},
        ReleaseStatus.DELIVERED: {ReleaseStatus.LIVE, ReleaseStatus.TAKEN_DOWN},
        ReleaseStatus.LIVE: {ReleaseStatus.TAKEN_DOWN},
        ReleaseStatus.TAKEN_DOWN: set(),
        ReleaseStatus.REJECTED: set(),
    },
)


class AiDisclosure(BaseModel):
    """What was made by machines, part by part, in words a listener understands."""

    model_config = ConfigDict(frozen=True)

    vocals: Literal["none", "ai"] = "none"
    lyrics: Literal["human", "ai"] = "ai"
    composition: Literal["human", "ai"] = "ai"
    artwork: Literal["human", "ai"] = "ai"
    statement: str


class Release(Entity):
    """A single, EP or album."""

    artist_id: str
    run_id: str
    kind: Literal["single", "ep", "album"] = "single"
    title: str
    work_ids: tuple[str, ...]
    status: ReleaseStatus = ReleaseStatus.DRAFT
    credits: tuple[Credit, ...]
    p_line: str
    c_line: str
    upc: str | None = None
    disclosure: AiDisclosure
    live_at: AwareDatetime | None = None

    def move_to(self, status: ReleaseStatus, at: datetime) -> Release:
        """Take a legal step; going live sets the time."""
        changes: dict[str, object] = {"status": RELEASE_STATES.check(self.status, status)}
        if status is ReleaseStatus.LIVE:
            changes["live_at"] = at
        return self.amend(at, **changes)
