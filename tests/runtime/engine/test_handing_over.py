"""How every engine shows what it does, drains, and gives jobs to others."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from domain.errors import NotFound
from domain.ports.engine import Engine, HandedOver, Job
from tests.runtime.engine.conftest import WORKER, Home


class Desk:
    """Handlers with and without safe points, for engines that come and go."""

    def __init__(self) -> None:
        self.entered: list[str] = []
        self.done: list[str] = []
        self.cancelled: list[str] = []
        self.engine: Engine | None = None

    async def polite(self, name: str) -> None:
        self.entered.append(name)
        assert self.engine is not None
        for _ in range(20):
            if self.engine.draining:
                raise HandedOver
            await asyncio.sleep(0.02)
        self.done.append(name)

    async def stubborn(self, name: str) -> None:
        self.entered.append(name)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise

    async def finish(self, name: str) -> None:
        self.done.append(name)

    async def enters(self, name: str) -> None:
        async with asyncio.timeout(10):
            while name not in self.entered:
                await asyncio.sleep(0.01)


def job(name: str, partition: str, handler: str = "polite") -> Job:
    return Job(id=name, name=handler, args=(name,), partition=partition)


async def states(engine: Engine) -> dict[str, tuple[str, str | None]]:
    return {view.id: (view.state, view.holder) for view in await engine.unfinished()}


async def test_jobs_and_workers_are_shown(home: Home) -> None:
    desk = Desk()
    engine = home(parallel=3, stubborn=desk.stubborn)
    assert engine.worker_id == WORKER
    await engine.start()
    assert list(await engine.unfinished()) == []
    await engine.enqueue(job("first", "ada", "stubborn"))
    await engine.enqueue(job("second", "ada", "stubborn"))
    await desk.enters("first")
    views = {view.id: view for view in await engine.unfinished()}
    assert (views["first"].state, views["first"].holder) == ("running", WORKER)
    assert (views["second"].state, views["second"].holder) == ("queued", None)
    assert views["first"].args == ("first",)
    assert (views["first"].name, views["first"].partition) == ("stubborn", "ada")
    assert views["first"].started_at is not None
    async with asyncio.timeout(5):  # a worker tells how much it runs at its next beat
        while (await engine.workers())[0].running != 1:
            await asyncio.sleep(0.05)
    (worker,) = await engine.workers()
    assert (worker.id, worker.pid, worker.concurrency) == (WORKER, os.getpid(), 3)
    assert worker.state == "working"


async def test_handing_over_ends_at_safe_points_and_leaves_the_rest_to_the_next(
    home: Home,
) -> None:
    desk = Desk()
    desk.engine = engine = home(polite=desk.polite, stubborn=desk.stubborn)
    await engine.start()
    await engine.enqueue(job("kind", "ada"))
    await engine.enqueue(job("deaf", "ben", "stubborn"))
    await desk.enters("kind")
    await desk.enters("deaf")
    assert not engine.draining
    await engine.hand_over(0.3)
    assert engine.draining
    assert desk.cancelled == ["deaf"]
    assert await states(engine) == {"kind": ("queued", None), "deaf": ("queued", None)}
    # It takes nothing new, and is still there to ask.
    await engine.enqueue(job("new", "zoe"))
    await asyncio.sleep(0.3)
    assert (await states(engine))["new"] == ("queued", None)
    await engine.stop()

    other = home(worker_id="other", polite=desk.finish, stubborn=desk.finish)
    await other.start()
    assert not other.draining
    assert await other.drain(10)
    assert sorted(desk.done) == ["deaf", "kind", "new"]


async def test_handler_that_ends_in_time_is_not_disturbed(home: Home) -> None:
    desk = Desk()
    done: list[str] = []

    async def short(name: str) -> None:
        desk.entered.append(name)
        await asyncio.sleep(0.2)
        done.append(name)

    engine = home(short=short)
    await engine.start()
    await engine.enqueue(job("short", "ada", "short"))
    await desk.enters("short")
    async with asyncio.timeout(30):
        await engine.hand_over(600)
    assert done == ["short"]
    assert list(await engine.unfinished()) == []


async def test_idle_engine_hands_over_at_once_and_works_after_its_next_start(home: Home) -> None:
    desk = Desk()
    engine = home(finish=desk.finish)
    await engine.start()
    async with asyncio.timeout(30):
        await engine.hand_over(600)
    await engine.stop()
    await engine.start()
    await engine.enqueue(job("after", "ada", "finish"))
    assert await engine.drain(10)
    assert desk.done == ["after"]


async def test_handler_that_hands_over_unasked_is_begun_again_a_moment_later(home: Home) -> None:
    entered: list[float] = []

    async def shy() -> None:
        entered.append(time.monotonic())
        if len(entered) < 2:
            raise HandedOver

    engine = home(shy=shy)
    await engine.start()
    await engine.enqueue(Job(id="shy", name="shy", partition="ada"))
    async with asyncio.timeout(15):
        while len(entered) < 2 or await engine.unfinished():
            await asyncio.sleep(0.02)
    assert entered[1] - entered[0] >= 0.9


async def test_engine_is_asked_to_drain_by_name(home: Home) -> None:
    desk = Desk()
    desk.engine = engine = home(polite=desk.polite)
    await engine.start()
    await engine.enqueue(job("kind", "ada"))
    await desk.enters("kind")
    with pytest.raises(NotFound):
        await engine.ask_to_drain("nobody")
    await engine.ask_to_drain(WORKER)
    async with asyncio.timeout(10):
        while await states(engine) != {"kind": ("queued", None)}:
            await asyncio.sleep(0.02)
        while (await engine.workers())[0].state != "draining":
            await asyncio.sleep(0.02)
    assert engine.draining


async def test_engine_that_does_not_execute_accepts_and_shows_only(home: Home) -> None:
    desk = Desk()
    front = home(worker_id="front", executes=False)
    await front.start()
    await front.enqueue(job("asked", "ada", "finish"))
    await asyncio.sleep(0.2)
    assert await states(front) == {"asked": ("queued", None)}
    assert list(await front.workers()) == []
    back = home(worker_id="back", finish=desk.finish)
    await back.start()
    assert await front.drain(10)
    assert desk.done == ["asked"]
