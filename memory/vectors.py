"""What memory asks of a vector index: one closed room per artist, rebuildable at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from domain.memory import MemoryKind

# How Chroma keeps a room: written through at once, for what is not on disk when Chroma closes a
# room that was long unused, it cannot open again.
HNSW: Mapping[str, str | int] = {"space": "cosine", "batch_size": 1, "sync_threshold": 1}


class Indexed(BaseModel):
    """A record's vector, of unit length."""

    model_config = ConfigDict(frozen=True)

    record_id: str
    kind: MemoryKind
    vector: list[float]


class VectorHit(BaseModel):
    """A record near the query; similarity is the cosine, -1 to 1."""

    model_config = ConfigDict(frozen=True)

    record_id: str
    similarity: float


class VectorIndex(Protocol):
    """Vectors of records, by artist. Never the truth: memory makes it again from the records.

    `put`, `nearest` and `similarities` raise `NotFound` where the artist's room was never begun,
    or is gone; every call may raise `EnvironmentProblem` while the index cannot be reached.
    """

    async def embedder(self, artist_id: str) -> str | None:
        """The name of the embedder that made the artist's vectors; None when there is no room."""

    async def reset(self, artist_id: str, embedder: str) -> None:
        """Throw the artist's vectors away and begin a room for this embedder."""

    async def put(self, artist_id: str, items: Sequence[Indexed]) -> None:
        """Add or replace vectors."""

    async def ids(self, artist_id: str) -> set[str]:
        """Every record that has a vector."""

    async def nearest(
        self, artist_id: str, kinds: Sequence[MemoryKind], vector: Sequence[float], limit: int
    ) -> list[VectorHit]:
        """The records most similar to the vector, best first."""

    async def similarities(
        self, artist_id: str, record_ids: Sequence[str], vector: Sequence[float]
    ) -> dict[str, float]:
        """Similarity of the named records; those without a vector are left out."""

    async def remove(self, artist_id: str, record_ids: Sequence[str]) -> None:
        """Delete vectors; unknown ids are ignored."""

    async def aclose(self) -> None:
        """Let go of files and threads."""
