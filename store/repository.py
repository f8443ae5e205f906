"""What all repositories share: get, add, save with a row version, and queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar, Generic

from sqlalchemy import Select, Table, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import Conflict, NotFound, StaleVersion
from store.failures import is_duplicate
from store.mapper import E, Mapper
from store.searching import entries_of, index_entries
from store.session import Session


class Reads(Generic[E]):
    """Finds entities of one noun."""

    mapper: ClassVar[Mapper[Any]]

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _table(self) -> Table:
        return self.mapper.table

    async def get(self, entity_id: str) -> E:
        """The entity with this id, or `NotFound`."""
        found = await self._first(self._all().where(self._table.c.id == entity_id))
        return self._required(found, entity_id)

    async def many(self, ids: Iterable[str]) -> dict[str, E]:
        """Those of `ids` that exist, by id, in one query."""
        wanted = set(ids)
        if not wanted:
            return {}
        found = await self._list(self._all().where(self._table.c.id.in_(wanted)))
        return {entity.id: entity for entity in found}

    def _all(self) -> Select[Any]:
        return select(self._table)

    async def _first(self, query: Select[Any]) -> E | None:
        row = await self._session.row(query.limit(1))
        return None if row is None else self.mapper.to_entity(row)

    async def _list(self, query: Select[Any]) -> list[E]:
        return [self.mapper.to_entity(row) for row in await self._session.rows(query)]

    def _required(self, found: E | None, named: str) -> E:
        if found is None:
            noun = self.mapper.noun
            raise NotFound(
                f"there is no {noun} {named!r}",
                remedy=f"Look the {noun} up in its list; it may be misspelt.",
            )
        return found


class Appends(Reads[E]):
    """Also adds."""

    async def add(self, entity: E) -> E:
        """Store a new entity; raises `Conflict` naming the field whose value is taken."""
        row = self.mapper.to_row(entity)
        if not await self._session.insert_new(self._table, row, self.mapper.noun):
            raise await self._taken(entity)
        await index_entries(self._session, entries_of(entity))
        return entity

    async def _taken(self, entity: E) -> Conflict:
        same_id = self._all().where(self._table.c.id == entity.id)
        field = "id" if await self._first(same_id) else self.mapper.unique
        return _conflict(self.mapper, entity, field)


class Repository(Appends[E]):
    """Also saves changes."""

    async def save(self, entity: E) -> E:
        """Store a changed entity and return it as stored, with the next row version.

        Raises `StaleVersion` when somebody wrote since it was read, `Conflict` when a unique
        value is taken; after the latter the unit can only be left.
        """
        stored = entity.model_copy(update={"row_version": entity.row_version + 1})
        changes = self.mapper.to_row(stored)
        statement = (
            update(self._table)
            .where(self._table.c.id == entity.id, self._table.c.row_version == entity.row_version)
            .values({name: v for name, v in changes.items() if name not in ("id", "created_at")})
        )
        try:
            result = await self._session.write(statement, self.mapper.noun)
        except IntegrityError as error:
            if is_duplicate(error):
                raise _conflict(self.mapper, entity, self.mapper.unique) from error
            raise
        if result.rowcount != 1:
            current = await self.get(entity.id)
            raise StaleVersion(
                f"the {self.mapper.noun} {entity.id} was changed by somebody else meanwhile",
                remedy="Read it again and repeat the change.",
                have=entity.row_version,
                stored=current.row_version,
            )
        await index_entries(self._session, entries_of(stored))
        return stored


def newest_first(query: Select[Any], table: Table, after: str | None, limit: int) -> Select[Any]:
    """One page by id, newest first, beginning behind `after`."""
    if after is not None:
        query = query.where(table.c.id < after)
    return query.order_by(table.c.id.desc()).limit(limit)


def one_of(query: Select[Any], table: Table, statuses: Sequence[str] | None) -> Select[Any]:
    """Keep rows in one of `statuses`; None keeps all."""
    return query if statuses is None else query.where(table.c.status.in_(list(statuses)))


def among(query: Select[Any], table: Table, artists: Collection[str] | None) -> Select[Any]:
    """Keep rows of these artists; None keeps all."""
    return query if artists is None else query.where(table.c.artist_id.in_(artists))


def _conflict(mapper: Mapper[E], entity: E, field: str) -> Conflict:
    return Conflict(
        f"there is already one {mapper.noun} with {field} {getattr(entity, field)!r}",
        field=field,
        remedy=f"Choose another {field}, or use what is there.",
    )
