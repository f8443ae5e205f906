"""Seeds: what all chance of a run or an artist grows from."""

from __future__ import annotations

import secrets

from domain.errors import InvalidInput

FRESH_BITS = 31
MOST = 2**63 - 1


def fresh_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbits(FRESH_BITS)


def check_seed(seed: int | None) -> None:
    """Raise `InvalidInput` for a seed that a database cannot hold."""
    if seed is not None and not 0 <= seed <= MOST:
        raise InvalidInput(
            "the seed is out of range", field="seed", remedy=f"Use 0 to {MOST}, or leave it out."
        )
