"""The vector index's twin for tests: exact search over plain arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.errors import NotFound
from domain.memory import MemoryKind
from memory.vectors import Indexed, VectorHit


class _Room:
    def __init__(self, embedder: str) -> None:
        self.embedder = embedder
        self.kinds: dict[str, MemoryKind] = {}
        self.vectors: dict[str, NDArray[np.float32]] = {}


class InMemoryVectors:
    """Holds every vector in a dictionary; a new object is an empty index."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}

    async def embedder(self, artist_id: str) -> str | None:
        """The embedder of the artist's room."""
        room = self._rooms.get(artist_id)
        return room.embedder if room else None

    async def reset(self, artist_id: str, embedder: str) -> None:
        """Begin an empty room."""
        self._rooms[artist_id] = _Room(embedder)

    async def put(self, artist_id: str, items: Sequence[Indexed]) -> None:
        """Add or replace vectors."""
        room = self._room(artist_id)
        for item in items:
            room.kinds[item.record_id] = item.kind
            room.vectors[item.record_id] = np.asarray(item.vector, dtype=np.float32)

    async def ids(self, artist_id: str) -> set[str]:
        """Every record that has a vector."""
        room = self._rooms.get(artist_id)
        return set(room.vectors) if room else set()

    async def nearest(
        self, artist_id: str, kinds: Sequence[MemoryKind], vector: Sequence[float], limit: int
    ) -> list[VectorHit]:
        """Compare with every vector of these kinds."""
        room = self._room(artist_id)
        wanted = [record_id for record_id, kind in room.kinds.items() if kind in kinds]
        found = await self.similarities(artist_id, wanted, vector)
        hits = [VectorHit(record_id=name, similarity=value) for name, value in found.items()]
        return sorted(hits, key=lambda hit: -hit.similarity)[:limit]

    async def similarities(
        self, artist_id: str, record_ids: Sequence[str], vector: Sequence[float]
    ) -> dict[str, float]:
        """Similarity of the named records."""
        room = self._room(artist_id)
        query = np.asarray(vector, dtype=np.float32)
        return {
            record_id: float(room.vectors[record_id] @ query)
            for record_id in record_ids
            if record_id in room.vectors
        }

    async def remove(self, artist_id: str, record_ids: Sequence[str]) -> None:
        """Delete vectors."""
        room = self._rooms.get(artist_id)
        if room is None:
            return
        for record_id in record_ids:
            room.vectors.pop(record_id, None)
            room.kinds.pop(record_id, None)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _room(self, artist_id: str) -> _Room:
        if artist_id not in self._rooms:
            raise NotFound(f"there are no vectors of {artist_id}")
        return self._rooms[artist_id]
