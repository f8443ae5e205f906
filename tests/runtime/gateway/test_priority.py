from __future__ import annotations

import asyncio

import pytest

from domain.ports.model import Priority
from runtime.gateway.priority import PriorityGate


async def test_chat_goes_before_waiting_work_and_work_keeps_its_order() -> None:
    gate, order = PriorityGate(1), list[str]()

    async def enter(name: str, priority: Priority) -> None:
        async with gate.hold(priority):
            order.append(name)
            await asyncio.sleep(0)

    async with gate.hold("work"):
        tasks = [asyncio.create_task(enter(f"work {i}", "work")) for i in range(3)]
        tasks.append(asyncio.create_task(enter("chat", "chat")))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == ["chat", "work 0", "work 1", "work 2"]


async def test_no_more_than_the_slots_are_inside() -> None:
    gate, inside, most = PriorityGate(3), 0, 0

    async def enter() -> None:
        nonlocal inside, most
        async with gate.hold("work"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(10)))
    assert most == 3


@pytest.mark.parametrize("leave_first", [True, False])
async def test_a_cancelled_waiter_loses_no_slot(leave_first: bool) -> None:
    gate = PriorityGate(1)

    async def enter() -> None:
        async with gate.hold("work"):
            pass

    async with gate.hold("work"):
        waiter = asyncio.create_task(enter())
        await asyncio.sleep(0)
        if not leave_first:
            waiter.cancel()
            await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    async with asyncio.timeout(1), gate.hold("work"):
        pass
