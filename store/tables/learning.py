"""What the label learnt."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

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

experiments = Table(
    "experiments",
    metadata,
    *entity(),
    Column("parameter", String, nullable=False),
    Column("status", String, nullable=False),
    Column("artist_id", String, ForeignKey("artists.id")),
    Index(None, "status", "id"),
)

# Written before the song: neither the work nor anything else of it is there yet.
exposures = Table(
    "exposures",
    metadata,
    *entity(),
    Column(
        "experiment_id", String, ForeignKey("experiments.id", ondelete="CASCADE"), nullable=False
    ),
    Column("work_id", String, nullable=False),
    Column("run_id", String, nullable=False),
    UniqueConstraint("work_id"),
    Index(None, "experiment_id", "id"),
)
