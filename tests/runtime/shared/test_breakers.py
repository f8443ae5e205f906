from __future__ import annotations

import asyncio
import time
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.shared.breakers import (
    Breaker,
    BreakerRules,
    Breakers,
    LocalBreaker,
    LocalBreakers,
    Outcome,
)
from runtime.shared.over_redis.breakers import TRUSTED_S, RedisBreakers
from runtime.shared.over_redis.link import RedisLink

QUICK = BreakerRules(threshold=2, cooldown_s=0.6, trial_s=1.0)
RULES = BreakerRules(threshold=2, cooldown_s=30)
Step = tuple[Outcome, float]
OUTCOMES = cast("list[Outcome]", ["ok", "ill", "neutral"])
STEPS = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.floats(0, 40)), max_size=40)


@pytest.fixture(params=["in process", "over redis"])
def breakers(request: pytest.FixtureRequest) -> Breakers:
    if request.param == "in process":
        return LocalBreakers()
    return RedisBreakers(request.getfixturevalue("link"))


async def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        await breaker.report(await breaker.admit(), "ill")


async def test_enough_failures_in_a_row_open_the_circuit(breakers: Breakers) -> None:
    breaker = breakers.of("model", QUICK)
    await fail(breaker, 1)
    await breaker.report(await breaker.admit(), "ok")
    await fail(breaker, 1)
    assert await breaker.state() == "closed", "a success between them begins the count anew"
    await fail(breaker, 1)
    refusal = await breaker.admit()
    assert not refusal.admitted
    assert refusal.retry_after_s > 0
    assert await breakers.states() == {"model": "open"}


async def test_one_trial_at_a_time_and_a_good_one_closes(breakers: Breakers) -> None:
    breaker = breakers.of("model", QUICK)
    await fail(breaker, 2)
    await asyncio.sleep(0.65)
    assert await breaker.state() == "half_open"
    tries = await asyncio.gather(*(breaker.admit() for _ in range(6)))
    assert sum(t.admitted for t in tries) == 1
    await breaker.report(next(t for t in tries if t.admitted), "ok")
    assert await breaker.state() == "closed"
    assert all([(await breaker.admit()).admitted for _ in range(6)])


async def test_a_failed_trial_opens_again_at_once(breakers: Breakers) -> None:
    breaker = breakers.of("model", QUICK)
    await fail(breaker, 2)
    await asyncio.sleep(0.65)
    await breaker.report(await breaker.admit(), "ill")
    assert await breaker.state() == "open"


async def test_a_trial_that_says_nothing_leaves_room_for_the_next(breakers: Breakers) -> None:
    breaker = breakers.of("model", QUICK)
    await fail(breaker, 2)
    await asyncio.sleep(0.65)
    await breaker.report(await breaker.admit(), "neutral")
    assert (await breaker.admit()).admitted


async def test_a_call_of_before_does_not_free_the_place_of_the_trial(breakers: Breakers) -> None:
    breaker = breakers.of("model", QUICK)
    before = await breaker.admit()
    await fail(breaker, 2)
    await asyncio.sleep(0.65)
    assert (await breaker.admit()).admitted
    await breaker.report(before, "neutral")
    assert not (await breaker.admit()).admitted


async def test_a_trial_whose_caller_died_holds_nobody_up_for_ever(breakers: Breakers) -> None:
    breaker = breakers.of("model", QUICK)
    await fail(breaker, 2)
    await asyncio.sleep(0.65)
    assert (await breaker.admit()).admitted
    await asyncio.sleep(1.05)
    assert (await breaker.admit()).admitted


async def test_workers_share_one_circuit_and_one_trial(link: RedisLink) -> None:
    workers = [RedisBreakers(link).of("model", QUICK) for _ in range(3)]
    for worker in workers[:2]:
        await fail(worker, 1)
    assert [await w.state() for w in workers] == ["open"] * 3, "each saw one failure at most"
    await asyncio.sleep(0.65)
    tries = await asyncio.gather(*(w.admit() for w in workers))
    assert sum(t.admitted for t in tries) == 1


async def test_a_worker_to_whom_all_was_well_hears_soon_that_another_opened_it(
    link: RedisLink,
) -> None:
    at_ease, other = (RedisBreakers(link).of("model", RULES) for _ in range(2))
    await at_ease.report(await at_ease.admit(), "ok")
    await fail(other, 2)
    await asyncio.sleep(TRUSTED_S)
    assert not (await at_ease.admit()).admitted


async def test_a_success_at_one_worker_wipes_out_the_failures_of_another(link: RedisLink) -> None:
    one, other = (RedisBreakers(link).of("model", RULES) for _ in range(2))
    await one.report(await one.admit(), "ok")
    await fail(other, 1)
    await asyncio.sleep(TRUSTED_S)
    await one.report(await one.admit(), "ok")
    await fail(other, 1)
    assert await other.state() == "closed"


async def test_names_are_kept_apart(breakers: Breakers) -> None:
    await fail(breakers.of("one", QUICK), 2)
    assert (await breakers.of("other", QUICK).admit()).admitted


async def test_a_clock_of_redis_set_back_lengthens_no_rest(link: RedisLink) -> None:
    breaker = RedisBreakers(link).of("model", QUICK)
    await fail(breaker, 2)
    key, later = link.key("breaker", "model"), time.time() + 3600
    for field in ("opened", "trial_until"):
        await link.client.hset(key, field, str(later))
    assert not (await breaker.admit()).admitted
    await asyncio.sleep(QUICK.trial_s + 0.05)
    assert (await breaker.admit()).admitted


@given(steps=STEPS, threshold=st.integers(1, 6))
def test_no_call_goes_out_within_the_cooldown_after_enough_failures(
    steps: list[Step], threshold: int
) -> None:
    asyncio.run(_no_call_within_the_cooldown(steps, threshold))


async def _no_call_within_the_cooldown(steps: list[Step], threshold: int) -> None:
    now = 0.0
    breaker = LocalBreaker(BreakerRules(threshold, cooldown_s=20), monotonic=lambda: now)
    failures_in_row, last_failure = 0, 0.0
    for outcome, passes_s in steps:
        now += passes_s
        admission = await breaker.admit()
        must_wait = failures_in_row >= threshold and now - last_failure < 20
        assert admission.admitted != must_wait, "refuses exactly while it cools down"
        if not admission.admitted:
            continue
        await breaker.report(admission, outcome)
        if outcome == "ok":
            failures_in_row = 0
        elif outcome == "ill":
            failures_in_row, last_failure = failures_in_row + 1, now
