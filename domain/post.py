"""A post on one channel, from draft to whatever became of it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

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


class Facet(BaseModel):
    """A stretch of the text that leads somewhere, in bytes of UTF-8.

    `target` is an address, somebody's id on the network, or a tag without its sign.
    """

    model_config = ConfigDict(frozen=True)

    start_byte: int = Field(ge=0)
    end_byte: int = Field(gt=0)
    kind: Literal["link", "mention", "tag"]
    target: str


class LinkCard(BaseModel):
    """A link shown as a card; its picture is the payload's first file."""

    model_config = ConfigDict(frozen=True)

    url: str
    title: str
    description: str


class Draft(BaseModel):
    """What an artist wants to say, before a network gives it its form."""

    model_config = ConfigDict(frozen=True)

    text: str
    media: tuple[MediaPart, ...] = ()
    link: str | None = None
    link_title: str = ""
    release_id: str | None = None
    langs: tuple[str, ...] = ()


class Payload(BaseModel):
    """Exactly what a channel gets; preview and payload are this one object.

    `account` names the account it was written for: an approval covers no other.
    """

    model_config = ConfigDict(frozen=True)

    channel: str
    text: str
    media: tuple[MediaPart, ...] = ()
    link: str | None = None
    release_id: str | None = None
    account: str | None = None
    langs: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()
    card: LinkCard | None = None

    def digest(self) -> str:
        """SHA-256 of the canonical JSON form; an approval is bound to this.

        Fields that came later count only where they say something, so that a payload of an
        earlier version keeps its digest.
        """
        told = self.model_dump(mode="json")
        said = {k: v for k, v in told.items() if k not in _LATER or v not in (None, [])}
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def draft(self, text: str) -> Draft:
        """The same thing in other words, as a network may render it anew."""
        return Draft(
            text=text,
            media=self.media,
            link=self.link,
            link_title=self.card.title if self.card else "",
            release_id=self.release_id,
            langs=self.langs,
        )


_LATER = frozenset({"account", "langs", "facets", "card"})


class PostNumbers(BaseModel):
    """What a network counts on a post; None where it does not offer the number."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    quotes: int | None = None


class Post(Entity):
    """One post; its id is minted before use and is the client key of publishing."""

    artist_id: str
    run_id: str
    payload: Payload
    status: PostStatus = PostStatus.DRAFT
    remote_id: str | None = None
    url: str | None = None
    failure: str | None = None
    published_at: AwareDatetime | None = None
    # When it is tried again, or looked up again, by itself; None: a person decides.
    retry_at: AwareDatetime | None = None
    numbers: PostNumbers | None = None

    def move_to(self, status: PostStatus, at: datetime) -> Post:
        """Take a legal step; being published sets the time."""
        changes: dict[str, object] = {"status": POST_STATES.check(self.status, status)}
        if status is PostStatus.PUBLISHED:
            changes["published_at"] = at
        return self.amend(at, **changes)

    def edited(self, payload: Payload, at: datetime) -> Post:
        """Say it otherwise; anything but a draft falls back to draft."""
        status = (
            self.status
            if self.status is PostStatus.DRAFT
            else POST_STATES.check(self.status, PostStatus.DRAFT)
        )
        return self.amend(at, payload=payload, status=status)
