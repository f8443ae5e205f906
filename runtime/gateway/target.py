"""A place in a tier's chain: an endpoint, the model to ask there, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import ModelError, ModelUnavailable
from domain.ports.model import ModelTraits, Spent, TokenUsage
from runtime.gateway.breaker import CircuitBreaker
from runtime.gateway.endpoint import Endpoint, EndpointCall
from runtime.gateway.priority import PriorityGate
from runtime.tokens import estimate_tokens

_TOKENS_PER_MESSAGE = 8


@dataclass(frozen=True, slots=True)
class Line:
    """An endpoint with what guards it; tiers that share an endpoint share its line."""

    endpoint: Endpoint
    breaker: CircuitBreaker
    gate: PriorityGate

    @classmethod
    def to(cls, endpoint: Endpoint, breaker: CircuitBreaker | None = None) -> Line:
        """A line with as many places as the endpoint has slots."""
        return cls(endpoint, breaker or CircuitBreaker(), PriorityGate(endpoint.slots))


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

    def admit(self) -> None:
        """Raise `ModelUnavailable` while the circuit is open."""
        if not self.line.breaker.admit():
            raise ModelUnavailable(
                f"{self.endpoint.name} failed repeatedly and is left alone for a while.",
                remedy="Check the model server; the gateway tries again by itself.",
                endpoint=self.endpoint.name,
                circuit_open=True,
            )

    def note(self, error: ModelError | None) -> None:
        """Tell the breaker how a call went."""
        breaker = self.line.breaker
        if error is None:
            breaker.success()
        elif error.facts.get("http_status") == 429 or error.status == 502:
            breaker.abandon()
        else:
            breaker.failure()


def prompt_estimate(call: EndpointCall) -> int:
    """Prompt tokens as they are reserved before a call."""
    return sum(estimate_tokens(m.content) + _TOKENS_PER_MESSAGE for m in call.messages)
