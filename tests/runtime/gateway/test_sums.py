from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.errors import BudgetExceeded
from domain.ports.model import CallScope, Spent
from runtime.clock import ManualClock
from runtime.gateway.budget import BudgetGuard, Limits
from runtime.gateway.ledger import MemoryLedger
from runtime.gateway.sums import READ_AGAIN_S, Sums
from runtime.shared.over_redis.link import RedisLink
from runtime.shared.over_redis.reservations import RedisReservations
from runtime.shared.reservations import Booked
from tests.runtime.gateway.test_budget import record
from tests.support.redis import RedisServer

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SCOPE = CallScope(artist_id="a", run_id="r")


class Ledger(MemoryLedger):
    """Counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def spent_by_run(self, run_id: str) -> Spent:
        self.asked += 1
        return await super().spent_by_run(run_id)

    async def spent_by_artist(self, artist_id: str, since: datetime) -> Spent:
        self.asked += 1
        return await super().spent_by_artist(artist_id, since)

    async def spent_by_label(self, since: datetime) -> Spent:
        self.asked += 1
        return await super().spent_by_label(since)


async def spend(guard: BudgetGuard, ledger: MemoryLedger, highest: int, used: int) -> None:
    """One call of so many tokens, at one cent each."""
    most = Spent(tokens=highest, cost_usd=highest / 100)
    async with guard.reserve(SCOPE, most) as reserved:
        await asyncio.sleep(0)
        await ledger.record(record(SCOPE, used, used / 100))
        reserved.used = Spent(tokens=used, cost_usd=used / 100)


async def test_far_from_the_limits_the_ledger_is_asked_once() -> None:
    ledger = Ledger()
    guard = BudgetGuard(Limits(10_000, 10_000, 100, 100), ledger, ManualClock(NOW))
    for _ in range(20):
        await spend(guard, ledger, highest=20, used=10)
    assert ledger.asked == 3, "once for the run, the artist and the label"


async def test_near_a_limit_the_ledger_is_asked_each_time() -> None:
    ledger = Ledger()
    guard = BudgetGuard(Limits(100, 10_000, 100, 100), ledger, ManualClock(NOW))
    await spend(guard, ledger, highest=85, used=79)
    before = ledger.asked
    await spend(guard, ledger, highest=5, used=1)
    await spend(guard, ledger, highest=5, used=1)
    assert ledger.asked >= before + 6


async def test_what_others_wrote_into_the_ledger_is_seen_near_the_limit() -> None:
    ledger = Ledger()
    guard = BudgetGuard(Limits(10_000, 10_000, 100, 10), ledger, ManualClock(NOW))
    await spend(guard, ledger, highest=1, used=1)
    await ledger.record(record(CallScope(), 0, 9.98))
    with pytest.raises(BudgetExceeded):
        await spend(guard, ledger, highest=850, used=1)


@pytest.mark.parametrize("limit", [40, 137, 500])
async def test_workers_together_never_pass_a_limit(redis: RedisServer, limit: int) -> None:
    ledger = Ledger()
    prefix = f"test:{uuid4().hex}"
    links = [RedisLink(redis.url, prefix) for _ in range(3)]
    limits = Limits(limit, 10**9, 10**9, 10**9)
    guards = [
        BudgetGuard(limits, ledger, ManualClock(NOW), RedisReservations(link)) for link in links
    ]

    async def one(number: int) -> int:
        used = 3 + number % 5
        try:
            await spend(guards[number % 3], ledger, highest=used + 2, used=used)
        except BudgetExceeded:
            return 0
        return used

    spent = 0
    for start in range(0, 210, 15):
        spent += sum(await asyncio.gather(*(one(start + n) for n in range(15))))
    assert spent == (await MemoryLedger.spent_by_run(ledger, "r")).tokens
    assert limit - 10 < spent <= limit, "used up as far as a call fits, and no further"
    for link in links:
        assert link.losses == 0
        await link.aclose()


async def test_a_sum_is_read_again_after_a_while_in_another_epoch_and_when_nothing_is_known() -> (
    None
):
    now, reads = 0.0, 0

    async def read() -> Spent:
        nonlocal reads
        reads += 1
        return Spent(tokens=100)

    sums = Sums(monotonic=lambda: now)
    one = Booked("one", Spent(tokens=10))
    assert (await sums.of("r", one, read, fresh=False)).tokens == 100
    later = Booked("one", Spent(tokens=35))
    assert (await sums.of("r", later, read, fresh=False)).tokens == 125
    assert reads == 1
    await sums.of("r", Booked("two", Spent(tokens=35)), read, fresh=False)
    assert reads == 2, "another epoch counts from another beginning"
    await sums.of("r", None, read, fresh=False)
    assert reads == 3, "nothing is known of the others"
    await sums.of("r", Booked("two", Spent(tokens=3)), read, fresh=False)
    assert reads == 4, "a count that shrank is another count"
    now += READ_AGAIN_S
    await sums.of("r", Booked("two", Spent(tokens=3)), read, fresh=False)
    assert reads == 5
