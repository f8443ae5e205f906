"""Seeds that depend only on the run's seed and the place where they are used."""

from __future__ import annotations

import hashlib
import random

_BITS = 31  # Model endpoints take non-negative 32-bit seeds.


def derive_seed(seed: int, step: str, index: int = 0, attempt: int = 1) -> int:
    """A seed for the `index`th draw of `step`; the same inputs always give the same seed.

    A later `attempt` gives another: refused answers must not be drawn again.
    """
    again = f"/try {attempt}" if attempt > 1 else ""
    digest = hashlib.sha256(f"{seed}/{step}/{index}{again}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _BITS)


def rng_for(seed: int, step: str, attempt: int = 1) -> random.Random:
    """A generator of its own for one step, so that steps do not disturb each other."""
    return random.Random(derive_seed(seed, step, attempt=attempt))
