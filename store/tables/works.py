"""What is made and decided: works, releases, posts, approvals, and the making of songs."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, String, Table, Text, UniqueConstraint

from store.columns import UtcDateTime, entity, serial
from store.tables.base import artist_id, metadata, run_id

works = Table(
    "works",
    metadata,
    *entity(),
    artist_id(),
    run_id(),
    Column("status", String, nullable=False),
    Index(None, "artist_id", "id"),
    Index(None, "status", "id"),
    Index(None, "run_id"),
)

releases = Table(
    "releases",
    metadata,
    *entity(),
    artist_id(),
    run_id(),
    Column("status", String, nullable=False),
    Column("live_at", UtcDateTime),
    Index(None, "artist_id", "id"),
    Index(None, "live_at"),
    Index(None, "run_id"),
)

posts = Table(
    "posts",
    metadata,
    *entity(),
    artist_id(),
    run_id(),
    Column("status", String, nullable=False),
    Column("published_at", UtcDateTime),
    Index(None, "artist_id", "id"),
    Index(None, "run_id"),
    Index(None, "status", "id"),
    Index(None, "published_at"),
    Index(None, "artist_id", "status", "published_at"),
)

approvals = Table(
    "approvals",
    metadata,
    *entity(),
    artist_id(),
    run_id(),
    Column("status", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("auto_approve_at", UtcDateTime),
    Index(None, "artist_id", "status"),
    Index(None, "status", "expires_at"),
    Index(None, "status", "auto_approve_at"),
    Index(None, "run_id"),
)

# What was rendered before, by the digest of the exact request.
renders = Table(
    "renders",
    metadata,
    *entity(),
    Column("key", String, nullable=False, unique=True),
    Column("used_at", UtcDateTime, nullable=False),
    Index(None, "used_at"),
)

# No foreign keys: a bill stays whatever becomes of the work.
generation_jobs = Table(
    "generation_jobs",
    metadata,
    *entity(),
    Column("key", String, nullable=False, unique=True),
    Column("song_key", String, nullable=False),
    Column("artist_id", String),
    Column("run_id", String),
    Column("work_id", String),
    Column("provider", String, nullable=False),
    Column("provider_job_id", String),
    Column("status", String, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Index(None, "song_key", "id"),
    Index(None, "work_id", "id"),
    Index(None, "run_id"),
    Index(None, "artist_id", "created_at"),
    Index(None, "provider", "provider_job_id"),
    Index(None, "status", "id"),
    Index(None, "created_at"),
)

provider_health = Table(
    "provider_health",
    metadata,
    *entity(),
    Column("provider", String, nullable=False, unique=True),
)

# What is found by its words: the migrations add an FTS5 table on SQLite and a generated `search`
# column on PostgreSQL. No foreign keys: entries are written with what they speak of.
search_entries = Table(
    "search_entries",
    metadata,
    serial(),
    Column("kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("artist_id", String, nullable=False),
    Column("run_id", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "subject_id"),
    Index(None, "kind", "title"),
    sqlite_autoincrement=True,
)
