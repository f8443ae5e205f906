from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BudgetExceeded
from domain.ports.model import CallScope, Spent, TokenUsage, UsageRecord
from domain.steering import Budgets
from runtime.clock import ManualClock
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.ledger import MemoryLedger

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def record(scope: CallScope, tokens: int, cost_usd: float) -> UsageRecord:
    usage = TokenUsage(completion_tokens=tokens)
    facts = {"tier": "fast", "model": "m", "prompt": "p@1", "cached": False, "latency_s": 0}
    return UsageRecord.model_validate(
        {"scope": scope, "usage": usage, "cost_usd": cost_usd, "outcome": "ok", "at": NOW, **facts}
    )


CALLS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(1, 60), st.floats(0.1, 1.0)), max_size=20
)


@settings(max_examples=40, deadline=None)
@given(calls=CALLS, limit=st.integers(1, 300))
def test_no_interleaving_of_calls_passes_a_limit(
    calls: list[tuple[str, int, float]], limit: int
) -> None:
    ledger = MemoryLedger()
    limits = Limits(limit, 10**9, limit / 100, limit / 50)
    guard = BudgetGuard(limits, ledger, ManualClock(NOW))

    async def one(run: str, highest: int, share: float) -> bool:
        scope = CallScope(artist_id=run, run_id=run)
        try:
            async with guard.reserve(scope, Spent(tokens=highest, cost_usd=highest / 100)):
                await asyncio.sleep(0)
                used = int(highest * share)
                await ledger.record(record(scope, used, used / 100))
        except BudgetExceeded:
            return False
        return True

    async def all_calls() -> list[bool]:
        return await asyncio.gather(*(one(*c) for c in calls))

    asyncio.run(all_calls())
    for run in "ab":
        spent = asyncio.run(ledger.spent_by_run(run))
        assert spent.tokens <= limit
        assert spent.cost_usd <= limit / 100 + 1e-9
    assert asyncio.run(ledger.spent_by_label(NOW)).cost_usd <= limit / 50 + 1e-9


async def test_a_call_that_just_fits_is_let_through() -> None:
    guard = BudgetGuard(Limits(100, 100, 1, 1), MemoryLedger(), ManualClock(NOW))
    scope = CallScope(artist_id="a", run_id="r")
    async with guard.reserve(scope, Spent(tokens=100, cost_usd=1.0)):
        pass
    async with guard.reserve(scope, Spent(tokens=100, cost_usd=1.0)):
        pass


class Given:
    """Allowances of one artist."""

    def __init__(self, budgets: Budgets) -> None:
        self.budgets = budgets

    async def of(self, artist_id: str) -> Budgets:
        return self.budgets if artist_id == "a" else Budgets()


@pytest.mark.parametrize(
    ("budgets", "field"),
    [
        (Budgets(tokens_day=50), "budgets.tokens_day"),
        (Budgets(usd_day=0.5), "budgets.usd_day"),
        (Budgets(tokens_run=50), "budgets.tokens_run"),
        (Budgets(usd_run=0.5), "budgets.usd_run"),
        (Budgets(tokens_day=0), "budgets.tokens_day"),
    ],
)
async def test_an_artists_own_budget_lowers_the_labels_and_is_named(
    budgets: Budgets, field: str
) -> None:
    ledger, wide = MemoryLedger(), Limits(10**6, 10**6, 1000.0, 1000.0)
    guard = BudgetGuard(wide, ledger, ManualClock(NOW), allowances=Given(budgets))
    mine, other = CallScope(artist_id="a", run_id="r"), CallScope(artist_id="b", run_id="s")
    await ledger.record(record(mine, 30, 0.3))
    await ledger.record(record(other, 30, 0.3))
    highest = Spent(tokens=30, cost_usd=0.3)
    with pytest.raises(BudgetExceeded) as refused:
        async with guard.reserve(mine, highest):
            pass
    assert refused.value.field == field
    assert "greenroom artist budget" in str(refused.value.remedy)
    async with guard.reserve(other, highest):
        pass


async def test_an_artists_own_budget_never_raises_the_labels() -> None:
    guard = BudgetGuard(
        Limits(100, 10**6, 1000.0, 1000.0),
        MemoryLedger(),
        ManualClock(NOW),
        allowances=Given(Budgets(tokens_run=10**6)),
    )
    with pytest.raises(BudgetExceeded) as refused:
        async with guard.reserve(CallScope(artist_id="a", run_id="r"), Spent(tokens=200)):
            pass
    assert refused.value.field == "budget_run_tokens"
