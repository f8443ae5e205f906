"""People, keys and what they did; talks with artists, directives and limits; repeated requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.building import index, moment, strip, table, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW: tuple[str, ...] = (
    *("turns", "talks"),
    *("audit_entries", "api_keys", "user_sessions", "invitations", "users"),
)
# What bodies hold from this revision on, and rows of kinds that the release before refuses.
LATER_FIELDS: dict[str, tuple[str, ...]] = {"schedules": ("shifts",)}
LATER_KINDS: dict[str, tuple[str, ...]] = {"events": ("talk.changed",)}


def upgrade() -> None:
    _people()
    _requests()
    _talks()
    _steering()


def downgrade() -> None:
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
    numbered = (text("talk_id"), text("artist_id"), number, text("status"), key)
    unique = (("talk_id", "number"), ("talk_id", "key"))
    table("turns", *numbered, talk, unique=unique, artist=True)
    index("turns", "status")


def _steering() -> None:
    """Directives, goals and limits of artists."""
