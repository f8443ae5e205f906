"""A circuit breaker: after repeated failures an endpoint is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half_open"]


class CircuitBreaker:
    """Opens after `threshold` failures in a row, then lets one trial call through at a time."""

    def __init__(
        self,
        threshold: int = 5,
        cooldown_s: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._cooldown_s = cooldown_s
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._trial = False

    @property
    def state(self) -> State:
        """Closed lets all through, open none, half open one trial."""
        if self._opened_at is None:
            return "closed"
        waited = self._monotonic() - self._opened_at
        return "half_open" if waited >= self._cooldown_s else "open"

    def admit(self) -> bool:
        """Whether a call may go out now; in half-open state the caller becomes the trial."""
        state = self.state
        if state == "closed":
            return True
        if state == "open" or self._trial:
            return False
        self._trial = True
        return True

    def success(self) -> None:
        """The endpoint answered."""
        self._failures, self._opened_at, self._trial = 0, None, False

    def failure(self) -> None:
        """The endpoint failed in a way that concerns its health."""
        self._failures += 1
        if self._trial or self._failures >= self._threshold:
            self._opened_at = self._monotonic()
        self._trial = False

    def abandon(self) -> None:
        """The call ended without saying anything about the endpoint's health."""
        self._trial = False
