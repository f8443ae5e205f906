from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.scheduling import Duty, Lead, keep_time
from domain.errors import EnvironmentProblem


class FakeLead:
    """Leads while it is told to, and counts how often it was asked."""

    def __init__(self, leads: bool = True) -> None:
        self.leads = leads
        self.asked = 0
        self.broken = False

    async def held(self) -> bool:
        self.asked += 1
        if self.broken:
            raise EnvironmentProblem("the database restarts")
        return self.leads


class Count:
    """Counts its turns."""

    def __init__(self) -> None:
        self.turns = 0
        self.error: Exception | None = None

    async def __call__(self) -> None:
        self.turns += 1
        if self.error is not None:
            raise self.error


@asynccontextmanager
async def keeping(lead: Lead, *duties: Duty, tick_s: float = 0.01) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_time(lead, duties, tick_s))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def until(count: Count, turns: int) -> None:
    async with asyncio.timeout(5):
        while count.turns < turns:
            await asyncio.sleep(0.005)


async def test_each_duty_keeps_a_pace_of_its_own() -> None:
    often, seldom = Count(), Count()
    async with keeping(FakeLead(), Duty("often", 0.02, often), Duty("seldom", 60, seldom)):
        await until(often, 5)
    assert seldom.turns == 1


async def test_only_the_leader_acts_and_the_lead_is_taken_soon() -> None:
    lead, duty = FakeLead(leads=False), Count()
    async with keeping(lead, Duty("rare", 60, duty)):
        await asyncio.sleep(0.1)
        assert duty.turns == 0
        lead.leads = True
        await until(duty, 1)


async def test_who_loses_the_lead_stops() -> None:
    lead, duty = FakeLead(), Count()
    async with keeping(lead, Duty("often", 0.01, duty)):
        await until(duty, 3)
        lead.leads = False
        await asyncio.sleep(0.05)
        stopped = duty.turns
        await asyncio.sleep(0.1)
        assert duty.turns == stopped


@pytest.mark.parametrize(
    "error", [EnvironmentProblem("disk full"), ConnectionError("gone"), TypeError("a bug")]
)
async def test_a_failure_of_one_duty_is_outlived(error: Exception) -> None:
    failing, other = Count(), Count()
    failing.error = error
    async with keeping(FakeLead(), Duty("failing", 0.01, failing), Duty("other", 0.01, other)):
        await until(failing, 3)
        failing.error = None
        await until(failing, 5)
        await until(other, 5)


async def test_a_database_that_cannot_say_who_leads_stops_nobody_for_good() -> None:
    lead, duty = FakeLead(), Count()
    lead.broken = True
    async with keeping(lead, Duty("often", 0.01, duty)):
        await asyncio.sleep(0.05)
        assert duty.turns == 0
        lead.broken = False
        await until(duty, 2)


async def test_a_slow_duty_keeps_no_other_waiting_and_does_not_overlap_itself() -> None:
    running, most, quick = 0, 0, Count()

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.2)
        running -= 1

    async with keeping(FakeLead(), Duty("slow", 0.01, slow), Duty("quick", 0.01, quick)):
        await until(quick, 12)
    assert most == 1


async def test_many_duties_ask_who_leads_once_a_tick() -> None:
    lead = FakeLead(leads=False)
    duties = [Duty(f"duty {n}", 60, Count()) for n in range(10)]
    async with keeping(lead, *duties, tick_s=0.05):
        await asyncio.sleep(0.5)
    assert lead.asked <= 12
