"""A place in a tier's chain: an endpoint, the model to ask there, and what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.errors import ModelError, ModelUnavailable
from domain.ports.model import ModelTraits, Priority, Spent, TokenUsage
from runtime.gateway.endpoint import Endpoint, EndpointCall
from runtime.gateway.priority import PriorityGate
from runtime.shared.breakers import Admission, Breaker, LocalBreaker, Outcome
from runtime.shared.limits import LocalLimits, RateLimits, Rates
from runtime.tokens import estimate_tokens

_TOKENS_PER_MESSAGE = 8
_ASKS_TO_WAIT = (429, 503)


class Turn:
    """A call's turn at a line; what it used of its tokens is told before it ends."""

    def __init__(self, gate: PriorityGate) -> None:
        self.used_tokens = 0
        self._gate = gate
        self._in = True

    def leave(self) -> None:
        """Give the slot back before the turn ends: the endpoint has answered."""
        if self._in:
            self._in = False
            self._gate.leave()


@dataclass(frozen=True, slots=True)
class Line:
    """An endpoint with what guards it; tiers that share an endpoint share its line."""

    endpoint: Endpoint
    breaker: Breaker
    gate: PriorityGate
    limits: RateLimits = field(default_factory=LocalLimits)
    rates: Rates = field(default_factory=Rates)

    @classmethod
    def to(
        cls,
        endpoint: Endpoint,
        breaker: Breaker | None = None,
        limits: RateLimits | None = None,
        rates: Rates | None = None,
    ) -> Line:
        """A line with as many places as the endpoint has slots."""
        return cls(
            endpoint,
            breaker or LocalBreaker(),
            PriorityGate(endpoint.slots),
            limits or LocalLimits(),
            rates or Rates(),
        )

    @asynccontextmanager
    async def turn(self, highest_tokens: int, priority: Priority) -> AsyncIterator[Turn]:
        """Wait until the rates and a free slot let one call through, and keep the slot."""
        name, used_tokens = self.endpoint.name, 0
        # A slot is not held while waiting for a rate: a person's call would wait behind it.
        await self.limits.take(name, self.rates, highest_tokens, priority)
        try:
            await self.gate.enter(priority)
            turn = Turn(self.gate)
            try:
                yield turn
            finally:
                turn.leave()
                used_tokens = turn.used_tokens
        finally:
            await self.limits.settle(name, self.rates, highest_tokens - used_tokens)


@dataclass(frozen=True, slots=True)
class Target:
    """One model at one endpoint; prices are US dollars per million tokens."""

    line: Line
    model: str
    price_in: float = 0.0
    price_out: float = 0.0
    timeout_s: float = 120.0

    @property
    def endpoint(self) -> Endpoint:
        """Where the model is asked."""
        return self.line.endpoint

    def traits(self) -> ModelTraits:
        """What the model can do."""
        return self.endpoint.traits(self.model)

    def cost_usd(self, usage: TokenUsage) -> float:
        """What these tokens cost."""
        dollars = usage.prompt_tokens * self.price_in + usage.completion_tokens * self.price_out
        return dollars / 1_000_000

    def highest(self, call: EndpointCall) -> Spent:
        """The most this call can use: all tokens it may write."""
        usage = TokenUsage(
            prompt_tokens=prompt_estimate(call), completion_tokens=call.sampling.max_tokens
        )
        tokens = usage.prompt_tokens + usage.completion_tokens
        return Spent(tokens=tokens, cost_usd=self.cost_usd(usage))

    async def paused_s(self) -> float:
        """Seconds that the endpoint has asked everybody to wait."""
        return await self.line.limits.paused_s(self.endpoint.name)

    async def admit(self) -> Admission:
        """Ask the breaker; raises `ModelUnavailable` while the circuit is open."""
        admission = await self.line.breaker.admit()
        if not admission.admitted:
            raise ModelUnavailable(
                f"{self.endpoint.name} failed repeatedly and is left alone for a while.",
                remedy="Check the model server; the gateway tries again by itself.",
                endpoint=self.endpoint.name,
                circuit_open=True,
                retry_after_s=admission.retry_after_s,
            )
        return admission

    async def note(self, admission: Admission, error: ModelError | None) -> None:
        """Tell the breaker how a call went, and everybody when the endpoint asks to wait."""
        await self.line.breaker.report(admission, _outcome(error))
        asked_s = error.facts.get("retry_after_s") if error is not None else None
        if asked_s and error is not None and error.facts.get("http_status") in _ASKS_TO_WAIT:
            await self.line.limits.pause(self.endpoint.name, asked_s)


def overdue_pause(target: Target, left_s: float) -> ModelUnavailable:
    """The endpoint asked for a longer pause than a call waits."""
    return ModelUnavailable(
        f"{target.endpoint.name} asked to be left alone for {left_s:.0f} s more.",
        remedy="Wait, or lower GREENROOM_MODEL_REQUESTS_MINUTE and GREENROOM_MODEL_TOKENS_MINUTE.",
        endpoint=target.endpoint.name,
        circuit_open=True,
        retry_after_s=left_s,
    )


def _outcome(error: ModelError | None) -> Outcome:
    if error is None:
        return "ok"
    if error.facts.get("http_status") == 429 or error.status == 502:
        return "neutral"
    return "ill"


def prompt_estimate(call: EndpointCall) -> int:
    """Prompt tokens as they are reserved before a call."""
    return sum(estimate_tokens(m.content) + _TOKENS_PER_MESSAGE for m in call.messages)
