"""Time-sortable identifiers: a kind prefix and a ULID (48 bits of milliseconds, 80 random)."""

from __future__ import annotations

from ulid import ULID


def new_id(kind: str) -> str:
    """Mint an identifier such as `run_01k9…`; ids of one kind sort by time of birth."""
    return f"{kind}_{str(ULID()).lower()}"
