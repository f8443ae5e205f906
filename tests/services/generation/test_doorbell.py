from __future__ import annotations

import asyncio

from services.generation.doorbell import Doorbell


async def test_one_ring_wakes_all_who_wait_for_a_job_and_nobody_else() -> None:
    bell = Doorbell()
    waiting = [asyncio.create_task(bell.wait("job_1", 5.0)) for _ in range(2)]
    other = asyncio.create_task(bell.wait("job_2", 0.05))
    await asyncio.sleep(0)
    bell.ring("job_1")
    assert await asyncio.gather(*waiting, other) == [True, True, False]


async def test_a_ring_that_nobody_waited_for_wakes_nobody_later() -> None:
    bell = Doorbell()
    bell.ring("job_1")
    assert not await bell.wait("job_1", 0.01)
