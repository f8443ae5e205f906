from __future__ import annotations

from datetime import timedelta

from domain.ports.model import CallScope, Spent, UsageLedger
from store.database import Database
from store.usage import SqlUsageLedger
from tests.store.nouns import NOW, generation, usage


async def test_sums_by_run_artist_and_label(database: Database) -> None:
    ledger: UsageLedger = SqlUsageLedger(database)
    other_run = CallScope(artist_id="artist_01", run_id="run_02")
    other_artist = CallScope(artist_id="artist_02", run_id="run_03")
    await ledger.record(usage())
    await ledger.record(usage(at=NOW - timedelta(days=2)))
    await ledger.record(usage(scope=other_run, cached=True, cost_usd=0.0))
    await ledger.record(usage(scope=other_artist))
    await ledger.record(usage(scope=CallScope()))
    assert await ledger.spent_by_run("run_01") == Spent(tokens=30, cost_usd=0.5)
    assert await ledger.spent_by_artist("artist_01", NOW) == Spent(tokens=30, cost_usd=0.25)
    assert await ledger.spent_by_label(NOW) == Spent(tokens=60, cost_usd=0.75)


async def test_nothing_used_is_zero(database: Database) -> None:
    ledger: UsageLedger = SqlUsageLedger(database)
    assert await ledger.spent_by_run("run_01") == Spent()
    assert await ledger.spent_by_label(NOW) == Spent()


async def test_what_generators_cost_counts_with_what_models_cost(database: Database) -> None:
    ledger: UsageLedger = SqlUsageLedger(database)
    await ledger.record(usage())
    async with database.unit() as unit:
        await unit.generations.add(generation(cost_usd=0.5))
        await unit.generations.add(
            generation("generation_02", "label-less", artist_id=None, run_id=None, cost_usd=0.125)
        )
        old = NOW - timedelta(days=2)
        await unit.generations.add(
            generation("generation_03", "old", created_at=old, updated_at=old, cost_usd=8.0)
        )
        await unit.commit()
    assert await ledger.spent_by_run("run_01") == Spent(tokens=15, cost_usd=8.75)
    assert await ledger.spent_by_artist("artist_01", NOW) == Spent(tokens=15, cost_usd=0.75)
    assert await ledger.spent_by_label(NOW) == Spent(tokens=15, cost_usd=0.875)
