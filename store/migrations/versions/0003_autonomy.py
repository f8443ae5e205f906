"""Schedules, leases of runs, channels, webhooks, alerts, and renders kept for the next time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.building import index, moment, strip, table, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW = ("renders", "alerts", "webhook_deliveries", "webhooks", "channels", "switches", "schedules")
# What bodies hold from this revision on; the release before refuses a noun with fields that it
# does not know, and rows of kinds that it does not know.
LATER_FIELDS = {
    "runs": (
        *("cause", "step", "step_since", "deaths"),
        *("retries", "retry_at", "traceparent", "discarded"),
    ),
    "posts": ("url", "retry_at", "numbers"),
    "attempts": ("waited_s",),
    "provider_health": ("trial_until",),
}
LATER_KINDS = {
    "events": (
        *("schedule.changed", "schedule.fired", "schedule.skipped", "hold.changed"),
        *("worker.changed", "channel.changed", "webhook.changed", "alert.opened", "alert.closed"),
    ),
    "audience_events": ("repost", "follow"),
}


def upgrade() -> None:
    # Added with defaults: rows that the release before wrote have nothing to say about them.
    op.add_column("runs", sa.Column("schedule_id", sa.String(), nullable=True))
    op.add_column("runs", sa.Column("slot_key", sa.String(), nullable=True))
    op.add_column("runs", sa.Column("lease", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("holder", sa.String(), nullable=True))
    op.create_index(op.f("ix_runs_schedule_id"), "runs", ["schedule_id"], unique=False)
    op.create_index(op.f("ix_runs_slot_key"), "runs", ["slot_key"], unique=True)
    # Posts that wait for their next try are looked for every few seconds.
    index("posts", "status", "id")
    _schedules()
    _channels()
    _webhooks()
    table("alerts", text("rule"), text("status"))
    index("alerts", "status", "id")
    table("renders", text("key"), moment("used_at", nullable=False), unique=(("key",),))
    index("renders", "used_at")


def downgrade() -> None:
    for name, fields in LATER_FIELDS.items():
        strip(name, fields)
    for name, kinds in LATER_KINDS.items():
        lines = sa.table(name, sa.column("kind", sa.String()))
        op.execute(lines.delete().where(lines.c.kind.in_(kinds)))
    for name in NEW:
        op.drop_table(name)
    op.drop_index(op.f("ix_posts_status_id"), table_name="posts")
    op.drop_index(op.f("ix_runs_slot_key"), table_name="runs")
    op.drop_index(op.f("ix_runs_schedule_id"), table_name="runs")
    for name in ("holder", "lease", "slot_key", "schedule_id"):
        op.drop_column("runs", name)


def _schedules() -> None:
    enabled: sa.Column[bool] = sa.Column(
        "enabled", sa.Boolean(create_constraint=False), nullable=False
    )
    table("schedules", text("artist_id"), enabled, moment("next_at"), artist=True)
    index("schedules", "artist_id", "id")
    index("schedules", "next_at")
    table("switches", text("name"), unique=(("name",),))


def _channels() -> None:
    columns = [text(name) for name in ("artist_id", "network", "account", "status")]
    table("channels", *columns, unique=(("artist_id", "network"),), artist=True)
    index("channels", "network", "status")


def _webhooks() -> None:
    table("webhooks", text("status"))
    webhook = sa.ForeignKeyConstraint(
        ["webhook_id"],
        ["webhooks.id"],
        name=op.f("fk_webhook_deliveries_webhook_id"),
        ondelete="CASCADE",
    )
    table("webhook_deliveries", text("webhook_id"), text("status"), moment("due_at"), webhook)
    index("webhook_deliveries", "status", "due_at")
    index("webhook_deliveries", "webhook_id", "id")
