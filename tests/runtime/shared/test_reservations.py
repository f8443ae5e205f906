from __future__ import annotations

import asyncio

import pytest

from domain.ports.model import CallScope, Spent
from runtime.shared.over_redis.link import RedisLink
from runtime.shared.over_redis.reservations import RedisReservations
from runtime.shared.reservations import LocalReservations, Reservations

RUN = CallScope(artist_id="a", run_id="r")


@pytest.fixture(params=["in process", "over redis"])
def reservations(request: pytest.FixtureRequest) -> Reservations:
    if request.param == "in process":
        return LocalReservations()
    return RedisReservations(request.getfixturevalue("link"))


async def test_what_is_held_counts_for_run_artist_and_label(reservations: Reservations) -> None:
    await reservations.add(RUN, Spent(tokens=10, cost_usd=0.125))
    await reservations.add(CallScope(artist_id="b"), Spent(tokens=7, cost_usd=1.0))
    held = await reservations.add(
        CallScope(artist_id="a", run_id="other"), Spent(tokens=5, cost_usd=0.25)
    )
    assert held.run.held == Spent(tokens=5, cost_usd=0.25)
    assert held.artist.held == Spent(tokens=15, cost_usd=0.375)
    assert held.label.held.cost_usd == pytest.approx(1.375)


async def test_what_is_removed_counts_no_more(reservations: Reservations) -> None:
    first = await reservations.add(RUN, Spent(tokens=10, cost_usd=1))
    await reservations.remove(first)
    await reservations.remove(first)
    assert (await reservations.add(RUN, Spent(tokens=3))).run.held == Spent(tokens=3)


async def test_a_call_of_nobody_holds_nothing_of_a_run(reservations: Reservations) -> None:
    await reservations.add(RUN, Spent(tokens=10))
    held = await reservations.add(CallScope(), Spent(tokens=3))
    assert (held.run.held, held.artist.held) == (Spent(), Spent())


async def test_what_ended_calls_used_is_counted_and_only_grows(
    reservations: Reservations,
) -> None:
    before = await reservations.add(RUN, Spent(tokens=10, cost_usd=0.5))
    await reservations.remove(before, Spent(tokens=7, cost_usd=0.25))
    await reservations.remove(before, Spent(tokens=7, cost_usd=0.25))
    after = await reservations.add(RUN, Spent(tokens=1, cost_usd=0.5))
    assert before.run.booked is not None
    for account in (after.run, after.artist, after.label):
        assert account.booked is not None
        assert account.booked.epoch == before.run.booked.epoch
        assert account.booked.spent.tokens == 7, "removing twice counts once"
        assert account.booked.spent.cost_usd == pytest.approx(0.25)


async def test_a_redis_that_lost_its_counts_begins_another_epoch(link: RedisLink) -> None:
    reservations = RedisReservations(link)
    first = await reservations.add(RUN, Spent(tokens=1))
    await link.client.delete(link.key("held", "epoch"))
    second = await reservations.add(RUN, Spent(tokens=1))
    assert first.run.booked is not None
    assert second.run.booked is not None
    assert first.run.booked.epoch != second.run.booked.epoch


async def test_workers_see_each_others_calls(link: RedisLink) -> None:
    workers = [RedisReservations(link) for _ in range(4)]
    held = await asyncio.gather(*(w.add(RUN, Spent(tokens=100, cost_usd=0.5)) for w in workers))
    assert max(h.run.held.tokens for h in held) == 400
    await asyncio.gather(*(w.remove(h) for w, h in zip(workers, held, strict=True)))
    last = await workers[0].add(RUN, Spent(tokens=1, cost_usd=0.01))
    assert last.label.held.cost_usd == pytest.approx(0.01)


async def test_what_a_dead_worker_held_is_forgotten(
    link: RedisLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "runtime.shared.over_redis.reservations.FORGOTTEN_AFTER_S"
    monkeypatch.setattr(path, 2)
    await RedisReservations(link).add(RUN, Spent(tokens=100))
    await asyncio.sleep(1.1)
    alive = RedisReservations(link)
    assert (await alive.add(RUN, Spent(tokens=1))).run.held.tokens == 101
    await asyncio.sleep(1.1)
    assert (await alive.add(RUN, Spent(tokens=1))).run.held.tokens == 2, "the dead one's is gone"
