"""Several gateways, as several workers have them, over one Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import BudgetExceeded, ModelUnavailable
from runtime.clock import SystemClock
from runtime.gateway.build import build_gateway
from runtime.gateway.gateway import Gateway
from runtime.gateway.ledger import MemoryLedger
from runtime.settings import Settings
from runtime.shared.build import Shared, open_shared
from tests.runtime.gateway.fake_server import FakeServer, running
from tests.runtime.gateway.support import ask
from tests.support.redis import RedisServer, redis_server


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running() as fake:
        yield fake


class Workers:
    """Gateways of processes of their own, which share a Redis and a ledger."""

    def __init__(self, stack: AsyncExitStack, redis: RedisServer, home: Path) -> None:
        self._stack = stack
        self._redis = redis
        self._home = home
        self.ledger = MemoryLedger()
        self.shared: list[Shared] = []

    async def one(self, url: str, model: str, **facts: int) -> Gateway:
        """Another worker."""
        settings = Settings(
            home=self._home,
            redis_url=SecretStr(self._redis.url),
            model_url=url,
            model_name=model,
            model_fallback=False,
            model_attempts=1,
        ).model_copy(update=facts)
        shared = await self._stack.enter_async_context(open_shared(settings))
        self.shared.append(shared)
        gateway = build_gateway(settings, self.ledger, SystemClock(), shared)
        self._stack.push_async_callback(gateway.aclose)
        return gateway


@pytest.fixture
async def workers(redis: RedisServer, tmp_path: Path) -> AsyncIterator[Workers]:
    async with AsyncExitStack() as stack:
        yield Workers(stack, redis, tmp_path)


async def test_a_model_that_asks_to_wait_is_left_alone_by_everybody(
    workers: Workers, server: FakeServer
) -> None:
    one = await workers.one(server.url, "busy-long")
    other = await workers.one(server.url, "fine")
    with pytest.raises(ModelUnavailable):
        await one.complete(ask())
    calls = len(server.bodies)
    with pytest.raises(ModelUnavailable) as caught:
        await other.complete(ask())
    assert len(server.bodies) == calls, "nothing was sent"
    assert 3000 < caught.value.facts["retry_after_s"] <= 3600
    assert caught.value.passing


async def test_an_open_circuit_fails_at_once_everywhere_and_tells_how_long(
    workers: Workers, server: FakeServer
) -> None:
    one = await workers.one(server.url, "status-500")
    other = await workers.one(server.url, "status-500")
    for number in range(5):
        with pytest.raises(ModelUnavailable):
            await (one if number % 2 else other).complete(ask(f"{number}"))
    calls = len(server.bodies)
    for gateway in (one, other):
        with pytest.raises(ModelUnavailable) as caught:
            await gateway.complete(ask("again"))
        assert 0 < caught.value.facts["retry_after_s"] <= 30
    assert len(server.bodies) == calls
    assert list((await workers.shared[0].stats()).breakers.values()) == ["open"]


async def test_workers_keep_to_one_rate(workers: Workers, server: FakeServer) -> None:
    gateways = [await workers.one(server.url, "fine", model_requests_minute=60) for _ in range(2)]
    # The bucket holds ten calls, and gets one back in a second.
    rates = workers.shared[0].limits
    level = None
    for number in range(6):
        await gateways[number % 2].complete(ask(f"{number}"))
        level = (await rates.levels()) or level
    assert level is not None
    left = next(iter(level.values())).requests
    assert left is not None
    assert left < 10, "both took from the same bucket"


async def test_unused_tokens_are_given_back(workers: Workers, server: FakeServer) -> None:
    gateway = await workers.one(server.url, "fine", model_tokens_minute=60_000)
    await gateway.complete(ask(max_tokens=5_000))
    level = next(iter((await workers.shared[0].limits.levels()).values()))
    assert level.tokens is not None
    assert level.tokens > 9_900, "13 of 10,000 were used"


async def test_a_budget_is_kept_by_workers_together(workers: Workers, server: FakeServer) -> None:
    # A call takes 13 tokens, and reserves what its prompt may be and the 20 it may write.
    gateways = [await workers.one(server.url, "fine", budget_run_tokens=200) for _ in range(3)]

    async def one(number: int) -> bool:
        try:
            await gateways[number % 3].complete(ask(f"{number}", max_tokens=20))
        except BudgetExceeded:
            return False
        return True

    done = await asyncio.gather(*(one(number) for number in range(30)))
    spent = (await workers.ledger.spent_by_run("run-1")).tokens
    assert spent <= 200
    assert any(done)
    assert not all(done)


async def test_an_answer_paid_by_one_worker_is_free_at_another(
    workers: Workers, server: FakeServer
) -> None:
    one = await workers.one(server.url, "fine")
    other = await workers.one(server.url, "fine")
    first = await one.complete(ask(temperature=0))
    again = await other.complete(ask(temperature=0))
    assert (again.text, again.cached) == (first.text, True)
    caches = (await workers.shared[0].stats()).caches
    assert (caches["answers"].hits, caches["answers"].misses) == (1, 1)


async def test_calls_go_on_when_redis_dies_and_comes_back(
    server: FakeServer, tmp_path: Path
) -> None:
    with redis_server() as redis:
        async with AsyncExitStack() as stack:
            workers = Workers(stack, redis, tmp_path)
            gateways = [await workers.one(server.url, "fine") for _ in range(2)]
            calls = [asyncio.create_task(gateways[n % 2].complete(ask(f"{n}"))) for n in range(40)]
            await asyncio.sleep(0.05)
            redis.kill()
            answers = await asyncio.gather(*calls)
            assert len(answers) == 40
            redis.start()
            async with asyncio.timeout(10):
                while (await workers.shared[0].stats()).redis != "up":
                    await asyncio.sleep(0.05)
            assert json.loads((await gateways[0].complete(ask("after"))).text)["name"] == "teal"
