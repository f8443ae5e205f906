"""People of the label: how they sign in, what they say to artists, what they did."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from store.columns import UtcDateTime, entity
from store.tables.base import artist_id, metadata

users = Table(
    "users",
    metadata,
    *entity(),
    Column("name", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("status", String, nullable=False),
    Column("last_seen_at", UtcDateTime),
    Column("password_hash", String, nullable=False),
)

# Secrets are looked up by their digest; the secrets themselves are nowhere.
invitations = Table(
    "invitations",
    metadata,
    *entity(),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("used_at", UtcDateTime),
)

user_sessions = Table(
    "user_sessions",
    metadata,
    *entity(),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("user_id", String, ForeignKey("users.id"), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "user_id", "id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    *entity(),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("user_id", String, ForeignKey("users.id"), nullable=False),
    Column("last_used_at", UtcDateTime),
    Index(None, "user_id", "id"),
)

# No foreign keys: what was done stays, whoever is gone.
audit_entries = Table(
    "audit_entries",
    metadata,
    *entity(),
    Column("user_id", String),
    Column("artist", String),
    Column("operation", String, nullable=False),
    Column("outcome", String, nullable=False),
    Index(None, "user_id", "id"),
    Index(None, "artist", "id"),
    Index(None, "outcome", "id"),
)

talks = Table(
    "talks",
    metadata,
    *entity(),
    artist_id(),
    Column("person", String, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Index(None, "artist_id", "last_at"),
    Index(None, "person", "last_at"),
)

turns = Table(
    "turns",
    metadata,
    *entity(),
    Column("talk_id", String, ForeignKey("talks.id", ondelete="CASCADE"), nullable=False),
    artist_id(),
    Column("number", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("key", String),
    Column("pending", Boolean(create_constraint=False), nullable=False),
    UniqueConstraint("talk_id", "number"),
    UniqueConstraint("talk_id", "key"),
    Index(None, "status"),
    Index(None, "pending"),
)

# What came under a key of its sender's; the key itself and the answer can not be read from it.
kept_requests = Table(
    "kept_requests",
    metadata,
    *entity(),
    Column("key_digest", String, nullable=False, unique=True),
    Column("status", String, nullable=False),
    Index(None, "created_at"),
)
