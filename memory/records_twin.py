"""The records' twin for tests: the truth in a dictionary, words counted plainly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.errors import InvalidInput, NotFound
from domain.memory import LexicalHit, MemoryKind, MemoryRecord

_WORD = re.compile(r"\w+")


class InMemoryRecords:
    """Keeps `MemoryRecords`' promises without a database."""

    def __init__(self) -> None:
        self._records: dict[str, MemoryRecord] = {}

    async def add(self, record: MemoryRecord) -> MemoryRecord:
        """Store a record, or return the one with the same artist, kind and text."""
        for known in self._records.values():
            if (known.artist_id, known.kind, known.text_sha256) == (
                record.artist_id,
                record.kind,
                record.text_sha256,
            ):
                return known
        self._records[record.id] = record
        return record

    async def get(self, artist_id: str, record_ids: Sequence[str]) -> list[MemoryRecord]:
        """The artist's records with these ids, superseded ones left out."""
        wanted = set(record_ids)
        return [record for record in self._of(artist_id) if record.id in wanted]

    async def lexical(
        self, artist_id: str, kinds: Sequence[MemoryKind], query: str, limit: int
    ) -> list[LexicalHit]:
        """Records by the share of the query's words that they hold."""
        asked = _words(query)
        hits = [
            LexicalHit(record=record, score=len(asked & _words(record.text)) / len(asked))
            for record in self._of(artist_id)
            if record.kind in kinds and asked & _words(record.text)
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:limit]

    async def newest(
        self, artist_id: str, kinds: Sequence[MemoryKind], limit: int
    ) -> list[MemoryRecord]:
        """The latest records by the time they happened."""
        known = [record for record in self._of(artist_id) if record.kind in kinds]
        return sorted(known, key=lambda record: record.happened_at, reverse=True)[:limit]

    async def page(
        self, artist_id: str, kinds: Sequence[MemoryKind], after: str | None, limit: int
    ) -> list[MemoryRecord]:
        """Standing records, last stored first, beginning behind the record `after`."""
        stored = list(self._records)
        if after is not None:
            stored = stored[: stored.index(after)] if after in stored else []
        places = set(stored)
        known = [r for r in self._of(artist_id) if r.kind in kinds and r.id in places]
        return known[::-1][:limit]

    async def supersede(self, artist_id: str, record_id: str, by: MemoryRecord) -> MemoryRecord:
        """Store `by` and mark the older record; a text that stood before stands again."""
        if by.artist_id != artist_id:
            raise InvalidInput(
                "a memory is superseded by one of the same artist", field="artist_id"
            )
        old = self._records.get(record_id)
        if old is None or old.artist_id != artist_id:
            raise NotFound(f"there is no memory {record_id!r}", field="record_id")
        new = await self.add(by)
        if new.id == record_id:
            return new
        self._records[record_id] = old.amend(by.updated_at, superseded_by=new.id)
        if new.superseded_by is not None:
            new = self._records[new.id] = new.amend(by.updated_at, superseded_by=None)
        return new

    async def forget(self, artist_id: str, record_ids: Sequence[str]) -> int:
        """Delete records of this artist; returns how many there were."""
        gone = [
            record_id
            for record_id in set(record_ids)
            if record_id in self._records and self._records[record_id].artist_id == artist_id
        ]
        for record_id in gone:
            del self._records[record_id]
        return len(gone)

    def _of(self, artist_id: str) -> list[MemoryRecord]:
        return [
            record
            for record in self._records.values()
            if record.artist_id == artist_id and record.superseded_by is None
        ]


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
