from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta

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
