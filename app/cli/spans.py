"""Durations as people say them."""

from __future__ import annotations

from datetime import UTC, datetime

STEPS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"))


def span(seconds: float) -> str:
    """A duration by its largest unit: `8 s`, `12 min`, `3 h`."""
    for size, unit in STEPS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(max(seconds, 0))} s"


def ago(moment: str, now: datetime | None = None) -> str:
    """How long ago an ISO moment was."""
    then = datetime.fromisoformat(moment)
    return f"{span(((now or datetime.now(UTC)) - then).total_seconds())} ago"


def until(moment: str, now: datetime | None = None) -> str:
    """In how long an ISO moment will be."""
    left_s = (datetime.fromisoformat(moment) - (now or datetime.now(UTC))).total_seconds()
    return f"in {span(left_s)}" if left_s > 0 else "now"
