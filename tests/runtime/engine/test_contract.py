"""What every engine promises."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections import Counter, defaultdict

import pytest

from domain.errors import Conflict, InvalidInput
from domain.ports.engine import Job
from tests.runtime.engine.conftest import Home


class Workplace:
    """A handler that notes when jobs of one partition run at the same time."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.seconds = seconds
        self.ran: Counter[str] = Counter()
        self.order: defaultdict[str, list[str]] = defaultdict(list)
        self.overlaps = 0
        self.most_at_once = 0
        self._busy: Counter[str] = Counter()

    async def handle(self, job: str, partition: str) -> None:
        self._busy[partition] += 1
        self.overlaps += self._busy[partition] > 1
        self.most_at_once = max(self.most_at_once, self._busy.total())
        await asyncio.sleep(self.seconds)
        self._busy[partition] -= 1
        self.ran[job] += 1
        self.order[partition].append(job)


def job(number: int, partition: str = "ada", name: str = "work") -> Job:
    return Job(
        id=f"job-{number:04}", name=name, args=(f"job-{number:04}", partition), partition=partition
    )


async def test_partition_runs_one_at_a_time_in_order_and_partitions_run_together(
    home: Home,
) -> None:
    place = Workplace()
    engine = home(work=place.handle)
    await engine.start()
    for number in range(30):
        await engine.enqueue(job(number, f"artist-{number % 5}"))
    assert await engine.drain(30)
    assert place.ran == Counter({f"job-{number:04}": 1 for number in range(30)})
    assert place.overlaps == 0
    assert place.most_at_once > 1
    for partition in range(5):
        assert place.order[f"artist-{partition}"] == [
            f"job-{number:04}" for number in range(partition, 30, 5)
        ]


async def test_same_id_again_is_ignored_before_and_after_it_ran(home: Home) -> None:
    place = Workplace()
    engine = home(work=place.handle)
    await engine.start()
    await asyncio.gather(*(engine.enqueue(job(1)) for _ in range(5)))
    assert await engine.drain(10)
    await engine.enqueue(job(1))
    assert await engine.drain(10)
    assert place.ran == Counter({"job-0001": 1})


@pytest.mark.parametrize("error", [RuntimeError("no reed on the saxophone"), CancelledError()])
async def test_failing_job_ends_and_the_next_one_runs(home: Home, error: BaseException) -> None:
    place = Workplace()
    tries = Counter[str]()

    async def fail(job: str, partition: str) -> None:
        tries[job] += 1
        raise error

    engine = home(work=place.handle, fail=fail)
    await engine.start()
    await engine.enqueue(job(1, name="fail"))
    await engine.enqueue(job(2))
    assert await engine.drain(10)
    assert tries == Counter({"job-0001": 1})
    assert place.ran == Counter({"job-0002": 1})


async def test_job_stopped_in_the_middle_resumes_at_the_next_start(home: Home) -> None:
    entered = asyncio.Event()
    cancelled = asyncio.Event()

    async def never_ends(job: str, partition: str) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    first = home(work=never_ends)
    await first.start()
    await first.enqueue(job(1))
    await first.enqueue(job(2))
    await asyncio.wait_for(entered.wait(), 10)
    await first.stop()
    assert cancelled.is_set()

    place = Workplace()
    second = home(work=place.handle)
    await second.start()
    assert await second.drain(10)
    assert place.order["ada"] == ["job-0001", "job-0002"]


async def test_finished_job_is_not_run_again_by_the_next_engine(home: Home) -> None:
    place = Workplace()
    for _ in range(2):
        engine = home(work=place.handle)
        await engine.start()
        await engine.enqueue(job(1))
        assert await engine.drain(10)
        await engine.stop()
    assert place.ran == Counter({"job-0001": 1})


async def test_handler_may_enqueue_and_do_so_again_after_recovery(home: Home) -> None:
    place = Workplace()
    runs = 0

    async def parent(job_id: str, partition: str) -> None:
        nonlocal runs
        runs += 1
        # A second run takes another way through the same job, as a resumed graph does.
        await engine.enqueue(job(10 * runs))
        if runs == 1:
            halfway.set()
            await asyncio.Event().wait()

    halfway = asyncio.Event()
    engine = home(work=place.handle, parent=parent)
    await engine.start()
    await engine.enqueue(job(1, partition="other", name="parent"))
    await asyncio.wait_for(halfway.wait(), 10)
    await engine.stop()
    await engine.start()
    assert await engine.drain(10)
    assert place.ran == Counter({"job-0010": 1, "job-0020": 1})


async def test_drain_gives_up_when_time_runs_out(home: Home) -> None:
    engine = home(work=Workplace(seconds=30).handle)
    await engine.start()
    await engine.enqueue(job(1))
    assert not await engine.drain(0.3)


async def test_idle_engine_drains_at_once(home: Home) -> None:
    engine = home(work=Workplace().handle)
    await engine.start()
    assert await engine.drain(5)


async def test_threads_of_the_loop_work_after_stop(home: Home) -> None:
    engine = home(work=Workplace().handle)
    await engine.start()
    await engine.stop()
    assert await asyncio.to_thread(lambda: 7) == 7


async def test_misuse_is_refused_by_name(home: Home) -> None:
    engine = home(work=Workplace().handle)
    with pytest.raises(Conflict, match="not running"):
        await engine.enqueue(job(1))
    with pytest.raises(Conflict, match="'work' is registered"):
        engine.register("work", Workplace().handle)
    await engine.start()
    with pytest.raises(Conflict, match="engine is running"):
        engine.register("late", Workplace().handle)
    with pytest.raises(InvalidInput, match="'paint'") as refused:
        await engine.enqueue(job(1, name="paint"))
    assert refused.value.field == "name"
    await engine.stop()
    with pytest.raises(Conflict, match="not running"):
        await engine.enqueue(job(1))


async def test_stop_twice_and_before_start_is_harmless(home: Home) -> None:
    engine = home(work=Workplace().handle)
    await engine.stop()
    await engine.start()
    await engine.stop()
    await engine.stop()
