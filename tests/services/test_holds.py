from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR, artist_actor, visitor_actor
from domain.errors import Forbidden, Held
from services.holds import HoldService
from tests.support.label import START, TestLabel


@pytest.fixture
def holds(label: TestLabel) -> HoldService:
    return HoldService(label.database, label.clock)


async def test_a_hold_stands_until_it_is_lifted(label: TestLabel, holds: HoldService) -> None:
    assert await holds.state(OPERATOR) is None
    await holds.check()
    await holds.hold(OPERATOR, "  the studio\nis on fire ")
    stands = await holds.state(OPERATOR)
    assert stands is not None
    assert (stands.why, stands.by, stands.since) == (
        "the studio is on fire",
        "operator:local",
        START,
    )
    with pytest.raises(Held, match="the studio is on fire") as refused:
        await holds.check()
    assert "hold --lift" in str(refused.value.remedy)
    await holds.lift(OPERATOR)
    assert await holds.state(OPERATOR) is None
    await holds.check()


async def test_each_change_is_told_once(label: TestLabel, holds: HoldService) -> None:
    await holds.lift(OPERATOR)
    told = [e for e in await label.views.events(OPERATOR, 0) if e.kind == "hold.changed"]
    last = told[-1].id if told else 0
    for why in ("one", "one", "two"):
        await holds.hold(OPERATOR, why)
        label.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        await holds.lift(OPERATOR)
    told = [e for e in await label.views.events(OPERATOR, last) if e.kind == "hold.changed"]
    assert [(e.data["on"], e.data["why"]) for e in told] == [
        (True, "one"),
        (True, "two"),
        (False, ""),
    ]


async def test_another_process_sees_it(label: TestLabel, holds: HoldService) -> None:
    other = HoldService(label.database, label.clock)
    await holds.hold(OPERATOR)
    with pytest.raises(Held):
        await other.check()


async def test_only_people_in_charge_hold(holds: HoldService) -> None:
    for actor in (artist_actor("a"), visitor_actor("v")):
        with pytest.raises(Forbidden):
            await holds.hold(actor)
        with pytest.raises(Forbidden):
            await holds.lift(actor)
