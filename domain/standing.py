"""How an artist's record bears on its status: a rolling window over decided works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

WINDOW = 12
MINIMUM_DECIDED = 5
EVOLVE_BELOW = 0.5

Outcome = Literal["approved", "rejected", "expired", "provider_failure"]


class Standing(BaseModel):
    """What the window says; `approval_rate` is None while too little is decided."""

    model_config = ConfigDict(frozen=True)

    decided: int
    approved: int
    approval_rate: float | None
    should_evolve: bool


def standing(outcomes: Sequence[Outcome]) -> Standing:
    """Judge the newest `WINDOW` decided works, oldest first in `outcomes`.

    An expired approval is neither a yes nor a no, and a provider's failure is not the artist's.
    """
    decided = [o for o in outcomes if o in ("approved", "rejected")][-WINDOW:]
    approved = decided.count("approved")
    rate = approved / len(decided) if len(decided) >= MINIMUM_DECIDED else None
    return Standing(
        decided=len(decided),
        approved=approved,
        approval_rate=rate,
        should_evolve=rate is not None and rate < EVOLVE_BELOW,
    )
