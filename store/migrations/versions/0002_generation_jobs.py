"""Jobs of generators, and how providers have behaved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JOB_INDEXES = (
    ("song_key", "id"),
    ("work_id", "id"),
    ("run_id",),
    ("artist_id", "created_at"),
    ("provider", "provider_job_id"),
    ("status", "id"),
    ("created_at",),
)


def upgrade() -> None:
    op.create_table(
        "generation_jobs",
        *_entity(),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("song_key", sa.String(), nullable=False),
        sa.Column("artist_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("work_id", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_job_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_generation_jobs_key")),
    )
    for columns in JOB_INDEXES:
        name = op.f(f"ix_generation_jobs_{'_'.join(columns)}")
        op.create_index(name, "generation_jobs", list(columns), unique=False)
    op.create_table(
        "provider_health",
        *_entity(),
        sa.Column("provider", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_health")),
        sa.UniqueConstraint("provider", name=op.f("uq_provider_health_provider")),
    )


def downgrade() -> None:
    op.drop_table("provider_health")
    op.drop_table("generation_jobs")


def _entity() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    ]
