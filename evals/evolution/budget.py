"""A hard budget around a gateway: a call that could overrun it is not made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import BudgetExceeded
from domain.ports.model import (
    Completion,
    ModelGateway,
    ModelRequest,
    ModelTraits,
    Structured,
    Tier,
)
from runtime.tokens import estimate_tokens

Answer = TypeVar("Answer", bound=BaseModel)
Result = TypeVar("Result")


class Budget(BaseModel):
    """The most that may be used; what a cache answers is free. No limit where None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: int = Field(default=400, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    usd: float | None = Field(default=None, ge=0)
    seconds: float | None = Field(default=None, gt=0)


class Used(BaseModel):
    """What was used."""

    model_config = ConfigDict(frozen=True)

    calls: int = 0
    tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: Used) -> Used:
        return Used(
            calls=self.calls + other.calls,
            tokens=self.tokens + other.tokens,
            usd=self.usd + other.usd,
            seconds=max(self.seconds, other.seconds),
        )


class MeteredGateway:
    """Counts what is paid for, calls on their way included, and stops before the budget is over.

    A call on its way holds its longest answer and the price of the dearest call so far. `kept` is
    held back for what comes later.
    """

    def __init__(self, gateway: ModelGateway, budget: Budget) -> None:
        self._gateway = gateway
        self._budget = budget
        self._began = time.monotonic()
        self._settled = Used()
        self._held: list[Used] = []
        self._dearest_usd = 0.0
        self.kept = Used()

    @property
    def used(self) -> Used:
        """What was paid for so far."""
        return self._settled.model_copy(update={"seconds": time.monotonic() - self._began})

    async def traits(self, tier: Tier) -> ModelTraits:
        """The model behind a tier."""
        return await self._gateway.traits(tier)

    async def complete(self, request: ModelRequest) -> Completion:
        """Answer in free text, or raise `BudgetExceeded` without asking."""
        completion = await self._pay(request, self._gateway.complete(request))
        self._settle(completion)
        return completion

    async def candidates(self, request: ModelRequest, seeds: Sequence[int]) -> list[Completion]:
        """Answer once per seed, one after the other: each is paid for by itself."""
        made = []
        for seed in seeds:
            sampling = request.sampling.model_copy(update={"seed": seed})
            made.append(await self.complete(request.model_copy(update={"sampling": sampling})))
        return made

    async def structured(self, request: ModelRequest, answer: type[Answer]) -> Structured[Answer]:
        """Answer in the form of `answer`; its further tries are counted when it is there."""
        made = await self._pay(request, self._gateway.structured(request, answer))
        self._settle(made.completion, made.attempts)
        return made

    async def stream(self, request: ModelRequest) -> AsyncIterator[str]:
        """The whole answer as one piece."""
        yield (await self.complete(request)).text

    async def aclose(self) -> None:
        """Nothing to close: the gateway belongs to whoever opened it."""

    async def _pay(self, request: ModelRequest, work: Awaitable[Result]) -> Result:
        words = sum(estimate_tokens(message.content) for message in request.messages)
        hold = Used(calls=1, tokens=words + request.sampling.max_tokens, usd=self._dearest_usd)
        if reason := self._over(hold):
            if asyncio.iscoroutine(work):
                work.close()
            raise _over(reason)
        self._held.append(hold)
        try:
            async with asyncio.timeout(self._left_s()):
                return await work
        except TimeoutError as error:
            raise _over("seconds") from error
        finally:
            self._held.remove(hold)

    def _settle(self, completion: Completion, attempts: int = 1) -> None:
        if completion.cached:
            return
        tokens = completion.usage.prompt_tokens + completion.usage.completion_tokens
        cost = Used(calls=attempts, tokens=tokens * attempts, usd=completion.cost_usd * attempts)
        self._settled += cost
        self._dearest_usd = max(self._dearest_usd, completion.cost_usd)

    def _left_s(self) -> float | None:
        if self._budget.seconds is None:
            return None
        return self._budget.seconds - self.kept.seconds - (time.monotonic() - self._began)

    def _over(self, hold: Used) -> str:
        would = sum([*self._held, hold, self.kept], self._settled)
        limits = self._budget
        if would.calls > limits.calls:
            return "calls"
        if limits.tokens is not None and would.tokens > limits.tokens:
            return "tokens"
        if limits.usd is not None and would.usd > limits.usd:
            return "usd"
        left_s = self._left_s()
        return "seconds" if left_s is not None and left_s <= 0 else ""


def _over(what: str) -> BudgetExceeded:
    return BudgetExceeded(
        f"the budget of {what} is used",
        field="budget",
        remedy="Give a larger budget; what was asked is not paid for again.",
    )
