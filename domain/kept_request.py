"""A request that may be sent again: what was asked under its key, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain.entity import Entity

KEY_MAX_CHARS = 255


class RequestStatus(StrEnum):
    """How far a request came. `unkept`: it was answered, and the answer could not be kept."""

    BEGUN = "begun"
    ANSWERED = "answered"
    UNKEPT = "unkept"
    BROKEN = "broken"


class Asked(BaseModel):
    """A request as its sender made it."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Chosen by the sender; another one for everything new.")
    actor: str
    operation: str
    content: bytes


class Answer(BaseModel):
    """What was answered, with the headers that say something about it."""

    model_config = ConfigDict(frozen=True)

    status: int
    headers: Mapping[str, str]
    body: bytes


class KeptRequest(Entity):
    """One row a key and actor. Neither the key nor the answer can be read from it."""

    key_digest: str
    actor: str
    operation: str
    fingerprint: str
    status: RequestStatus = RequestStatus.BEGUN
    sealed: str | None = None
