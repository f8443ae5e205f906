"""Runs of evaluation suites, their samples and what was said in them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from store.columns import entity
from store.tables.base import metadata

eval_runs = Table(
    "eval_runs",
    metadata,
    *entity(),
    Column("suite", String, nullable=False),
    Column("key", String, nullable=False),
    Column("status", String, nullable=False),
    Column("artist_id", String, ForeignKey("artists.id")),
    Index(None, "suite", "id"),
    Index(None, "key"),
)

eval_samples = Table(
    "eval_samples",
    metadata,
    *entity(),
    Column("run_id", String, ForeignKey("eval_runs.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False),
    Column("case_id", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("status", String, nullable=False),
    UniqueConstraint("run_id", "case_id", "epoch"),
    Index(None, "key", "id"),
)

eval_cases = Table(
    "eval_cases",
    metadata,
    *entity(),
    Column("suite", String, nullable=False),
    Column("case_id", String, nullable=False),
    Column("artist_id", String, ForeignKey("artists.id")),
    UniqueConstraint("suite", "case_id"),
)

# A transcript outlives its sample: samples of later runs that reuse the answer point to it too.
transcripts = Table("transcripts", metadata, *entity())
