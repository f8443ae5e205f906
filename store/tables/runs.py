"""Runs with their steps, what they did outside, and what it cost."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from store.columns import BigSerial, UtcDateTime, entity, serial
from store.tables.base import artist_id, metadata, run_id

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
    run_id(),
    artist_id(),
    Column("step", String, nullable=False),
    Index(None, "run_id", "seq"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    *entity(),
    Column("key", String, nullable=False, unique=True),
    run_id(),
    artist_id(),
    Column("subject_id", String, nullable=False),
    Column("status", String, nullable=False),
    Index(None, "run_id"),
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

# What a model was asked in a run and what it answered, apart because it is kept for less long.
call_texts = Table(
    "call_texts",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("asked", JSON, nullable=False),
    Column("answered", String, nullable=False),
)
