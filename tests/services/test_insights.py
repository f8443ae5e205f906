"""Insights: a planted rise is told, a steady past is not, and too little says so."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from domain.actor import OPERATOR, Actor
from domain.approval import ApprovalStatus
from domain.errors import Forbidden
from domain.run import RunStatus
from learning.forecast import Forecast, NotEnough, RateForecast
from services.insights import FigureInsight, Insights, InsightService
from store.unit import UnitOfWork
from tests.store import nouns
from tests.support.label import START, TestLabel

DAYS = 70


async def _plays(unit: UnitOfWork, artist_id: str, counts: list[int]) -> None:
    """So many plays on each of the days that end yesterday."""
    for back, count in enumerate(reversed(counts), start=1):
        at = START - timedelta(days=back)
        for n in range(count):
            event_id = f"audience_{artist_id}_{back}_{n}"
            played = nouns.audience(event_id, "play", artist_id=artist_id, release_id=None)
            await unit.audience.add(played.model_copy(update={"created_at": at, "updated_at": at}))


async def _decided(unit: UnitOfWork, back: int, n: int, status: ApprovalStatus) -> None:
    at = START - timedelta(days=back)
    one = nouns.approval(f"approval_{back}_{n}", status=status)
    await unit.approvals.add(one.model_copy(update={"created_at": at, "updated_at": at}))


async def _week(label: TestLabel, actor: Actor = OPERATOR, artist: str | None = None) -> Insights:
    return await InsightService(label.database, label.clock).week(actor, artist)


def _plays_of(found: Insights) -> FigureInsight:
    return next(one for one in found.figures if one.name == "plays")


async def test_a_new_label_is_told_that_there_is_not_enough(label: TestLabel) -> None:
    found = await _week(label)
    assert found.until == (START - timedelta(days=1)).date()
    assert [isinstance(one.ahead, NotEnough) for one in found.figures] == [True] * 3
    assert [isinstance(one.growth, NotEnough) for one in found.figures] == [True] * 3
    assert [(one.week, one.before) for one in found.rates] == [(None, None)] * 2
    assert (found.artists, found.compared) == ((), 0)


async def test_a_planted_rise_is_told_of_the_artist_that_has_it(label: TestLabel) -> None:
    draws = np.random.default_rng(3)
    steady = draws.poisson(6, DAYS).tolist()
    rising = [*draws.poisson(6, DAYS - 7).tolist(), *draws.poisson(30, 7).tolist()]
    async with label.database.unit() as unit:
        for artist_id, counts in (("artist_01", steady), ("artist_02", rising)):
            await unit.artists.add(nouns.artist(artist_id))
            await _plays(unit, artist_id, counts)
        await unit.commit()
    found = await _week(label)
    assert found.compared == 2
    assert [(one.artist_id, one.growth.way) for one in found.artists] == [("artist_02", "rising")]
    assert found.artists[0].growth.growth.holds(30 / 6)
    plays = _plays_of(found)
    assert plays.week == sum(steady[-7:]) + sum(rising[-7:])
    assert plays.week_before == sum(steady[-14:-7]) + sum(rising[-14:-7])
    assert isinstance(plays.ahead, Forecast)
    assert len(plays.ahead.days) == 7
    alone = _plays_of(await _week(label, artist="artist_01"))
    assert alone.days[-DAYS:] == tuple(float(count) for count in steady)
    assert alone.days[0] is None
    scoped = OPERATOR.model_copy(update={"kind": "user", "artists": frozenset({"artist_02"})})
    with pytest.raises(Forbidden):
        await _week(label, scoped, "artist_01")


async def test_shares_count_what_was_decided_and_what_ended(label: TestLabel) -> None:
    async with label.database.unit() as unit:
        await unit.artists.add(nouns.artist())
        await unit.runs.add(nouns.run())
        for back in range(8, 48):
            await _decided(unit, back, 0, ApprovalStatus.APPROVED)
        for n in range(12):
            status = ApprovalStatus.REJECTED if n < 10 else ApprovalStatus.APPROVED
            await _decided(unit, 2, n, status)
        # Neither a yes nor a no.
        await _decided(unit, 3, 0, ApprovalStatus.EXPIRED)
        failed = nouns.run("run_02", status=RunStatus.FAILED)
        at = START - timedelta(days=1)
        await unit.runs.add(failed.model_copy(update={"created_at": at, "updated_at": at}))
        await unit.commit()
    approvals, failures = (await _week(label)).rates
    assert (approvals.good, approvals.trials) == (2, 12)
    assert approvals.before is not None
    assert approvals.before.estimate == 1.0
    assert approvals.changed
    assert isinstance(approvals.ahead, RateForecast)
    assert (failures.good, failures.trials) == (1, 1)
    assert isinstance(failures.ahead, NotEnough)
