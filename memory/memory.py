"""What an artist remembers: records are the truth, vectors help to find them.

Every path heals: a record whose vector is missing (a crash between the two writes, a record
written past this class, a lost folder, an emptied server) gets one when its artist is next asked;
a change of the embedder makes all vectors again. Several processes may do so at the same time.

Recalled text is never taken in again as if it had been lived: whoever makes a record out of
recalled ones (a reflection, a summary) gives it `source=RECALLED`, and such a record is refused
when it only repeats one that is there, under whichever kind.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, TypeVar

from domain.errors import Conflict, EnvironmentProblem, InvalidInput, NotFound
from domain.memory import MEMORY_KINDS, MemoryKind, MemoryRecord, Recalled, hash_text
from domain.ports.memory import MemoryRecords
from domain.ports.model import Embedder
from memory.scoring import Parts, Weights, about_now, fused, recency, total
from memory.vectors import Indexed, VectorIndex

RECALLED = "recall"
_ALL = 1_000_000
_BATCH = 64
_POOL = 40
_SAME = 0.98
_HEALINGS = 3
Result = TypeVar("Result")


class ArtistMemory:
    """Implements `domain.ports.memory.Memory`."""

    def __init__(
        self,
        records: MemoryRecords,
        vectors: VectorIndex,
        embedder: Embedder,
        weights: Weights | None = None,
    ) -> None:
        self._records = records
        self._vectors = vectors
        self._embedder = embedder
        self._weights = weights or Weights()
        self._whole: set[str] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def remember(self, record: MemoryRecord) -> MemoryRecord:
        """Store and index a record; the same text of one kind again returns the first one.

        Raises `InvalidInput` for a hash that is not the text's, and `Conflict` for a record made
        of recalled ones that says nothing new.
        """
        _check_hash(record)
        if record.source == RECALLED:
            await self._refuse_repetition(record)
        stored = await self._records.add(record)
        if stored.superseded_by is None:
            await self._index_new(stored)
        return stored

    async def supersede(self, artist_id: str, record_id: str, by: MemoryRecord) -> MemoryRecord:
        """Replace what turned out otherwise: the older record is kept but no longer recalled."""
        _check_hash(by)
        stored = await self._records.supersede(artist_id, record_id, by)
        await self._index_new(stored)
        if stored.id != record_id:
            await self._vectors.remove(artist_id, [record_id])
        return stored

    async def recall(
        self,
        artist_id: str,
        kinds: Sequence[MemoryKind],
        query: str,
        *,
        now: datetime,
        limit: int = 8,
    ) -> list[Recalled]:
        """The most useful records for the query, best first; for an empty query the newest."""
        if limit < 1 or not kinds:
            return []
        return await self._healed(
            artist_id, lambda: self._recall(artist_id, kinds, query, now, limit)
        )

    async def _recall(
        self, artist_id: str, kinds: Sequence[MemoryKind], query: str, now: datetime, limit: int
    ) -> list[Recalled]:
        pool = max(_POOL, 3 * limit)
        latest = await self._records.newest(artist_id, kinds, pool) if about_now(query) else []
        if not query.strip():
            relevance = {record.id: 0.0 for record in latest}
            return self._ranked(latest, relevance, query, now)[:limit]
        vector = await self._embed_one(query)
        hits = await self._records.lexical(artist_id, kinds, query, pool)
        near = await self._vectors.nearest(artist_id, kinds, vector, pool)
        named = {record.id: record for record in [*latest, *(hit.record for hit in hits)]}
        unnamed = [hit.record_id for hit in near if hit.record_id not in named]
        for record in await self._records.get(artist_id, unnamed):
            if record.kind in kinds:
                named[record.id] = record
        similarity = await self._similarities(artist_id, list(named.values()), vector)
        words = {hit.record.id: hit.score for hit in hits}
        relevance = fused(words, similarity, self._weights.lexical)
        return self._ranked(list(named.values()), relevance, query, now)[:limit]

    async def read(self, artist_id: str, record_ids: Sequence[str]) -> list[MemoryRecord]:
        """The artist's standing records with these ids, in the order asked for."""
        found = {record.id: record for record in await self._records.get(artist_id, record_ids)}
        return [found[record_id] for record_id in dict.fromkeys(record_ids) if record_id in found]

    async def forget(self, artist_id: str, record_ids: Sequence[str]) -> int:
        """Delete records and their vectors; returns how many records there were."""
        async with self._locks[artist_id]:
            count = await self._records.forget(artist_id, record_ids)
            await self._vectors.remove(artist_id, record_ids)
        return count

    async def reindex(self, artist_id: str) -> int:
        """Make the artist's vectors again from the records; returns how many."""
        async with self._locks[artist_id]:
            return await self._reindex(artist_id)

    async def _healed(
        self, artist_id: str, call: Callable[[], Coroutine[Any, Any, Result]]
    ) -> Result:
        """What the call gives, once the vectors are whole; made again where they were lost."""
        await self._heal(artist_id)
        try:
            return await call()
        except NotFound:
            self._whole.discard(artist_id)
            await self._heal(artist_id)
            return await call()
        except EnvironmentProblem:
            # What comes back may hold less than what went away.
            self._whole.clear()
            raise

    async def _heal(self, artist_id: str) -> None:
        """Once per artist and process: the vectors become exactly those of the records."""
        async with self._locks[artist_id]:
            if artist_id in self._whole:
                return
            for left in reversed(range(_HEALINGS)):
                try:
                    await self._make_whole(artist_id)
                    return
                except NotFound:  # Another process began the room anew meanwhile.
                    if not left:
                        raise

    async def _make_whole(self, artist_id: str) -> None:
        if await self._vectors.embedder(artist_id) != self._embedder.name:
            await self._reindex(artist_id)
            return
        # In this order: a vector that comes in between is not taken for a forgotten record's.
        indexed = await self._vectors.ids(artist_id)
        records = await self._records.newest(artist_id, MEMORY_KINDS, _ALL)
        await self._vectors.remove(artist_id, sorted(indexed - {r.id for r in records}))
        await self._index(artist_id, [r for r in records if r.id not in indexed])
        self._whole.add(artist_id)

    async def _reindex(self, artist_id: str) -> int:
        self._whole.discard(artist_id)
        # In this order: a record whose vector the reset takes away is read after it.
        await self._vectors.reset(artist_id, self._embedder.name)
        records = await self._records.newest(artist_id, MEMORY_KINDS, _ALL)
        await self._index(artist_id, records)
        self._whole.add(artist_id)
        return len(records)

    async def _index(self, artist_id: str, records: Sequence[MemoryRecord]) -> None:
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            made = await self._embedder.embed([record.text for record in batch])
            items = [_indexed(r, vector) for r, vector in zip(batch, made, strict=True)]
            await self._vectors.put(artist_id, items)

    async def _index_new(self, record: MemoryRecord) -> None:
        async def index() -> None:
            async with self._locks[record.artist_id]:
                try:
                    await self._index(record.artist_id, [record])
                except BaseException:
                    # The record stands without a vector: the next use must look for it.
                    self._whole.discard(record.artist_id)
                    raise

        await self._healed(record.artist_id, index)

    async def _embed_one(self, text: str) -> list[float]:
        (vector,) = await self._embedder.embed([text])
        return vector

    async def _similarities(
        self, artist_id: str, records: Sequence[MemoryRecord], vector: Sequence[float]
    ) -> dict[str, float]:
        ids = [record.id for record in records]
        found = await self._vectors.similarities(artist_id, ids, vector)
        missing = [record for record in records if record.id not in found]
        if not missing:
            return found
        await self._index(artist_id, missing)
        return await self._vectors.similarities(artist_id, ids, vector)

    async def _refuse_repetition(self, record: MemoryRecord) -> None:
        vector = await self._embed_one(record.text)
        near = await self._healed(
            record.artist_id,
            lambda: self._vectors.nearest(record.artist_id, MEMORY_KINDS, vector, 5),
        )
        alike = [hit.record_id for hit in near if hit.similarity >= _SAME]
        for known in await self._records.get(record.artist_id, alike):
            if _plain(known.text) == _plain(record.text):
                raise Conflict(
                    "a recalled memory is not remembered again",
                    field="text",
                    remedy="store only what the recalled records led to",
                    record_id=known.id,
                )

    def _ranked(
        self,
        records: Sequence[MemoryRecord],
        relevance: dict[str, float],
        query: str,
        now: datetime,
    ) -> list[Recalled]:
        recency_weight = self._weights.recency_for(query)
        recalled = []
        for record in records:
            parts = Parts(
                relevance=relevance[record.id],
                recency=recency(record.happened_at, now, self._weights.half_life),
                importance=record.importance,
            )
            score = total(parts, self._weights, recency_weight)
            recalled.append(Recalled(record=record, score=score, **parts.model_dump()))
        return sorted(recalled, key=lambda found: (-found.score, found.record.id))


def _indexed(record: MemoryRecord, vector: list[float]) -> Indexed:
    return Indexed(record_id=record.id, kind=record.kind, vector=vector)


def _check_hash(record: MemoryRecord) -> None:
    if record.text_sha256 != hash_text(record.text):
        raise InvalidInput(
            "the hash is not that of the text",
            field="text_sha256",
            remedy="make it with domain.memory.hash_text",
        )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
