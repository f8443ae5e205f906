"""A post on one channel, from draft to whatever became of it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.entity import Entity
from domain.states import StateMachine


class PostStatus(StrEnum):
    """How far a post has come."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PENDING = "pending"
    PUBLISHED = "published"
    FAILED_RETRYABLE = "failed_retryable"
    FAILED_FINAL = "failed_final"
    OUTCOME_UNKNOWN = "outcome_unknown"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_P = PostStatus
POST_STATES = StateMachine(
    "post",
    {
        _P.DRAFT: {_P.AWAITING_APPROVAL, _P.APPROVED, _P.CANCELLED},
        _P.AWAITING_APPROVAL: {_P.DRAFT, _P.APPROVED, _P.EXPIRED, _P.CANCELLED},
        _P.APPROVED: {_P.DRAFT, _P.SCHEDULED, _P.PUBLISHING, _P.EXPIRED, _P.CANCELLED},
        _P.SCHEDULED: {_P.DRAFT, _P.PUBLISHING, _P.EXPIRED, _P.CANCELLED},
        _P.PUBLISHING: {
            _P.PENDING,
            _P.PUBLISHED,
            _P.FAILED_RETRYABLE,
            _P.FAILED_FINAL,
            _P.OUTCOME_UNKNOWN,
        },
        _P.PENDING: {_P.PUBLISHED, _P.FAILED_FINAL, _P.OUTCOME_UNKNOWN},
        _P.FAILED_RETRYABLE: {_P.PUBLISHING, _P.FAILED_FINAL, _P.CANCELLED},
        _P.OUTCOME_UNKNOWN: {_P.PUBLISHED, _P.PUBLISHING, _P.FAILED_FINAL},
        _P.EXPIRED: {_P.DRAFT, _P.CANCELLED},
        _P.PUBLISHED: set(),
        _P.FAILED_FINAL: set(),
        _P.CANCELLED: set(),
    },
)


class MediaPart(BaseModel):
    """A file of a post, with the alternative text our policy demands."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    media_type: str
    alt: str


class Payload(BaseModel):
    """Exactly what a channel gets; preview and payload are this one object."""

    model_config = ConfigDict(frozen=True)

    channel: str
    text: str
    media: tuple[MediaPart, ...] = ()
    link: str | None = None
    release_id: str | None = None

    def digest(self) -> str:
        """SHA-256 of the canonical JSON form; an approval is bound to this."""
        canonical = json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


class Post(Entity):
    """One post; its id is minted before use and is the client key of publishing."""

    artist_id: str
    run_id: str
    payload: Payload
    status: PostStatus = PostStatus.DRAFT
    remote_id: str | None = None
    failure: str | None = None
    published_at: AwareDatetime | None = None

    def move_to(self, status: PostStatus, at: datetime) -> Post:
        """Take a legal step; being published sets the time."""
        changes: dict[str, object] = {"status": POST_STATES.check(self.status, status)}
        if status is PostStatus.PUBLISHED:
            changes["published_at"] = at
        return self.amend(at, **changes)

    def edited(self, text: str, at: datetime) -> Post:
        """Change the words; anything but a draft falls back to draft."""
        status = (
            self.status
            if self.status is PostStatus.DRAFT
            else POST_STATES.check(self.status, PostStatus.DRAFT)
        )
        payload = self.payload.model_copy(update={"text": text})
        return self.amend(at, payload=payload, status=status)
