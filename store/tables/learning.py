"""What the label learnt."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from store.columns import entity
from store.tables.base import metadata

adaptations = Table(
    "adaptations",
    metadata,
    *entity(),
    Column("parameter", String, nullable=False),
    Column("status", String, nullable=False),
    Column("artist_id", String, ForeignKey("artists.id")),
    Index(None, "parameter", "id"),
    Index(None, "status", "id"),
)
