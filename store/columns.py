"""Column types and shapes that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    String,
    cast,
    func,
)
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC both ways; SQLite keeps it as text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment, and turn an aware one to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigSerial = BigInteger().with_variant(Integer, "sqlite")


def serial(name: str = "seq") -> Column[int]:
    """A number given by the database, rising with every row."""
    return Column(name, BigSerial, primary_key=True, autoincrement=True)


def entity(*, key: bool = True) -> list[Column[Any]]:
    """The columns every entity has; `key=False` where a serial number is the primary key."""
    return [
        Column("id", String, primary_key=key, unique=not key or None, nullable=False),
        Column("row_version", Integer, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        Column("updated_at", UtcDateTime, nullable=False),
        # Plain JSON, not JSONB: the order of keys is kept, and no index looks inside.
        Column("body", JSON, nullable=False),
    ]


def utc_day(moment: Column[Any], dialect: str) -> ColumnElement[str]:
    """The date in UTC of a stored moment, as both databases write it."""
    if dialect == "sqlite":
        return func.substr(cast(moment, String), 1, 10)
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD")
