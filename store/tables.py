"""Every table. What is looked up or linked is a column; the rest of an entity is its `body`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store.columns import UtcDateTime, entity, serial

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _artist() -> Column[str]:
    return Column("artist_id", String, ForeignKey("artists.id"), nullable=False)


def _run() -> Column[str]:
    return Column("run_id", String, ForeignKey("runs.id"), nullable=False)


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
    _artist(),
    Column("number", Integer, nullable=False),
    UniqueConstraint("artist_id", "number"),
)

runs = Table(
    "runs",
    metadata,
    *entity(),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False, index=True),
    Column("parent_run_id", String, ForeignKey("runs.id"), index=True),
    Column("schedule_id", String, index=True),
    Column("slot_key", String),
    Column("lease", Integer, nullable=False, server_default="0"),
    Column("holder", String),
    Index(None, "slot_key", unique=True),
)

run_artists = Table(
    "run_artists",
    metadata,
    Column("run_id", String, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("artist_id", String, ForeignKey("artists.id"), primary_key=True),
    Index(None, "artist_id", "run_id"),
)

steps = Table(
    "steps",
    metadata,
    serial(),
    *entity(key=False),
    _run(),
    _artist(),
    Column("step", String, nullable=False),
    Index(None, "run_id", "seq"),
    sqlite_autoincrement=True,
)

works = Table(
    "works",
    metadata,
    *entity(),
    _artist(),
    _run(),
    Column("status", String, nullable=False),
    Index(None, "artist_id", "id"),
    Index(None, "status", "id"),
    Index(None, "run_id"),
)

releases = Table(
    "releases",
    metadata,
    *entity(),
    _artist(),
    _run(),
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
    _artist(),
    _run(),
    Column("status", String, nullable=False),
    Column("published_at", UtcDateTime),
    Index(None, "artist_id", "id"),
    Index(None, "run_id"),
    Index(None, "status", "id"),
    Index(None, "published_at"),
)

approvals = Table(
    "approvals",
    metadata,
    *entity(),
    _artist(),
    _run(),
    Column("status", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("auto_approve_at", UtcDateTime),
    Index(None, "artist_id", "status"),
    Index(None, "status", "expires_at"),
    Index(None, "status", "auto_approve_at"),
    Index(None, "run_id"),
)

attempts = Table(
    "attempts",
    metadata,
    *entity(),
    Column("key", String, nullable=False, unique=True),
    _run(),
    _artist(),
    Column("subject_id", String, nullable=False),
    Column("status", String, nullable=False),
    Index(None, "run_id"),
)

audience_events = Table(
    "audience_events",
    metadata,
    serial(),
    *entity(key=False),
    _artist(),
    Column("kind", String, nullable=False),
    Column("release_id", String, ForeignKey("releases.id")),
    Column("work_id", String, ForeignKey("works.id")),
    Column("post_id", String, ForeignKey("posts.id")),
    Column("visitor_id", String, nullable=False),
    Column("perceived_in_run", String, ForeignKey("runs.id")),
    Column("hidden", Boolean(create_constraint=False), nullable=False),
    Index(None, "artist_id", "perceived_in_run", "seq"),
    Index(None, "artist_id", "kind", "seq"),
    Index(None, "release_id", "kind", "seq"),
    Index(None, "post_id", "kind", "seq"),
    Index(None, "visitor_id", "created_at"),
    Index(None, "created_at", "kind"),
    sqlite_autoincrement=True,
)

stage_entries = Table(
    "stage_entries",
    metadata,
    *entity(),
    _artist(),
    Column("client_key", String, nullable=False, unique=True),
    Column("published_at", UtcDateTime, nullable=False),
    Column("removed", Boolean(create_constraint=False), nullable=False),
    Index(None, "artist_id", "published_at"),
)

# No foreign keys: the log outlives what it speaks of.
events = Table(
    "events",
    metadata,
    serial("id"),
    Column("kind", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("artist_id", String),
    Column("run_id", String),
    Column("subject_id", String),
    Column("data", JSON, nullable=False),
    Index(None, "run_id", "id"),
    Index(None, "artist_id", "id"),
    sqlite_autoincrement=True,
)

# Searched by its words: the migrations add an FTS5 table beside it on SQLite and a generated
# `search` column on PostgreSQL.
memory_records = Table(
    "memory_records",
    metadata,
    serial(),
    *entity(key=False),
    _artist(),
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

schedules = Table(
    "schedules",
    metadata,
    *entity(),
    _artist(),
    Column("enabled", Boolean(create_constraint=False), nullable=False),
    Column("next_at", UtcDateTime),
    Index(None, "artist_id", "id"),
    Index(None, "next_at"),
)

# Label-wide switches, such as the hold.
switches = Table(
    "switches",
    metadata,
    *entity(),
    Column("name", String, nullable=False, unique=True),
)

channels = Table(
    "channels",
    metadata,
    *entity(),
    _artist(),
    Column("network", String, nullable=False),
    Column("account", String, nullable=False),
    Column("status", String, nullable=False),
    UniqueConstraint("artist_id", "network"),
    Index(None, "network", "status"),
)

webhooks = Table(
    "webhooks",
    metadata,
    *entity(),
    Column("status", String, nullable=False),
)

# The outbox of webhooks: written with what they tell, sent afterwards.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    *entity(),
    Column("webhook_id", String, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("status", String, nullable=False),
    Column("due_at", UtcDateTime),
    Index(None, "status", "due_at"),
    Index(None, "webhook_id", "id"),
)

alerts = Table(
    "alerts",
    metadata,
    *entity(),
    Column("rule", String, nullable=False),
    Column("status", String, nullable=False),
    Index(None, "status", "id"),
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

# No foreign keys here either.
usage_records = Table(
    "usage_records",
    metadata,
    serial(),
    Column("at", UtcDateTime, nullable=False),
    Column("artist_id", String),
    Column("run_id", String),
    Column("step", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("model", String, nullable=False),
    Column("prompt", String, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("counted_by", String, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("cached", Boolean(create_constraint=False), nullable=False),
    Column("latency_s", Float, nullable=False),
    Column("outcome", String, nullable=False),
    Index(None, "run_id"),
    Index(None, "artist_id", "at"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

talks = Table(
    "talks",
    metadata,
    *entity(),
    _artist(),
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
    _artist(),
    Column("number", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("key", String),
    Column("pending", Boolean(create_constraint=False), nullable=False),
    UniqueConstraint("talk_id", "number"),
    UniqueConstraint("talk_id", "key"),
    Index(None, "status"),
    Index(None, "pending"),
)

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

directives = Table(
    "directives",
    metadata,
    *entity(),
    _artist(),
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

# What came under a key of its sender's; the key itself and the answer can not be read from it.
kept_requests = Table(
    "kept_requests",
    metadata,
    *entity(),
    Column("key_digest", String, nullable=False, unique=True),
    Column("status", String, nullable=False),
    Index(None, "created_at"),
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
