"""How often and how long to wait before asking a failing endpoint again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from domain.errors import ModelError, ModelTimeout, ModelUnavailable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential waits with full jitter, honouring what the endpoint asks for up to a cap."""

    attempts: int = 3
    timeout_attempts: int = 2
    base_s: float = 0.5
    cap_s: float = 20.0
    rng: random.Random = field(default_factory=random.Random)

    def wait_s(self, error: ModelError, attempt: int) -> float | None:
        """Seconds to wait after failed `attempt` (from 1); None means give this endpoint up."""
        allowed = self.timeout_attempts if isinstance(error, ModelTimeout) else self.attempts
        if not isinstance(error, ModelTimeout | ModelUnavailable) or attempt >= allowed:
            return None
        if error.facts.get("circuit_open"):
            return None
        asked = error.facts.get("retry_after_s")
        if isinstance(asked, int | float):
            return float(asked) if asked <= self.cap_s else None
        ceiling = min(self.cap_s, self.base_s * 2.0 ** (attempt - 1))
        return self.rng.uniform(ceiling / 2, ceiling)
