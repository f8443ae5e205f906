"""Entities to rows and back: fields that have a column of their name go there, the rest in `body`.

Adding a field to an entity therefore needs no migration unless it must be looked up by. While two
releases run side by side, the older one reads past fields that it does not know and stores them
again as they were; only those inside a list are lost when it changes the noun.
"""

from __future__ import annotations

from copy import deepcopy
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from sqlalchemy import RowMapping, Table

from domain.entity import Entity, Place

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
        body = entity.model_dump(mode="json", by_alias=True, exclude=set(self._columns))
        for place, value in entity.later.items():
            _put_back(body, place, value)
        row["body"] = body
        return row

    def to_entity(self, row: RowMapping) -> E:
        """The entity as it was written, validated."""
        values = row["body"] | {name: row[name] for name in self._columns}
        try:
            return self.model.model_validate(values)
        except ValidationError as error:
            unknown = _places(error, values)
            if unknown is None:
                raise
        values = deepcopy(values)
        later = {place: _taken_out(values, place) for place in unknown}
        return self.model.model_validate(values).carrying(later)


def _places(error: ValidationError, values: Any) -> list[Place] | None:
    """Where the fields stand that are not known; None where something else is wrong as well."""
    found = error.errors(include_url=False, include_input=False)
    if any(one["type"] != "extra_forbidden" for one in found):
        return None
    places = [_place(values, one["loc"]) for one in found]
    # Twice the same: several members of a union were tried, and which one was meant is not known.
    return places if len(set(places)) == len(places) else None


def _place(values: Any, named: Place) -> Place:
    """The way through the values; a union's member is named on the way but is no step of it."""
    steps: list[str | int] = []
    for part in named[:-1]:
        within = values[part] if isinstance(part, int) else values.get(part)
        if isinstance(within, dict | list):
            values = within
            steps.append(part)
    return (*steps, named[-1])


def _taken_out(values: Any, place: Place) -> Any:
    for part in place[:-1]:
        values = values[part]
    return values.pop(place[-1])


def _put_back(values: Any, place: Place, value: Any) -> None:
    """Where the way to it still is; the places in a list may have changed hands."""
    for part in place[:-1]:
        values = values.get(part) if isinstance(values, dict) else None
    if isinstance(values, dict):
        values.setdefault(place[-1], value)


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value
