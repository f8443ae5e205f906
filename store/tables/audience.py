"""The label's own stage, and what visitors do there."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from store.columns import UtcDateTime, entity, serial
from store.tables.base import artist_id, metadata

stage_entries = Table(
    "stage_entries",
    metadata,
    *entity(),
    artist_id(),
    Column("client_key", String, nullable=False, unique=True),
    Column("published_at", UtcDateTime, nullable=False),
    Column("removed", Boolean(create_constraint=False), nullable=False),
    Index(None, "artist_id", "published_at"),
)

audience_events = Table(
    "audience_events",
    metadata,
    serial(),
    *entity(key=False),
    artist_id(),
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
