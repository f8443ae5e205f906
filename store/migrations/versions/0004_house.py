"""People, keys and what they did; talks with artists, directives and limits; repeated requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW: tuple[str, ...] = ()
# What bodies hold from this revision on, and rows of kinds that the release before refuses.
LATER_FIELDS: dict[str, tuple[str, ...]] = {}
LATER_KINDS: dict[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _people()
    _requests()
    _talks()
    _steering()


def downgrade() -> None:
    for name, kinds in LATER_KINDS.items():
        lines = sa.table(name, sa.column("kind", sa.String()))
        op.execute(lines.delete().where(lines.c.kind.in_(kinds)))
    for name in NEW:
        op.drop_table(name)


def _people() -> None:
    """Users, invitations, sessions, keys, the audit log."""


def _requests() -> None:
    """Answers kept for requests that are sent again under the same key."""


def _talks() -> None:
    """Talks with artists and their messages."""


def _steering() -> None:
    """Directives, goals and limits of artists."""
