"""Entities to rows and back: fields that have a column of their name go there, the rest in `body`.

Adding a field to an entity therefore needs no migration unless it must be looked up by.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import RowMapping, Table

from domain.entity import Entity

E = TypeVar("E", bound=Entity)


class Mapper(Generic[E]):
    """How one noun is kept in one table."""

    def __init__(self, noun: str, model: type[E], table: Table, unique: str = "id") -> None:
        self.noun = noun
        self.model = model
        self.table = table
        self.unique = unique
        self._columns = [c.name for c in table.columns if c.name in model.model_fields]

    def to_row(self, entity: E) -> dict[str, Any]:
        """The values to be written, whole."""
        row = {name: _plain(getattr(entity, name)) for name in self._columns}
        row["body"] = entity.model_dump(mode="json", by_alias=True, exclude=set(self._columns))
        return row

    def to_entity(self, row: RowMapping) -> E:
        """The entity as it was written, validated."""
        columns = {name: row[name] for name in self._columns}
        return self.model.model_validate(row["body"] | columns)


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
