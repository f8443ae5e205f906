"""Memories in SQL, found by their words: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, column, delete, func, literal_column, select, text, update
from sqlalchemy import table as sql_table
from sqlalchemy.sql.elements import ColumnElement

from domain.errors import InvalidInput, NotFound
from domain.memory import LexicalHit, MemoryKind, MemoryRecord
from store.database import Database
from store.mapper import Mapper
from store.session import Session
from store.tables import memory_records as table

QUERY_WORDS_MAX = 32
_WORD = re.compile(r"[^\W_]+")
# In a small memory a rare "with" would outweigh what the question is about. PostgreSQL's English
# configuration drops such words as well.
_COMMON_TEXT = """
    a about after all also am an and any are as at be been before being but by can could did do
    does for from had has have he her here him his how i if in into is it its just me more my no
    not of on only or other our out over she so some such than that the their them then there
    these they this those to too under up very was we were what when where which while who whom
    why will with would you your
"""
_COMMON = frozenset(_COMMON_TEXT.split())
_FTS5_INDEX = sql_table("memory_search", column("rowid"))
_MAPPER: Mapper[MemoryRecord] = Mapper("memory", MemoryRecord, table)


class SqlMemoryRecords:
    """Implements `domain.ports.memory.MemoryRecords`; each call is a short unit of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, record: MemoryRecord) -> MemoryRecord:
        """Store a record; the same text of one artist and kind again returns the first one."""
        async with self._database.session() as session:
            return await _add(session, record)

    async def get(self, artist_id: str, record_ids: Sequence[str]) -> list[MemoryRecord]:
        """The artist's records with these ids, superseded ones left out, in no set order."""
        if not record_ids:
            return []
        return await self._list(_standing(artist_id).where(table.c.id.in_(list(record_ids))))

    async def lexical(
        self, artist_id: str, kinds: Sequence[MemoryKind], query: str, limit: int
    ) -> list[LexicalHit]:
        """Records that share words with the query, by stem, best first."""
        words = words_of(query)
        if not words or not kinds:
            return []
        async with self._database.session() as session:
            ask = _fts5 if session.dialect == "sqlite" else _tsvector
            rows = await session.rows(ask(_of_kinds(artist_id, kinds), words).limit(limit))
        return [LexicalHit(record=_MAPPER.to_entity(r), score=r["word_score"]) for r in rows]

    async def newest(
        self, artist_id: str, kinds: Sequence[MemoryKind], limit: int
    ) -> list[MemoryRecord]:
        """The latest records by the time they happened."""
        order = (table.c.happened_at.desc(), table.c.seq.desc())
        return await self._list(_of_kinds(artist_id, kinds).order_by(*order).limit(limit))

    async def page(
        self, artist_id: str, kinds: Sequence[MemoryKind], after: str | None, limit: int
    ) -> list[MemoryRecord]:
        """Standing records, last stored first, beginning behind the record `after`."""
        query = _of_kinds(artist_id, kinds)
        if after is not None:
            place = select(table.c.seq).where(table.c.artist_id == artist_id, table.c.id == after)
            query = query.where(table.c.seq < place.scalar_subquery())
        return await self._list(query.order_by(table.c.seq.desc()).limit(limit))

    async def supersede(self, artist_id: str, record_id: str, by: MemoryRecord) -> MemoryRecord:
        """Store `by` and mark the older record as superseded; history stays.

        Where the text of `by` was superseded once itself, it stands again.
        """
        if by.artist_id != artist_id:
            raise InvalidInput(
                "a memory is superseded by one of the same artist",
                field="artist_id",
                remedy="Give the new memory the artist's id.",
            )
        async with self._database.session() as session:
            older = await session.row(_all(artist_id).where(table.c.id == record_id))
            if older is None:
                raise NotFound(
                    f"there is no memory {record_id!r}", remedy="Recall again; it was forgotten."
                )
            newer = await _add(session, by)
            if newer.id == record_id:
                return newer
            await session.write(_mark(record_id, newer.id, by))
            if newer.superseded_by is None:
                return newer
            await session.write(_mark(newer.id, None, by))
            return newer.model_copy(
                update={
                    "superseded_by": None,
                    "row_version": newer.row_version + 1,
                    "updated_at": by.updated_at,
                }
            )

    async def forget(self, artist_id: str, record_ids: Sequence[str]) -> int:
        """Delete records for good; returns how many there were."""
        if not record_ids:
            return 0
        mine = (table.c.artist_id == artist_id, table.c.id.in_(list(record_ids)))
        async with self._database.session() as session:
            return (await session.write(delete(table).where(*mine))).rowcount

    async def _list(self, query: Select[Any]) -> list[MemoryRecord]:
        async with self._database.session() as session:
            return [_MAPPER.to_entity(row) for row in await session.rows(query)]


def words_of(query: str) -> list[str]:
    """The telling words of any text, each once; nothing of a search language survives."""
    found = dict.fromkeys(_WORD.findall(query.casefold()))
    return [word for word in found if word not in _COMMON][:QUERY_WORDS_MAX]


async def _add(session: Session, record: MemoryRecord) -> MemoryRecord:
    if "\0" in record.text:
        raise InvalidInput(
            "the text contains a NUL character", field="text", remedy="Remove it and try again."
        )
    if await session.insert_new(table, _MAPPER.to_row(record), _MAPPER.noun):
        return record
    same = _all(record.artist_id).where(
        table.c.kind == record.kind, table.c.text_sha256 == record.text_sha256
    )
    first = await session.row(same)
    if first is None:
        raise InvalidInput(
            f"the id {record.id} belongs to another memory",
            field="id",
            remedy="Mint a new id for every memory.",
        )
    return _MAPPER.to_entity(first)


def _mark(record_id: str, superseded_by: str | None, by: MemoryRecord) -> Any:
    return (
        update(table)
        .where(table.c.id == record_id)
        .values(
            superseded_by=superseded_by,
            row_version=table.c.row_version + 1,
            updated_at=by.updated_at,
        )
    )


def _all(artist_id: str) -> Select[Any]:
    return select(table).where(table.c.artist_id == artist_id)


def _standing(artist_id: str) -> Select[Any]:
    return _all(artist_id).where(table.c.superseded_by.is_(None))


def _of_kinds(artist_id: str, kinds: Iterable[MemoryKind]) -> Select[Any]:
    return _standing(artist_id).where(table.c.kind.in_(list(kinds)))


def _fts5(query: Select[Any], words: Sequence[str]) -> Select[Any]:
    """Any of the words, ranked by BM25, which FTS5 gives as a negative number."""
    wanted = " OR ".join(f'"{word}"' for word in words)
    score: ColumnElement[float] = literal_column("-bm25(memory_search)").label("word_score")
    return (
        query.add_columns(score)
        .join(_FTS5_INDEX, _FTS5_INDEX.c.rowid == table.c.seq)
        .where(text("memory_search MATCH :wanted").bindparams(wanted=wanted))
        .order_by(score.desc(), table.c.seq.desc())
    )


def _tsvector(query: Select[Any], words: Sequence[str]) -> Select[Any]:
    """Any of the words, ranked by `ts_rank`."""
    wanted: ColumnElement[Any] = func.plainto_tsquery("english", words[0])
    for word in words[1:]:
        wanted = wanted.op("||")(func.plainto_tsquery("english", word))
    search: ColumnElement[Any] = literal_column("memory_records.search")
    score = func.ts_rank(search, wanted).label("word_score")
    return (
        query.add_columns(score)
        .where(search.op("@@")(wanted))
        .order_by(score.desc(), table.c.seq.desc())
    )
