from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.shared.limits import BURST_S, LocalLimits, RateLimits, Rates, Turn, burst
from runtime.shared.over_redis.limits import RedisLimits
from runtime.shared.over_redis.link import RedisLink

# One request every tenth of a second.
TENTH = Rates(requests_minute=600)
# Slow enough for callers to queue up in the meantime on a busy machine.
HALF = Rates(requests_minute=120)


@pytest.fixture(params=["in process", "over redis"])
def limits(request: pytest.FixtureRequest) -> RateLimits:
    if request.param == "in process":
        return LocalLimits()
    return RedisLimits(request.getfixturevalue("link"))


async def empty(limits: RateLimits, rates: Rates = TENTH) -> None:
    """Take until the next would have to wait, however slow this machine is."""
    while True:
        await limits.take("m", rates, 0, "work")
        left = (await limits.levels())["m"].requests
        if left is not None and left < 1:
            return


async def passed_s(limits: RateLimits, rates: Rates = TENTH, tokens: int = 0) -> float:
    began = time.monotonic()
    await asyncio.wait_for(limits.take("m", rates, tokens, "work"), 30)
    return time.monotonic() - began


async def test_a_full_bucket_goes_at_once_and_then_at_the_rate(limits: RateLimits) -> None:
    await empty(limits)
    began = time.monotonic()
    await asyncio.gather(*(limits.take("m", TENTH, 0, "work") for _ in range(6)))
    assert 0.4 <= time.monotonic() - began < 5


async def test_without_a_rate_nobody_waits(limits: RateLimits) -> None:
    for _ in range(200):
        assert await passed_s(limits, Rates(), tokens=10**9) < 0.5


async def test_tokens_are_counted_and_what_was_not_used_comes_back(limits: RateLimits) -> None:
    rates = Rates(tokens_minute=600)
    assert await passed_s(limits, rates, tokens=100) < 2, "the bucket holds ten seconds"
    await limits.settle("m", rates, 95)
    assert await passed_s(limits, rates, tokens=90) < 2, "it would take nine seconds to refill"
    level = (await limits.levels())["m"].tokens
    assert level is not None
    assert level < 60


async def test_a_call_larger_than_the_bucket_goes_and_leaves_a_debt(limits: RateLimits) -> None:
    rates = Rates(tokens_minute=600)
    assert await passed_s(limits, rates, tokens=200) < 2
    level = (await limits.levels())["m"].tokens
    assert level is not None
    assert -101 < level < 0


async def test_waiters_go_in_the_order_they_came_and_chat_goes_first(limits: RateLimits) -> None:
    await empty(limits, HALF)
    order: list[str] = []

    async def one(name: str) -> None:
        await limits.take("m", HALF, 0, "chat" if name == "chat" else "work")
        order.append(name)

    tasks = []
    for name in ("first", "second", "third", "chat"):
        tasks.append(asyncio.create_task(one(name)))
        await asyncio.sleep(0.01)
    await asyncio.gather(*tasks)
    assert order == ["chat", "first", "second", "third"]


async def test_a_pause_stops_everybody_and_a_shorter_one_does_not_end_it(
    limits: RateLimits,
) -> None:
    await limits.pause("m", 1.5)
    await limits.pause("m", 0.05)
    assert 0.5 < await limits.paused_s("m") <= 1.5
    assert await limits.paused_s("other") == 0
    assert await passed_s(limits) >= 0.4
    assert await limits.paused_s("m") == 0


async def test_one_that_gives_up_makes_room(limits: RateLimits) -> None:
    slow = Rates(requests_minute=60)
    await empty(limits, slow)
    gone = [asyncio.create_task(limits.take("m", slow, 0, "work")) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert (await limits.levels())["m"].waiting == 5
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    assert (await limits.levels())["m"].waiting == 0
    assert await passed_s(limits, slow) < 4


async def test_one_that_died_waiting_holds_nobody_up(
    limits: RateLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("runtime.shared.limits", "runtime.shared.over_redis.limits"):
        monkeypatch.setattr(f"{module}.GONE_AFTER_S", 0.1)
        monkeypatch.setattr(f"{module}.ASK_AGAIN_S", 0.1)
    assert isinstance(limits, LocalLimits | RedisLimits)
    await empty(limits, HALF)
    assert await limits.ask(Turn("m", HALF, 0, 1, "of the dead")) > 0
    assert await passed_s(limits, HALF) < 3


async def test_workers_share_one_bucket(link: RedisLink) -> None:
    workers = [RedisLimits(link) for _ in range(3)]
    await empty(workers[0])
    began = time.monotonic()
    await asyncio.gather(*(w.take("m", TENTH, 0, "work") for w in workers * 2))
    assert time.monotonic() - began >= 0.4, "six calls at ten a second, whoever makes them"
    await workers[0].pause("m", 30)
    assert await workers[2].paused_s("m") > 20


async def test_chat_at_one_worker_goes_before_work_at_another(link: RedisLink) -> None:
    one, other = RedisLimits(link), RedisLimits(link)
    await empty(one, HALF)
    order: list[str] = []

    async def take(limits: RedisLimits, name: str) -> None:
        await limits.take("m", HALF, 0, "chat" if name == "chat" else "work")
        order.append(name)

    work = [asyncio.create_task(take(one, f"work {n}")) for n in range(4)]
    await asyncio.sleep(0.02)
    await asyncio.gather(take(other, "chat"), *work)
    assert order[0] == "chat"


@given(
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=40),
    rate=st.integers(1, 600),
)
def test_no_stretch_of_time_sees_more_than_a_burst_and_its_rate(
    gaps: list[float], rate: int
) -> None:
    now, taken = 0.0, []
    limits = LocalLimits(monotonic=lambda: now)

    async def ask(number: int) -> float:
        return await limits.ask(Turn("m", Rates(requests_minute=rate), 0, 1, f"{number}"))

    for number, gap in enumerate(gaps):
        now += gap
        if asyncio.run(ask(number)) == 0:
            taken.append(now)
    for begin in taken:
        for end in taken:
            within = sum(begin <= at <= end for at in taken)
            assert within <= burst(rate) + max(0.0, end - begin) * rate / 60 + 1e-6


def test_a_bucket_holds_some_seconds_of_its_rate_and_one_call_at_least() -> None:
    assert burst(600) == 600 * BURST_S / 60
    assert burst(1) == 1
