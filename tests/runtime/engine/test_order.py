"""In which order every engine takes jobs: by urgency, by turns, after their delay."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from domain.ports.engine import Engine, Job, JobPriority
from tests.runtime.engine.conftest import Home

PERSON, GOES_ON, SCHEDULE = JobPriority.PERSON, JobPriority.GOES_ON, JobPriority.SCHEDULE


class Line:
    """Handlers that note who ran, and a job that holds a slot until it is told to end."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.started: dict[str, float] = {}
        self.may_end = asyncio.Event()
        self._in_the_way = asyncio.Event()

    async def work(self, name: str) -> None:
        self.started[name] = time.monotonic()
        self.ran.append(name)
        await asyncio.sleep(0.001)

    async def block(self) -> None:
        self._in_the_way.set()
        await self.may_end.wait()

    async def fill(self, engine: Engine) -> None:
        """Take the engine's only slot."""
        await engine.enqueue(Job(id="block", name="block", partition="the way"))
        await asyncio.wait_for(self._in_the_way.wait(), 10)


def job(name: str, partition: str, priority: int = SCHEDULE, delay_s: float = 0.0) -> Job:
    return Job(
        id=name,
        name="work",
        args=(name,),
        partition=partition,
        priority=priority,
        delay_s=delay_s,
    )


async def test_the_most_urgent_goes_first_whichever_partition_it_is_of(home: Home) -> None:
    line = Line()
    engine = home(parallel=1, work=line.work, block=line.block)
    await engine.start()
    await line.fill(engine)
    for number in range(4):
        await engine.enqueue(job(f"slot-{number}", f"artist-{number}"))
    await engine.enqueue(job("resumed", "ben", GOES_ON))
    await engine.enqueue(job("asked", "zoe", PERSON))
    await engine.enqueue(job("asked-of-a-waiting-artist", "artist-3", PERSON))
    line.may_end.set()
    assert await engine.drain(10)
    assert set(line.ran[:2]) == {"asked", "asked-of-a-waiting-artist"}
    assert line.ran[2] == "resumed"
    assert set(line.ran[3:]) == {f"slot-{number}" for number in range(4)}


async def test_partitions_take_turns_however_long_their_backlogs_are(home: Home) -> None:
    line = Line()
    engine = home(parallel=1, work=line.work, block=line.block)
    await engine.start()
    await line.fill(engine)
    for number in range(12):
        await engine.enqueue(job(f"busy-{number:02}", "busy"))
    for number in range(4):
        for artist in ("ada", "ben"):
            await engine.enqueue(job(f"{artist}-{number:02}", artist))
    line.may_end.set()
    assert await engine.drain(20)
    # While all three have work, none is ever ahead of another by more than one.
    for end in range(1, 13):
        shares = Counter(name.split("-")[0] for name in line.ran[:end])
        assert max(shares.values()) - min(shares[a] for a in ("busy", "ada", "ben")) <= 1
    assert [name for name in line.ran if name.startswith("busy")] == [
        f"busy-{number:02}" for number in range(12)
    ]


async def test_partition_that_comes_late_does_not_wait_for_the_backlog_of_others(
    home: Home,
) -> None:
    line = Line()
    engine = home(parallel=1, work=line.work, block=line.block)
    await engine.start()
    await line.fill(engine)
    for number in range(20):
        await engine.enqueue(job(f"old-{number}", f"artist-{number % 2}"))
    await engine.enqueue(job("late", "newcomer"))
    line.may_end.set()
    assert await engine.drain(20)
    assert line.ran.index("late") <= 2


async def test_delayed_job_waits_its_time_and_holds_nobody_up(home: Home) -> None:
    line = Line()
    engine = home(work=line.work)
    await engine.start()
    began = time.monotonic()
    await engine.enqueue(job("later", "ada", PERSON, delay_s=1.2))
    await engine.enqueue(job("now", "ada"))
    assert await engine.drain(10)
    assert line.ran == ["now"]
    (view,) = await engine.unfinished()
    assert (view.id, view.state, view.holder) == ("later", "delayed", None)
    async with asyncio.timeout(30):
        while "later" not in line.started:
            await asyncio.sleep(0.02)
    # The wall clock dates the delay to the millisecond, and rounds.
    assert line.started["later"] - began >= 1.19
    assert await engine.drain(10)
    assert not await engine.unfinished()
