"""Everything by its words: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, column, func, literal_column, select, text
from sqlalchemy import table as sql_table
from sqlalchemy.sql.elements import ColumnElement

from domain.search import SEARCH_KINDS, Entry, SearchKind
from store.session import Session
from store.tables import memory_records, search_entries

# Of what has the words, the newest so many are ranked: a common word has hundreds of thousands.
RANKED = 400
_WORDS = sql_table("word_search", column("rowid"))
_MEMORY_WORDS = sql_table("memory_search", column("rowid"))
_ENTRY = [c for c in search_entries.c if c.name != "seq"]


class SearchRepository:
    """Finds entries that have every word, as a word's beginning."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(
        self,
        words: Sequence[str],
        kinds: Collection[SearchKind],
        limit: int,
        artists: Collection[str] | None = None,
    ) -> list[Entry]:
        """What is called so first, by kind; then what says so, best first."""
        if not words or not kinds:
            return []
        called = await self._ranked(words, kinds, artists, titles=True)
        called.sort(key=lambda entry: SEARCH_KINDS.index(entry.kind))
        found = {(e.kind, e.subject_id): e for e in called[:limit]}
        if len(found) < limit:
            for entry in await self._ranked(words, kinds, artists, titles=False):
                found.setdefault((entry.kind, entry.subject_id), entry)
        return list(found.values())[:limit]

    async def memories(
        self, words: Sequence[str], limit: int, artists: Collection[str] | None = None
    ) -> list[Entry]:
        """What artists remember, newest first."""
        if not words:
            return []
        query = select(memory_records).where(memory_records.c.superseded_by.is_(None))
        if artists is not None:
            query = query.where(memory_records.c.artist_id.in_(artists))
        if self._session.dialect == "sqlite":
            wanted = " AND ".join(f'"{word}"' for word in words)
            query = query.join(_MEMORY_WORDS, _MEMORY_WORDS.c.rowid == memory_records.c.seq).where(
                text("memory_search MATCH :wanted").bindparams(wanted=wanted)
            )
            newest = _MEMORY_WORDS.c.rowid.desc()
        else:
            query = query.where(
                literal_column("memory_records.search").op("@@")(
                    func.plainto_tsquery("english", " ".join(words))
                )
            )
            newest = memory_records.c.seq.desc()
        rows = await self._session.rows(query.order_by(newest).limit(limit))
        return [
            Entry(
                kind="memory",
                subject_id=row["id"],
                artist_id=row["artist_id"],
                run_id=row["source_run_id"],
                title="",
                text=row["text"],
                at=row["happened_at"],
            )
            for row in rows
        ]

    async def _ranked(
        self,
        words: Sequence[str],
        kinds: Collection[SearchKind],
        artists: Collection[str] | None,
        *,
        titles: bool,
    ) -> list[Entry]:
        query = select(*_ENTRY).where(search_entries.c.kind.in_(kinds))
        if artists is not None:
            query = query.where(search_entries.c.artist_id.in_(artists))
        ask = _fts5 if self._session.dialect == "sqlite" else _tsvector
        rows = await self._session.rows(ask(query, words, titles).limit(RANKED))
        found = [Entry.model_validate(dict(row)) for row in rows]
        return sorted(found, key=lambda entry: _weight(entry, words), reverse=True)


def _weight(entry: Entry, words: Sequence[str]) -> float:
    """How much of what it says is the words.

    BM25 would look at every entry that has them, which takes half a second of 200,000.
    """
    text = f"{entry.title} {entry.text}".lower()
    return sum(text.count(word) for word in words) / (len(text) + 200)


def _fts5(query: Select[Any], words: Sequence[str], titles: bool) -> Select[Any]:
    """Newest first by the index's own number: by another column it would sort all that fit."""
    wanted = " AND ".join(f'"{word}"*' for word in words)
    if titles:
        wanted = f"title : ({wanted})"
    return (
        query.join(_WORDS, _WORDS.c.rowid == search_entries.c.seq)
        .where(text("word_search MATCH :wanted").bindparams(wanted=wanted))
        .order_by(_WORDS.c.rowid.desc())
    )


def _tsvector(query: Select[Any], words: Sequence[str], titles: bool) -> Select[Any]:
    weight = "A" if titles else ""
    wanted = func.to_tsquery("simple", " & ".join(f"'{word}':*{weight}" for word in words))
    search: ColumnElement[Any] = literal_column("search_entries.search")
    return query.where(search.op("@@")(wanted)).order_by(search_entries.c.seq.desc())
