from __future__ import annotations

import asyncio

import pytest

from domain.errors import BudgetExceeded
from domain.ports.model import ChatMessage, ModelRequest, Sampling
from evals.evolution.budget import Budget, MeteredGateway, Used
from tests.agents.house import House


def _request(n: int, tokens: int = 10) -> ModelRequest:
    return ModelRequest(
        tier="smart",
        prompt="post.update@1",
        messages=(ChatMessage(role="user", content=f"Post about {n}."),),
        sampling=Sampling(seed=n, max_tokens=tokens),
    )


async def test_calls_on_their_way_count_and_none_is_made_beyond_the_budget() -> None:
    house = House()
    metered = MeteredGateway(house.gateway, Budget(calls=3))
    tasks = [metered.complete(_request(n)) for n in range(8)]
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(one, BudgetExceeded) for one in done) == 5
    assert (len(house.endpoint.calls), metered.used.calls) == (3, 3)


async def test_what_a_cache_answers_is_free() -> None:
    house = House()
    metered = MeteredGateway(house.gateway, Budget(calls=2))
    for _ in range(3):
        await metered.complete(_request(1))
    assert metered.used.calls == len(house.endpoint.calls)


async def test_a_call_that_could_overrun_the_tokens_is_not_made() -> None:
    house = House()
    metered = MeteredGateway(house.gateway, Budget(tokens=100))
    with pytest.raises(BudgetExceeded, match="tokens"):
        await metered.complete(_request(1, tokens=200))
    assert house.endpoint.calls == []


async def test_what_is_held_back_is_not_spent_before_its_time() -> None:
    metered = MeteredGateway(House().gateway, Budget(calls=2))
    metered.kept = Used(calls=2)
    with pytest.raises(BudgetExceeded, match="calls"):
        await metered.complete(_request(1))
    metered.kept = Used()
    assert (await metered.complete(_request(1))).text


async def test_time_ends_too() -> None:
    metered = MeteredGateway(House().gateway, Budget(seconds=1e-9))
    with pytest.raises(BudgetExceeded, match="seconds"):
        await metered.complete(_request(1))
