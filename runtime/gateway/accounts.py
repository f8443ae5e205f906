"""Books every call: what it used, what it cost, how it ended."""

from __future__ import annotations

from domain.ports.clock import Clock
from domain.ports.model import ModelRequest, Spent, TokenUsage, UsageLedger, UsageRecord
from runtime.gateway.target import Target


class Accounts:
    """Writes usage records, failures and cached answers included."""

    def __init__(self, ledger: UsageLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def book(
        self,
        request: ModelRequest,
        target: Target,
        *,
        usage: TokenUsage | None = None,
        latency_s: float = 0.0,
        outcome: str = "ok",
        answered: str = "",
    ) -> Spent:
        """Record one call and tell what it used; without usage none was, or none is known."""
        used = usage or TokenUsage(counted_by="none")
        cost_usd = target.cost_usd(used)
        await self._ledger.record(
            UsageRecord(
                scope=request.scope,
                tier=request.tier,
                model=target.model,
                prompt=request.prompt,
                usage=used,
                cost_usd=cost_usd,
                cached=outcome == "cached",
                latency_s=latency_s,
                outcome=outcome,
                at=self._clock.now(),
                asked=request.messages,
                answered=answered,
            )
        )
        return Spent(tokens=used.prompt_tokens + used.completion_tokens, cost_usd=cost_usd)
