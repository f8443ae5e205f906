"""Artists: who they are, remember, are told and may do, and when they act."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store.columns import UtcDateTime, entity, serial
from store.tables.base import artist_id, metadata

artists = Table(
    "artists",
    metadata,
    *entity(),
    Column("handle", String, nullable=False, unique=True),
    Column("status", String, nullable=False, index=True),
)

profile_versions = Table(
    "profile_versions",
    metadata,
    *entity(),
    artist_id(),
    Column("number", Integer, nullable=False),
    UniqueConstraint("artist_id", "number"),
)

# Searched by its words: the migrations add an FTS5 table beside it on SQLite and a generated
# `search` column on PostgreSQL.
memory_records = Table(
    "memory_records",
    metadata,
    serial(),
    *entity(key=False),
    artist_id(),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("happened_at", UtcDateTime, nullable=False),
    Column("text_sha256", String, nullable=False),
    Column("source_run_id", String, ForeignKey("runs.id")),
    Column("superseded_by", String),
    UniqueConstraint("artist_id", "kind", "text_sha256"),
    Index(None, "artist_id", "kind", "happened_at"),
    sqlite_autoincrement=True,
)

directives = Table(
    "directives",
    metadata,
    *entity(),
    artist_id(),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("until", UtcDateTime),
    Index(None, "artist_id", "status"),
    Index(None, "status", "until"),
)

steerings = Table(
    "steerings",
    metadata,
    *entity(),
    Column("artist_id", String, ForeignKey("artists.id"), nullable=False, unique=True),
)

schedules = Table(
    "schedules",
    metadata,
    *entity(),
    artist_id(),
    Column("enabled", Boolean(create_constraint=False), nullable=False),
    Column("next_at", UtcDateTime),
    Index(None, "artist_id", "id"),
    Index(None, "next_at"),
)

channels = Table(
    "channels",
    metadata,
    *entity(),
    artist_id(),
    Column("network", String, nullable=False),
    Column("account", String, nullable=False),
    Column("status", String, nullable=False),
    UniqueConstraint("artist_id", "network"),
    Index(None, "network", "status"),
)
