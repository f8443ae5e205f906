"""Moments as people say them."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.spans import span


def ago(moment: str, now: datetime | None = None) -> str:
    """How long ago an ISO moment was."""
    then = datetime.fromisoformat(moment)
    return f"{span(((now or datetime.now(UTC)) - then).total_seconds())} ago"


def until(moment: str, now: datetime | None = None) -> str:
    """In how long an ISO moment will be."""
    left_s = (datetime.fromisoformat(moment) - (now or datetime.now(UTC))).total_seconds()
    return f"in {span(left_s)}" if left_s > 0 else "now"
