"""Circuit breakers: after repeated failures an endpoint is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import uuid4

State = Literal["closed", "open", "half_open"]
Outcome = Literal["ok", "ill", "neutral"]


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """Opens after `threshold` failures in a row, for `cooldown_s`.

    A trial whose caller died counts as given up after `trial_s`, which must be longer than a call.
    """

    threshold: int = 5
    cooldown_s: float = 30.0
    trial_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may go out; while the circuit is half open the one let through is a trial."""

    admitted: bool
    trial: str = ""
    retry_after_s: float = 0.0


REFUSED_FOR_AT_LEAST_S = 1.0


def refused(for_s: float) -> Admission:
    """No call for so long; a trial under way may end at any time, so it is never told as zero."""
    return Admission(False, retry_after_s=max(for_s, REFUSED_FOR_AT_LEAST_S))


class Breaker(Protocol):
    """Closed lets all calls through, open none, half open one trial at a time."""

    async def state(self) -> State:
        """The present state."""

    async def admit(self) -> Admission:
        """Ask before a call; what is admitted must be reported."""

    async def report(self, admission: Admission, outcome: Outcome) -> None:
        """How the call went; `neutral` says nothing about the endpoint's health."""


class Breakers(Protocol):
    """Breakers by name, the same for all who ask for the same name."""

    def of(self, name: str, rules: BreakerRules | None = None) -> Breaker:
        """The breaker of this name."""

    async def states(self) -> dict[str, State]:
        """Every breaker that was asked for."""


class LocalBreaker:
    """A breaker within one process."""

    def __init__(
        self,
        rules: BreakerRules | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules or BreakerRules()
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._trial = ""
        self._trial_until = 0.0

    async def state(self) -> State:
        """The present state."""
        if self._opened_at is None:
            return "closed"
        return "open" if self._cools_for_s() > 0 else "half_open"

    async def admit(self) -> Admission:
        """Ask before a call; what is admitted must be reported."""
        if self._opened_at is None:
            return Admission(True)
        now = self._monotonic()
        busy_for_s = self._trial_until - now if self._trial else 0.0
        wait_s = max(self._cools_for_s(), busy_for_s)
        if wait_s > 0:
            return refused(min(wait_s, self._rules.cooldown_s))
        self._trial, self._trial_until = uuid4().hex, now + self._rules.trial_s
        return Admission(True, self._trial)

    async def report(self, admission: Admission, outcome: Outcome) -> None:
        """How the call went; `neutral` says nothing about the endpoint's health."""
        is_trial = bool(admission.trial) and admission.trial == self._trial
        if outcome == "ok":
            self._failures, self._opened_at, self._trial = 0, None, ""
            return
        if is_trial:
            self._trial = ""
        if outcome == "ill":
            self._failures += 1
            if is_trial or self._failures >= self._rules.threshold:
                self._opened_at = self._monotonic()

    def _cools_for_s(self) -> float:
        if self._opened_at is None:
            return 0.0
        return self._opened_at + self._rules.cooldown_s - self._monotonic()


class LocalBreakers:
    """Breakers of one process."""

    def __init__(self) -> None:
        self._breakers: dict[str, LocalBreaker] = {}

    def of(self, name: str, rules: BreakerRules | None = None) -> LocalBreaker:
        """The breaker of this name."""
        return self._breakers.setdefault(name, LocalBreaker(rules))

    async def states(self) -> dict[str, State]:
        """Every breaker that was asked for."""
        return {name: await breaker.state() for name, breaker in self._breakers.items()}
