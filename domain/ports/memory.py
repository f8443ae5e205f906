"""Memory: the records' port that the store implements, and the interface that artists use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.memory import LexicalHit, MemoryKind, MemoryRecord, Recalled


class MemoryRecords(Protocol):
    """The truth about memories, in SQL. Artist and kind are always named."""

    async def add(self, record: MemoryRecord) -> MemoryRecord:
        """Store a record; the same text of one artist and kind again returns the first one."""

    async def get(self, artist_id: str, record_ids: Sequence[str]) -> list[MemoryRecord]:
        """The artist's records with these ids, superseded ones left out, in no set order."""

    async def lexical(
        self, artist_id: str, kinds: Sequence[MemoryKind], query: str, limit: int
    ) -> list[LexicalHit]:
        """Records whose words match, best first."""

    async def newest(
        self, artist_id: str, kinds: Sequence[MemoryKind], limit: int
    ) -> list[MemoryRecord]:
        """The latest records by the time they happened."""

    async def page(
        self, artist_id: str, kinds: Sequence[MemoryKind], after: str | None, limit: int
    ) -> list[MemoryRecord]:
        """Standing records, last stored first, beginning behind the record `after`."""

    async def supersede(self, artist_id: str, record_id: str, by: MemoryRecord) -> MemoryRecord:
        """Store `by` and mark the older record as superseded; history stays."""

    async def forget(self, artist_id: str, record_ids: Sequence[str]) -> int:
        """Delete records for good; returns how many there were."""


class Memory(Protocol):
    """What an artist's graph uses. Artist and kind are always in the signature."""

    async def remember(self, record: MemoryRecord) -> MemoryRecord:
        """Store and index a record; the same text is not stored twice."""

    async def recall(
        self,
        artist_id: str,
        kinds: Sequence[MemoryKind],
        query: str,
        *,
        now: datetime,
        limit: int = 8,
    ) -> list[Recalled]:
        """The most useful records for the query, best first."""

    async def read(self, artist_id: str, record_ids: Sequence[str]) -> list[MemoryRecord]:
        """The artist's records with these ids."""

    async def supersede(self, artist_id: str, record_id: str, by: MemoryRecord) -> MemoryRecord:
        """Replace what turned out otherwise: the older record is kept but no longer recalled."""

    async def forget(self, artist_id: str, record_ids: Sequence[str]) -> int:
        """Delete records and their vectors."""

    async def reindex(self, artist_id: str) -> int:
        """Make the artist's vectors again from the records; returns how many."""
