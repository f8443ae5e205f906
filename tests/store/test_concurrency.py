from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import StaleVersion
from store.database import Database
from tests.store import nouns

COUNTER = """
import asyncio, sys
from domain.errors import StaleVersion
from store.database import Database
from tests.store import nouns

async def count(database, times, name):
    stale = 0
    for turn in range(times):
        while True:
            try:
                async with database.unit() as unit:
                    work = await unit.works.get("work_01")
                    await unit.works.save(work.amend(nouns.NOW, revision=work.revision + 1))
                    await unit.steps.add(nouns.step(f"step_{name}_{turn}"))
                    unit.emit(nouns.event())
                    await unit.commit()
                break
            except StaleVersion:
                stale += 1
    return stale

async def main():
    database = Database(sys.argv[1])
    print(await count(database, int(sys.argv[2]), sys.argv[3]))
    await database.close()

asyncio.run(main())
"""


async def test_two_processes_write_and_nothing_is_lost(label: Database) -> None:
    times, names = 40, ("a", "b")
    started = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTER, label.url, str(times), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in started:
        _, errors = await asyncio.to_thread(process.communicate, timeout=120)
        assert process.returncode == 0, errors
    async with label.unit() as unit:
        work = await unit.works.get("work_01")
        assert work.revision == times * len(names)
        assert work.row_version == 1 + times * len(names)
        assert len(await unit.steps.of_run("run_01")) == times * len(names)
        events = await unit.events.after(0, limit=1000)
        assert len(events) == times * len(names)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    amounts=st.lists(st.lists(st.integers(1, 9), max_size=3), min_size=2, max_size=5),
    pauses=st.lists(st.sampled_from([0.0, 0.001, 0.004]), min_size=1, max_size=6),
)
async def test_concurrent_saves_never_lose_an_update(
    label: Database, amounts: list[list[int]], pauses: list[float]
) -> None:
    async with label.unit() as unit:
        before = await unit.works.get("work_01")

    async def add(amount: int, pause: float) -> None:
        while True:
            try:
                async with label.unit() as unit:
                    work = await unit.works.get("work_01")
                    await asyncio.sleep(pause)
                    changed = work.amend(nouns.NOW, revision=work.revision + amount)
                    await unit.works.save(changed)
                    await unit.commit()
                return
            except StaleVersion:
                await asyncio.sleep(0)

    async def writer(number: int, mine: list[int]) -> None:
        for turn, amount in enumerate(mine):
            await add(amount, pauses[(number + turn) % len(pauses)])

    await asyncio.gather(*(writer(n, mine) for n, mine in enumerate(amounts)))
    async with label.unit() as unit:
        after = await unit.works.get("work_01")
    assert after.revision - before.revision == sum(map(sum, amounts))
    assert after.row_version - before.row_version == sum(map(len, amounts))


async def test_a_writer_waits_for_the_one_before_it(label: Database) -> None:
    order: list[str] = []
    first_writes = asyncio.Event()

    async def first() -> None:
        async with label.unit() as unit:
            work = await unit.works.get("work_01")
            await unit.works.save(work.amend(nouns.NOW + timedelta(hours=1), revision=1))
            first_writes.set()
            await asyncio.sleep(0.3)
            order.append("first")
            await unit.commit()

    async def second() -> None:
        await first_writes.wait()
        async with label.unit() as unit:
            work = await unit.works.get("work_01")
            try:
                await unit.works.save(work.amend(nouns.NOW, revision=2))
            except StaleVersion:
                order.append("second was stale")

    await asyncio.gather(first(), second())
    assert order == ["first", "second was stale"]


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_writers_of_a_process_take_turns_in_the_order_they_came(label: Database) -> None:
    many = 15
    wrote: list[int] = []
    ready = asyncio.Barrier(many)

    async def connect() -> None:
        async with label.unit():
            await ready.wait()

    async def write(number: int) -> None:
        async with label.unit() as unit:
            await unit.lock("turn")
            wrote.append(number)
            # As long as a unit that reads in between: the others look for the lock meanwhile.
            await asyncio.sleep(0.01)
            await unit.commit()

    await asyncio.gather(*(connect() for _ in range(many)))
    writers = []
    for number in range(many):
        writers.append(asyncio.create_task(write(number)))
        await asyncio.sleep(0.003)
    await asyncio.gather(*writers)
    assert wrote == list(range(many))


async def test_a_writer_that_fails_or_is_cancelled_lets_the_next_one_write(
    label: Database,
) -> None:
    began = asyncio.Event()

    async def hold() -> None:
        async with label.unit() as unit:
            await unit.lock("turn")
            began.set()
            await asyncio.sleep(60)

    holder = asyncio.create_task(hold())
    await began.wait()
    waiter = asyncio.create_task(hold())
    await asyncio.sleep(0.02)
    for task in (waiter, holder):
        task.cancel()
    await asyncio.gather(holder, waiter, return_exceptions=True)
    async with asyncio.timeout(5):
        async with label.unit() as unit:
            await unit.works.add(nouns.work("work_90"))
            await unit.commit()
        async with label.session() as session:
            await session.lock("turn")
