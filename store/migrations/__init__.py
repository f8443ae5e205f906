"""Alembic's script folder; `store.migrate` runs it."""
