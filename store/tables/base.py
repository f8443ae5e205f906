"""What all tables share: how constraints are named, and whose a row is."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def artist_id() -> Column[str]:
    """The artist that a row belongs to."""
    return Column("artist_id", String, ForeignKey("artists.id"), nullable=False)


def run_id() -> Column[str]:
    """The run that made a row."""
    return Column("run_id", String, ForeignKey("runs.id"), nullable=False)
