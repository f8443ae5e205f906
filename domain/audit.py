"""The audit log: every write by a person, begun before it is carried out."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.entity import Entity

LOCAL = "local"


class Outcome(StrEnum):
    """What came of it; `begun` stays where the process died meanwhile."""

    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class AuditEntry(Entity):
    """Who did what, to what, from where, and what came of it."""

    user_id: str | None = Field(default=None, description="`local`: whoever holds the start token.")
    who: str = Field(description="The name they had then, or the one that was tried.")
    key: str | None = Field(default=None, description="The name of the key a program came with.")
    operation: str = Field(description="Such as `POST /api/v1/artists/{handle}/pause`.")
    what: str = Field(description="The same in a few words.")
    subject: str | None = None
    artist: str | None = Field(default=None, description="Handle or id, as it was given.")
    address: str
    outcome: Outcome = Outcome.BEGUN
    status: int | None = Field(default=None, description="The HTTP status of the answer.")


def outcome_of(status: int) -> Outcome:
    """What an answer's status says."""
    if status >= 500:
        return Outcome.FAILED
    return Outcome.REFUSED if status >= 400 else Outcome.DONE
