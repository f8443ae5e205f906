"""An approval: a person's decision on one exact thing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity
from domain.errors import ApprovalClosed, InvalidInput
from domain.states import StateMachine

Verdict = Literal["approve", "reject"]
RejectReason = Literal[
    "lyrics", "music", "mix", "artwork", "words_of_post", "off_brand", "legal", "timing", "other"
]
REJECT_REASONS: tuple[RejectReason, ...] = (
    "lyrics",
    "music",
    "mix",
    "artwork",
    "words_of_post",
    "off_brand",
    "legal",
    "timing",
    "other",
)


class ApprovalStatus(StrEnum):
    """Waiting, or how it ended."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"


APPROVAL_STATES = StateMachine(
    "approval",
    {
        ApprovalStatus.WAITING: {
            ApprovalStatus.APPROVED,
            ApprovalStatus.REJECTED,
            ApprovalStatus.EXPIRED,
            ApprovalStatus.VOID,
        },
        ApprovalStatus.APPROVED: set(),
        ApprovalStatus.REJECTED: set(),
        ApprovalStatus.EXPIRED: set(),
        ApprovalStatus.VOID: set(),
    },
)


class Subject(BaseModel):
    """What is decided on: releases and posts with the digest of their exact content."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["release", "post"]
    id: str
    digest: str


class Decision(BaseModel):
    """What a person decided, with a structured reason for a no."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reason: RejectReason | None = None
    # Further reasons for the same no.
    also: tuple[RejectReason, ...] = ()
    comment: str = ""
    by: str
    at: AwareDatetime

    @property
    def reasons(self) -> tuple[RejectReason, ...]:
        """Every reason given, the first one first."""
        return () if self.reason is None else (self.reason, *self.also)

    @property
    def because(self) -> str:
        """The reasons in words."""
        said = [reason.replace("_", " ") for reason in self.reasons]
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


class TextEdit(BaseModel):
    """A person's change of a post's words: what they were before."""

    model_config = ConfigDict(frozen=True)

    post_id: str
    before: str
    by: str
    at: AwareDatetime


class Approval(Entity):
    """Bound to the digest of all its subjects; any edit voids it, time expires it."""

    artist_id: str
    run_id: str
    subjects: tuple[Subject, ...]
    digest: str
    status: ApprovalStatus = ApprovalStatus.WAITING
    expires_at: AwareDatetime
    # When it is approved by itself unless a person decides before; None: only a person does.
    auto_approve_at: AwareDatetime | None = None
    decision: Decision | None = None
    replaced_by: str | None = None
    # The rejected approval that this one answers, and which version of the same thing it shows.
    revises: str | None = None
    version: int = Field(default=1, ge=1)
    # What people changed before this approval was opened, oldest first.
    edits: tuple[TextEdit, ...] = ()

    def decide(self, decision: Decision, digest: str) -> Approval:
        """Take the decision on exactly `digest`; refuses what is closed or has changed.

        Raises `ApprovalClosed` when it is no longer waiting, its time is over, or the content
        seen is not the content bound; `InvalidInput` when a rejection gives no reason.
        """
        if self.status is not ApprovalStatus.WAITING:
            raise ApprovalClosed(
                f"approval {self.id} is {self.status} already",
                remedy="Look at the run; a new approval is asked for when it is needed.",
            )
        if decision.at >= self.expires_at:
            raise ApprovalClosed(
                f"approval {self.id} expired at {self.expires_at.isoformat()}",
                remedy="Start a new cycle.",
            )
        if digest != self.digest:
            raise ApprovalClosed(
                "what you saw has changed since", remedy="Look at the new version and decide again."
            )
        if decision.verdict == "reject" and decision.reason is None:
            raise InvalidInput(
                "a rejection needs a reason",
                field="reason",
                remedy=f"Give one of: {', '.join(REJECT_REASONS)}.",
            )
        target = (
            ApprovalStatus.APPROVED if decision.verdict == "approve" else ApprovalStatus.REJECTED
        )
        APPROVAL_STATES.check(self.status, target)
        return self.amend(decision.at, status=target, decision=decision)

    def expire(self, now: datetime) -> Approval:
        """Close it because its time is over."""
        return self.amend(now, status=APPROVAL_STATES.check(self.status, ApprovalStatus.EXPIRED))

    def void(self, now: datetime, replaced_by: str | None = None) -> Approval:
        """Close it because its content changed."""
        status = APPROVAL_STATES.check(self.status, ApprovalStatus.VOID)
        return self.amend(now, status=status, replaced_by=replaced_by)


def standing(approvals: Sequence[Approval]) -> Approval | None:
    """Of one run's approvals the one that counts: no edit has replaced it."""
    return next((a for a in reversed(approvals) if a.replaced_by is None), None)


def digest_of(subjects: tuple[Subject, ...]) -> str:
    """SHA-256 over kind, id and digest of every subject, in order."""
    text = "\n".join(f"{s.kind} {s.id} {s.digest}" for s in subjects)
    return hashlib.sha256(text.encode()).hexdigest()
