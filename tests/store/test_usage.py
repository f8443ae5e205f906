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


async def test_words_of_calls_in_runs_are_kept_until_they_are_old(database: Database) -> None:
    ledger: UsageLedger = SqlUsageLedger(database)
    await ledger.record(usage(at=NOW - timedelta(days=2)))
    await ledger.record(usage(scope=CallScope(run_id="run_01", step="draw"), answered="Blue."))
    await ledger.record(usage(scope=CallScope(), answered="Said in a talk, kept there."))
    async with database.unit() as unit:
        first, second = await unit.model_calls.of_run("run_01", None, 9)
        assert first.asked is not None
        assert [m.content for m in first.asked] == ["What comes next?"]
        assert (first.answered, second.answered) == ("A song about rain.", "Blue.")
        assert await unit.model_calls.of_run("run_01", "draw", 9) == [second]
        assert await unit.model_calls.forget_texts(NOW - timedelta(days=1), 9) == 1
        assert await unit.model_calls.forget_texts(NOW + timedelta(days=1), 9) == 1
        assert await unit.model_calls.forget_texts(NOW + timedelta(days=1), 9) == 0
        (left, _) = await unit.model_calls.of_run("run_01", None, 9)
    assert (left.asked, left.answered, left.cost_usd) == (None, None, 0.25)


async def test_words_are_not_kept_where_nobody_wants_them(database: Database) -> None:
    await SqlUsageLedger(database, keeps_texts=False).record(usage())
    async with database.unit() as unit:
        (call,) = await unit.model_calls.of_run("run_01", "plan", 9)
    assert (call.asked, call.answered, call.prompt_tokens) == (None, None, 10)
