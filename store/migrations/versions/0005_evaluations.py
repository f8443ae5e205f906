"""Runs of evaluation suites with their samples and transcripts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.building import index, table, text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NEW = (
    "exposures",
    "experiments",
    "adaptations",
    "transcripts",
    "eval_samples",
    "eval_runs",
    "eval_cases",
)


def upgrade() -> None:
    artist: sa.Column[str] = sa.Column("artist_id", sa.String(), nullable=True)
    table("eval_runs", *(text(name) for name in ("suite", "key", "status")), artist, artist=True)
    index("eval_runs", "suite", "id")
    index("eval_runs", "key")
    epoch: sa.Column[int] = sa.Column("epoch", sa.Integer(), nullable=False)
    run = sa.ForeignKeyConstraint(
        ["run_id"], ["eval_runs.id"], name=op.f("fk_eval_samples_run_id"), ondelete="CASCADE"
    )
    columns = [text(name) for name in ("run_id", "key", "case_id", "status")]
    table("eval_samples", *columns, epoch, run, unique=(("run_id", "case_id", "epoch"),))
    index("eval_samples", "key", "id")
    table("transcripts")
    of: sa.Column[str] = sa.Column("artist_id", sa.String(), nullable=True)
    unique = (("suite", "case_id"),)
    table("eval_cases", text("suite"), text("case_id"), of, unique=unique, artist=True)
    learner: sa.Column[str] = sa.Column("artist_id", sa.String(), nullable=True)
    table("adaptations", text("parameter"), text("status"), learner, artist=True)
    index("adaptations", "parameter", "id")
    index("adaptations", "status", "id")
    tried: sa.Column[str] = sa.Column("artist_id", sa.String(), nullable=True)
    table("experiments", text("parameter"), text("status"), tried, artist=True)
    index("experiments", "status", "id")
    experiment = sa.ForeignKeyConstraint(
        ["experiment_id"],
        ["experiments.id"],
        name=op.f("fk_exposures_experiment_id"),
        ondelete="CASCADE",
    )
    told = [text(name) for name in ("experiment_id", "work_id", "run_id")]
    table("exposures", *told, experiment, unique=(("work_id",),))
    index("exposures", "experiment_id", "id")


def downgrade() -> None:
    lines = sa.table("events", sa.column("kind", sa.String()))
    op.execute(lines.delete().where(lines.c.kind.in_(("adaptation.changed", "experiment.changed"))))
    for name in NEW:
        op.drop_table(name)
