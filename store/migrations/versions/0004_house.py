"""People, keys and what they did; talks with artists, directives and limits; repeated requests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.migrations.building import index, moment, strip, table, text
from store.migrations.word_search import drop_word_search, make_word_search

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW: tuple[str, ...] = (
    *("kept_requests", "call_texts"),
    *("steerings", "directives"),
    *("turns", "talks"),
    *("audit_entries", "api_keys", "user_sessions", "invitations", "users"),
)
# What bodies hold from this revision on, and rows of kinds that the release before refuses.
LATER_FIELDS: dict[str, tuple[str, ...]] = {
    "runs": ("by_level", "stopped"),
    "schedules": ("shifts", "by_level"),
    "approvals": ("edits", "revises", "version"),
    "works": ("revises",),
    "steps": ("tools",),
}
LATER_KINDS: dict[str, tuple[str, ...]] = {
    "events": ("talk.changed", "directive.changed", "steering.changed", "memory.changed"),
}
# What the calendar, the catalogue and the overview look through.
DESK = (
    ("works", ("status", "id")),
    ("posts", ("published_at",)),
    ("posts", ("artist_id", "status", "published_at")),
    ("releases", ("live_at",)),
    ("audience_events", ("created_at", "kind")),
)


def upgrade() -> None:
    _people()
    _requests()
    _texts()
    _talks()
    _steering()
    make_word_search()
    for name, columns in DESK:
        index(name, *columns)


def downgrade() -> None:
    for name, columns in DESK:
        op.drop_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name)
    drop_word_search()
    _without_steering()
    for name, fields in LATER_FIELDS.items():
        strip(name, fields)
    for name, kinds in LATER_KINDS.items():
        lines = sa.table(name, sa.column("kind", sa.String()))
        op.execute(lines.delete().where(lines.c.kind.in_(kinds)))
    for name in NEW:
        op.drop_table(name)


def _people() -> None:
    """Users, invitations, sessions, keys, the audit log."""
    once = (("secret_hash",),)
    named = [text(name) for name in ("name", "role", "status")]
    table("users", *named, moment("last_seen_at"), text("password_hash"), unique=(("name",),))
    table("invitations", text("secret_hash"), text("kind"), moment("used_at"), unique=once)
    table(
        "user_sessions",
        *(text("secret_hash"), *_owner("user_sessions")),
        *(moment("seen_at", nullable=False), moment("ended_at")),
        unique=once,
    )
    index("user_sessions", "user_id", "id")
    table(
        "api_keys",
        *(text("secret_hash"), *_owner("api_keys"), moment("last_used_at")),
        unique=once,
    )
    index("api_keys", "user_id", "id")
    who = [sa.Column(name, sa.String(), nullable=True) for name in ("user_id", "artist")]
    table("audit_entries", *who, text("operation"), text("outcome"))
    for column in ("user_id", "artist", "outcome"):
        index("audit_entries", column, "id")


def _owner(table_name: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table_name}_user_id")
    return text("user_id"), sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name)


def _requests() -> None:
    """Answers kept for requests that are sent again under the same key."""
    table("kept_requests", text("key_digest"), text("status"), unique=(("key_digest",),))
    index("kept_requests", "created_at")


def _texts() -> None:
    """What models were asked in runs, and what they answered."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "call_texts",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        moment("at", nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        text("answered"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_call_texts")),
    )
    index("call_texts", "at")


def _talks() -> None:
    """Talks with artists and their messages."""
    columns = (text("artist_id"), text("person"), moment("last_at", nullable=False))
    table("talks", *columns, artist=True)
    index("talks", "artist_id", "last_at")
    index("talks", "person", "last_at")
    talk = sa.ForeignKeyConstraint(
        ["talk_id"], ["talks.id"], name=op.f("fk_turns_talk_id"), ondelete="CASCADE"
    )
    number = sa.Column("number", sa.Integer(), nullable=False)
    key = sa.Column("key", sa.String(), nullable=True)
    pending: sa.Column[bool] = sa.Column(
        "pending", sa.Boolean(create_constraint=False), nullable=False
    )
    numbered = (text("talk_id"), text("artist_id"), number, text("status"), key, pending)
    unique = (("talk_id", "number"), ("talk_id", "key"))
    table("turns", *numbered, talk, unique=unique, artist=True)
    index("turns", "status")
    index("turns", "pending")


def _steering() -> None:
    """Directives, goals and limits of artists."""
    columns = [text(name) for name in ("artist_id", "kind", "status")]
    table("directives", *columns, moment("until"), artist=True)
    index("directives", "artist_id", "status")
    index("directives", "status", "until")
    table("steerings", text("artist_id"), unique=(("artist_id",),), artist=True)
    op.add_column("approvals", moment("auto_approve_at"))
    index("approvals", "status", "auto_approve_at")
    _take_over_directives()


def _take_over_directives() -> None:
    """What was kept as a memory of this kind is a directive from now on; the memory stays."""
    found = ("id", "artist_id", "kind", "text", "superseded_by")
    memories = sa.table(
        "memory_records",
        *(sa.column(name) for name in found),
        sa.column("body", sa.JSON()),
        moment("happened_at"),
    )
    wanted = sa.select(memories).where(
        memories.c.kind == "directive", memories.c.superseded_by.is_(None)
    )
    connection = op.get_bind()
    rows = [
        {
            "id": f"directive_{row.id.removeprefix('memory_')}",
            "row_version": 1,
            "created_at": row.happened_at,
            "updated_at": row.happened_at,
            "artist_id": row.artist_id,
            "kind": "directive",
            "status": "standing",
            "body": {"text": row.text, "lasting": True, "by": "operator:local"},
        }
        for row in connection.execute(wanted).all()
        if not row.body.get("untrusted")
    ]
    if rows:
        names = ("id", "row_version", "artist_id", "kind", "status")
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
        times = [moment("created_at"), moment("updated_at")]
        directives = sa.table("directives", *columns, *times, sa.column("body", sa.JSON()))
        connection.execute(directives.insert(), rows)


def _without_steering() -> None:
    op.drop_index(op.f("ix_approvals_status_auto_approve_at"), table_name="approvals")
    op.drop_column("approvals", "auto_approve_at")
