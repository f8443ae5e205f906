from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest

from runtime.bus import EventBus
from runtime.shared.over_redis.bus import RedisEventBus
from runtime.shared.over_redis.link import RedisLink
from tests.support.redis import RedisServer, redis_server


@asynccontextmanager
async def process(url: str, prefix: str) -> AsyncIterator[RedisEventBus]:
    """The bus as one process has it."""
    link = RedisLink(url, prefix)
    bus = RedisEventBus(link)
    async with bus.carrying():
        yield bus
    await link.aclose()


async def until(met: Callable[[], Awaitable[bool]], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not await met():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.02)


async def carries(sender: EventBus, reader: EventBus, event_id: int) -> bool:
    sender.announce(event_id)
    return await reader.wait(event_id - 1, 0.2)


async def test_a_reader_hears_of_another_process() -> None:
    with redis_server() as server:
        prefix = uuid4().hex
        async with process(server.url, prefix) as one, process(server.url, prefix) as other:
            await until(lambda: carries(one, other, 5))
            waiting = asyncio.create_task(other.wait(7, 5))
            await asyncio.sleep(0)
            one.announce(8)
            assert await waiting
            assert await one.wait(7, 0), "it hears itself without Redis"


async def test_labels_do_not_hear_each_other(redis: RedisServer) -> None:
    async with (
        process(redis.url, uuid4().hex) as one,
        process(redis.url, uuid4().hex) as other,
    ):
        one.announce(5)
        await asyncio.sleep(0.2)
        assert not await other.wait(0, 0.05)


async def test_many_announcements_end_with_the_newest(redis: RedisServer) -> None:
    prefix = uuid4().hex
    async with process(redis.url, prefix) as one, process(redis.url, prefix) as other:
        await until(lambda: carries(one, other, 1))
        for number in range(2, 2000):
            one.announce(number)
        await until(lambda: other.wait(1998, 0.1))


async def test_announcing_never_waits_and_the_bus_comes_back_with_redis() -> None:
    prefix = uuid4().hex
    async with AsyncExitStack() as stack:
        server = stack.enter_context(redis_server())
        one = await stack.enter_async_context(process(server.url, prefix))
        other = await stack.enter_async_context(process(server.url, prefix))
        await until(lambda: carries(one, other, 1))
        server.kill()
        for number in range(2, 200):
            one.announce(number)
        assert await one.wait(198, 0), "readers of the same process still hear"
        await until(lambda: gives_up_early(other, 1000))
        server.start()
        await until(lambda: carries(one, other, 1001))


async def test_a_line_that_redis_refuses_ends_no_announcing(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = uuid4().hex
    async with process(redis.url, prefix) as one, process(redis.url, prefix) as other:
        await until(lambda: carries(one, other, 1))
        with monkeypatch.context() as patch:
            patch.setattr(one, "_unsent", object())  # no text that Redis could carry
            one._something.set()
            await asyncio.sleep(0.1)
        await until(lambda: carries(one, other, 2))


async def gives_up_early(bus: EventBus, after: int) -> bool:
    """Whether a reader is sent to look by itself long before its time is over."""
    try:
        return not await asyncio.wait_for(bus.wait(after, 600), 5)
    except TimeoutError:
        return False


async def test_a_reader_looks_again_when_news_may_have_been_missed() -> None:
    prefix = uuid4().hex
    async with AsyncExitStack() as stack:
        server = stack.enter_context(redis_server())
        other = await stack.enter_async_context(process(server.url, prefix))
        await asyncio.sleep(0.2)
        server.kill()
        await asyncio.sleep(0.1)
        server.start()
        assert await other.wait(1000, 10), "woken, although nothing was announced"


async def test_in_process_an_announcement_wakes_those_who_wait_for_it() -> None:
    bus = EventBus()
    waiting = asyncio.create_task(bus.wait(3, 5))
    await asyncio.sleep(0)
    bus.announce(4)
    assert await waiting
    assert not await bus.wait(4, 0.01)


@pytest.mark.parametrize("timeout_s", [0.0, 0.05])
async def test_waiting_ends_with_its_time(timeout_s: float) -> None:
    async with asyncio.timeout(30):
        assert not await EventBus().wait(0, timeout_s)
