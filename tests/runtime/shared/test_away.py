"""Every shared part while Redis is dead, frozen, or back with nothing in it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from domain.ports.model import CallScope, Completion, Spent, TokenUsage
from runtime.shared.breakers import BreakerRules
from runtime.shared.limits import Rates
from runtime.shared.over_redis.answers import RedisAnswerCache
from runtime.shared.over_redis.breakers import RedisBreakers
from runtime.shared.over_redis.limits import RedisLimits
from runtime.shared.over_redis.link import RedisLink
from runtime.shared.over_redis.reservations import RedisReservations
from runtime.shared.over_redis.vectors import RedisVectorCache
from runtime.shared.over_redis.windows import RedisWindows
from tests.support.redis import RedisServer, redis_server

RULES = BreakerRules(threshold=2, cooldown_s=30)
RATES = Rates(requests_minute=600)
SCOPE = CallScope(artist_id="a", run_id="r")
ANSWER = Completion(text="blue", finish_reason="stop", model="m", usage=TokenUsage())


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_server() as made:
        yield made


class Worker:
    """All shared parts of one process."""

    def __init__(self, url: str) -> None:
        self.link = RedisLink(url, "label")
        self.limits = RedisLimits(self.link)
        self.breakers = RedisBreakers(self.link)
        self.reservations = RedisReservations(self.link)
        self.answers = RedisAnswerCache(self.link)
        self.vectors = RedisVectorCache(self.link)
        self.windows = RedisWindows(self.link)

    async def work(self) -> None:
        """Ask each part once, as a call does."""
        held = await self.reservations.add(SCOPE, Spent(tokens=10, cost_usd=0.1))
        await self.limits.take("m", RATES, 10, "work")
        breaker = self.breakers.of("m", RULES)
        await breaker.report(await breaker.admit(), "ok")
        await self.limits.settle("m", RATES, 5)
        await self.answers.get("a")
        await self.answers.put("a", "p@1", ANSWER)
        await self.vectors.put({"a": b"1234"})
        assert await self.vectors.get(["a"]) == [b"1234"]
        await self.windows.count("a", 1000, 60)
        await self.reservations.remove(held)

    async def back(self) -> None:
        """Wait until Redis is found again."""
        async with asyncio.timeout(10):
            while self.link.away:
                await asyncio.sleep(0.02)


@pytest.fixture
async def workers(server: RedisServer) -> AsyncIterator[list[Worker]]:
    made = [Worker(server.url) for _ in range(2)]
    yield made
    for worker in made:
        await worker.link.aclose()


async def test_work_goes_on_without_redis_and_is_shared_again_with_it(
    server: RedisServer, workers: list[Worker]
) -> None:
    one, other = workers
    await one.work()
    server.kill()
    for _ in range(20):
        await one.work()
    assert one.link.away
    assert one.link.losses == 1, "found out once, not waited for again at each call"
    server.start()
    await one.back()
    await other.work()
    assert not other.link.away
    for worker in workers:
        breaker = worker.breakers.of("m", RULES)
        await breaker.report(await breaker.admit(), "ill")
    assert await one.breakers.of("m", RULES).state() == "open", "two workers, one circuit"


async def test_a_frozen_redis_costs_one_short_wait_only(
    server: RedisServer, workers: list[Worker]
) -> None:
    one, _ = workers
    await one.work()
    server.freeze()
    for _ in range(10):
        await one.work()
    assert one.link.losses == 1
    server.thaw()
    await one.back()
    await one.work()


async def test_many_calls_at_once_all_get_through_when_redis_dies_under_them(
    server: RedisServer, workers: list[Worker]
) -> None:
    calls = [asyncio.create_task(w.work()) for w in workers for _ in range(40)]
    await asyncio.sleep(0.02)
    server.kill()
    async with asyncio.timeout(30):
        await asyncio.gather(*calls)


async def test_a_circuit_that_opened_stays_open_while_redis_is_away(
    server: RedisServer, workers: list[Worker]
) -> None:
    breaker = workers[0].breakers.of("m", RULES)
    for _ in range(2):
        await breaker.report(await breaker.admit(), "ill")
    server.kill()
    assert not (await breaker.admit()).admitted


async def test_a_pause_holds_while_redis_is_away(
    server: RedisServer, workers: list[Worker]
) -> None:
    await workers[0].limits.pause("m", 30)
    server.kill()
    assert await workers[0].limits.paused_s("m") > 20


async def test_what_is_reserved_counts_before_during_and_after(
    server: RedisServer, workers: list[Worker]
) -> None:
    reservations = workers[0].reservations
    await reservations.add(SCOPE, Spent(tokens=100))
    server.kill()
    during = await reservations.add(SCOPE, Spent(tokens=10))
    assert during.run.held.tokens == 110
    assert during.run.booked is None, "what others book is not known now"
    server.start()
    server.empty()
    await workers[0].back()
    after = await reservations.add(SCOPE, Spent(tokens=1))
    assert after.run.held.tokens == 111, "Redis came back empty, the process still knows"


async def test_waiting_for_a_rate_goes_on_in_process(
    server: RedisServer, workers: list[Worker]
) -> None:
    limits = workers[0].limits
    slow = Rates(requests_minute=60)
    for _ in range(10):
        await limits.take("m", slow, 0, "work")
    waiting = [asyncio.create_task(limits.take("m", slow, 0, "work")) for _ in range(5)]
    await asyncio.sleep(0.1)
    server.kill()
    async with asyncio.timeout(15):
        await asyncio.gather(*waiting)


async def test_what_was_kept_is_found_after_a_restart(
    server: RedisServer, workers: list[Worker]
) -> None:
    await workers[0].answers.put("a", "p@1", ANSWER)
    server.stop()
    assert await workers[0].answers.get("a") is None, "nothing is invented meanwhile"
    server.start()
    await workers[0].back()
    assert await workers[0].answers.get("a") == ANSWER


async def lose_replicas(client: Redis) -> None:
    await client.config_set("min-replicas-to-write", 1)


async def find_replicas(client: Redis) -> None:
    await client.config_set("min-replicas-to-write", 0)


async def fill_disk(client: Redis) -> None:
    """As with a full disk: what it wants to write down cannot be written."""
    folder = Path(str((await client.config_get("dir"))["dir"]))
    (folder / "dump.rdb" / "in-the-way").mkdir(parents=True)
    await client.config_set("save", "3600 1")
    await write_down(client, "err")


async def clear_disk(client: Redis) -> None:
    folder = Path(str((await client.config_get("dir"))["dir"]))
    shutil.rmtree(folder / "dump.rdb")
    await write_down(client, "ok")


async def write_down(client: Redis, ends: str) -> None:
    await client.bgsave()
    async with asyncio.timeout(10):
        while True:
            found = await client.info("persistence")
            if (found["rdb_bgsave_in_progress"], found["rdb_last_bgsave_status"]) == (0, ends):
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("fall_ill", "recover"), [(lose_replicas, find_replicas), (fill_disk, clear_disk)]
)
async def test_a_redis_that_takes_nothing_is_away_until_it_does(
    workers: list[Worker],
    fall_ill: Callable[[Redis], Awaitable[None]],
    recover: Callable[[Redis], Awaitable[None]],
) -> None:
    one, _ = workers
    await one.work()
    await fall_ill(one.link.client)
    async with asyncio.timeout(10):
        for _ in range(5):
            await one.work()
            await asyncio.sleep(0.2)
    assert one.link.away
    assert one.link.losses == 1, "that it answers a ping says nothing"
    await recover(one.link.client)
    await one.back()
    await one.work()
    assert not one.link.away


async def test_a_question_that_is_wrong_is_no_illness_of_redis(workers: list[Worker]) -> None:
    link = workers[0].link
    await link.client.set("text", "words")
    for source in ("return redis.call('HGET', 'text', 'x')", "return redis.call('NONSENSE')"):
        with pytest.raises(ResponseError):
            await link.run(link.script(source), [])
    assert not link.away
