"""What keeps the house in view: the event log, switches, alerts, webhooks."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table

from store.columns import UtcDateTime, entity, serial
from store.tables.base import metadata

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

# Label-wide switches, such as the hold.
switches = Table(
    "switches",
    metadata,
    *entity(),
    Column("name", String, nullable=False, unique=True),
)

alerts = Table(
    "alerts",
    metadata,
    *entity(),
    Column("rule", String, nullable=False),
    Column("status", String, nullable=False),
    Index(None, "status", "id"),
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
