from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from domain.ports.model import CallScope, ChatMessage, ModelRequest, Sampling
from runtime.clock import ManualClock
from runtime.gateway.accounts import Accounts
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.endpoint import Endpoint
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.gateway.loop_guard import LoopGuard
from runtime.gateway.retry import RetryPolicy
from runtime.gateway.target import Line, Target
from runtime.shared.answers import AnswerCache, MemoryAnswerCache
from runtime.shared.limits import LocalLimits, Rates

ROOMY = Limits(
    run_tokens=1_000_000, artist_tokens_day=1_000_000, artist_usd_day=100, label_usd_day=100
)


@dataclass
class Bench:
    """A gateway over given endpoints with everything around it in memory."""

    endpoints: list[Endpoint]
    models: list[str] = field(default_factory=list)
    limits: Limits = ROOMY
    rates: Rates = field(default_factory=Rates)
    price_in: float = 0.0
    price_out: float = 0.0
    timeout_s: float = 5.0
    repeats: int = 50
    attempts: int = 3
    forbid_real: bool = False
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    cache: AnswerCache = field(default_factory=MemoryAnswerCache)
    clock: ManualClock = field(
        default_factory=lambda: ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    )
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = [self._line(endpoint) for endpoint in self.endpoints]
        models = self.models or [f"model-{i}" for i in range(len(self.lines))]
        chain = [
            Target(line, model, self.price_in, self.price_out, self.timeout_s)
            for line, model in zip(self.lines, models, strict=True)
        ]
        self.gateway = Gateway(
            {"fast": chain, "smart": chain, "judge": chain},
            accounts=Accounts(self.ledger, self.clock),
            budget=BudgetGuard(self.limits, self.ledger, self.clock),
            cache=self.cache,
            loop_guard=LoopGuard(self.repeats),
            retry=RetryPolicy(attempts=self.attempts),
            forbid_real=self.forbid_real,
            sleep=self._wait,
        )

    def _line(self, endpoint: Endpoint) -> Line:
        limits = LocalLimits(monotonic=lambda: sum(self.waits), sleep=self._wait)
        return Line.to(endpoint, limits=limits, rates=self.rates)

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    @property
    def outcomes(self) -> list[str]:
        return [record.outcome for record in self.ledger.records]


def ask(
    text: str = "Name a colour.",
    *,
    prompt: str = "test.colour@1",
    run_id: str | None = "run-1",
    artist_id: str | None = "artist-1",
    logprobs: bool = False,
    **sampling: Any,
) -> ModelRequest:
    return ModelRequest(
        tier="fast",
        prompt=prompt,
        messages=(ChatMessage(role="user", content=text),),
        sampling=Sampling.model_validate(sampling),
        scope=CallScope(artist_id=artist_id, run_id=run_id, step="test"),
        logprobs=logprobs,
    )
