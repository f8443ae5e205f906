"""What an artist remembers."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.entity import Entity

MEMORY_MAX_CHARS = 4000
MemoryKind = Literal["episodic", "semantic", "audience", "relationship", "reflection", "directive"]
MEMORY_KINDS: tuple[MemoryKind, ...] = (
    "episodic",
    "semantic",
    "audience",
    "relationship",
    "reflection",
    "directive",
)


def hash_text(text: str) -> str:
    """The `text_sha256` by which the same text is recognised again."""
    return hashlib.sha256(text.encode()).hexdigest()


class MemoryRecord(Entity):
    """One remembered thing; text is the truth, vectors can be made again from it."""

    artist_id: str
    kind: MemoryKind
    text: str = Field(min_length=1, max_length=MEMORY_MAX_CHARS)
    happened_at: AwareDatetime
    importance: float = Field(ge=0, le=1)
    source_run_id: str | None = None
    source: str = "self"
    untrusted: bool = False
    text_sha256: str
    superseded_by: str | None = None


class LexicalHit(BaseModel):
    """A record found by its words; a higher `score` is better, on the store's own scale."""

    model_config = ConfigDict(frozen=True)

    record: MemoryRecord
    score: float


class Recalled(BaseModel):
    """A record with the parts of its score, each 0 to 1."""

    model_config = ConfigDict(frozen=True)

    record: MemoryRecord
    score: float
    relevance: float
    recency: float
    importance: float
