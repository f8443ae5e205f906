from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.shared.over_redis.link import RedisLink
from runtime.shared.over_redis.windows import RedisWindows
from runtime.shared.windows import NAMES_KEPT, LocalWindows, Windows


@pytest.fixture(params=["in process", "over redis"])
def windows(request: pytest.FixtureRequest) -> Windows:
    if request.param == "in process":
        return LocalWindows()
    return RedisWindows(request.getfixturevalue("link"))


async def test_so_many_and_no_more_even_at_the_same_moment(windows: Windows) -> None:
    counted = await asyncio.gather(*(windows.count("a", 3, 60) for _ in range(10)))
    assert sum(counted) == 3
    assert await windows.count("b", 3, 60), "names are counted apart"


async def test_the_window_moves_on_and_refusals_do_not_count(windows: Windows) -> None:
    assert await windows.count("a", 1, 1.2)
    assert not await windows.count("a", 1, 1.2)
    await asyncio.sleep(0.65)
    assert not await windows.count("a", 1, 1.2)
    await asyncio.sleep(0.65)
    assert await windows.count("a", 1, 1.2)


async def test_it_tells_how_many_are_left_and_when_one_is_forgotten(windows: Windows) -> None:
    first = await windows.take("a", 2, 30)
    assert (first.allowed, first.left) == (True, 1)
    assert 29 < first.forgotten_in_s <= 30
    assert (await windows.take("a", 2, 30))[:2] == (True, 0)
    assert (await windows.take("a", 2, 30))[:2] == (False, 0)
    assert (await windows.take("none", 0, 30))[:2] == (False, 0)


async def test_processes_count_together(link: RedisLink) -> None:
    one, other = RedisWindows(link), RedisWindows(link)
    assert await one.count("a", 2, 60)
    assert await other.count("a", 2, 60)
    assert not await one.count("a", 2, 60)


@given(gaps=st.lists(st.floats(0, 5), max_size=60), most=st.integers(1, 5))
def test_no_stretch_as_long_as_the_window_holds_more(gaps: list[float], most: int) -> None:
    now = 0.0
    windows = LocalWindows(monotonic=lambda: now)
    allowed: list[float] = []
    for gap in gaps:
        now += gap
        if asyncio.run(windows.count("a", most, 10)):
            allowed.append(now)
    for begin in allowed:
        assert sum(begin <= at < begin + 10 for at in allowed) <= most


async def test_a_flood_of_names_is_not_remembered_for_ever() -> None:
    windows = LocalWindows()
    assert await windows.count("first", 1, 1000)
    for number in range(NAMES_KEPT):
        await windows.count(f"other {number}", 1, 1000)
    assert await windows.count("first", 1, 1000)
