"""What revisions build tables of; names are those of `store.tables`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def strip(name: str, fields: tuple[str, ...]) -> None:
    """Take these fields out of the bodies of a table."""
    table = sa.table(name, sa.column("id", sa.String()), sa.column("body", sa.JSON()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.body)).all():
        kept = row.body and {f: value for f, value in row.body.items() if f not in fields}
        if kept != row.body:
            change = table.update().where(table.c.id == row.id)
            connection.execute(change.values(body=kept))


def table(
    name: str, *parts: Any, unique: tuple[tuple[str, ...], ...] = (), artist: bool = False
) -> None:
    """Create an entity's table; `artist` says that its `artist_id` names one."""
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
    op.create_table(name, *entity(), *parts, *constraints)


def index(table: str, *columns: str) -> None:
    """Create an index under its conventional name."""
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def text(name: str) -> sa.Column[str]:
    """A text that is always there."""
    return sa.Column(name, sa.String(), nullable=False)


def moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """A moment in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def entity() -> list[sa.Column[Any]]:
    """The columns every entity has."""
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    ]
