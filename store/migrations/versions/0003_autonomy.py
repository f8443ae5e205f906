"""Schedules, leases of runs, channels, webhooks, alerts, and renders kept for the next time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

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
    _index("posts", "status", "id")
    _schedules()
    _channels()
    _webhooks()
    _table("alerts", _text("rule"), _text("status"))
    _index("alerts", "status", "id")
    _table("renders", _text("key"), _moment("used_at", nullable=False), unique=(("key",),))
    _index("renders", "used_at")


def downgrade() -> None:
    for name, fields in LATER_FIELDS.items():
        _strip(name, fields)
    for name, kinds in LATER_KINDS.items():
        table = sa.table(name, sa.column("kind", sa.String()))
        op.execute(table.delete().where(table.c.kind.in_(kinds)))
    for name in NEW:
        op.drop_table(name)
    op.drop_index(op.f("ix_posts_status_id"), table_name="posts")
    op.drop_index(op.f("ix_runs_slot_key"), table_name="runs")
    op.drop_index(op.f("ix_runs_schedule_id"), table_name="runs")
    for name in ("holder", "lease", "slot_key", "schedule_id"):
        op.drop_column("runs", name)


def _strip(name: str, fields: tuple[str, ...]) -> None:
    """Take these fields out of the bodies of a table."""
    table = sa.table(name, sa.column("id", sa.String()), sa.column("body", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.body)).all():
        kept = {field: value for field, value in row.body.items() if field not in fields}
        if kept != row.body:
            change = table.update().where(table.c.id == row.id)
            connection.execute(change.values(body=kept))


def _schedules() -> None:
    enabled: sa.Column[bool] = sa.Column(
        "enabled", sa.Boolean(create_constraint=False), nullable=False
    )
    _table("schedules", _text("artist_id"), enabled, _moment("next_at"), artist=True)
    _index("schedules", "artist_id", "id")
    _index("schedules", "next_at")
    _table("switches", _text("name"), unique=(("name",),))


def _channels() -> None:
    columns = [_text(name) for name in ("artist_id", "network", "account", "status")]
    _table("channels", *columns, unique=(("artist_id", "network"),), artist=True)
    _index("channels", "network", "status")


def _webhooks() -> None:
    _table("webhooks", _text("status"))
    webhook = sa.ForeignKeyConstraint(
        ["webhook_id"],
        ["webhooks.id"],
        name=op.f("fk_webhook_deliveries_webhook_id"),
        ondelete="CASCADE",
    )
    _table("webhook_deliveries", _text("webhook_id"), _text("status"), _moment("due_at"), webhook)
    _index("webhook_deliveries", "status", "due_at")
    _index("webhook_deliveries", "webhook_id", "id")


def _table(
    name: str, *parts: Any, unique: tuple[tuple[str, ...], ...] = (), artist: bool = False
) -> None:
    constraints: list[Any] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}"))]
    constraints += [
        sa.UniqueConstraint(*columns, name=op.f(f"uq_{name}_{'_'.join(columns)}"))
        for columns in unique
    ]
    if artist:
        constraints.append(
            sa.ForeignKeyConstraint(
                ["artist_id"], ["artists.id"], name=op.f(f"fk_{name}_artist_id")
            )
        )
    op.create_table(name, *_entity(), *parts, *constraints)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _entity() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    ]
