from __future__ import annotations

import asyncio

import pytest

from domain.actor import OPERATOR, SYSTEM, Actor
from domain.adaptation import (
    REST,
    REST_AFTER_REVERSAL,
    Adaptation,
    AdaptationStatus,
    Change,
    Effect,
    Evidence,
    Proposal,
    Scope,
)
from domain.errors import Conflict, Forbidden, StaleVersion
from domain.rights import RIGHTS
from services.adaptations import AdaptationService
from tests.support.label import TestLabel

EFFECT = Effect(measure="engagement", estimate=0.1, low=0.05, high=0.2, observations=60)
VIEWER = Actor(kind="operator", id="v", rights=RIGHTS["viewer"])
LIMITED = Actor(kind="operator", id="l", rights=RIGHTS["evaluator"], artists=frozenset({"x"}))


@pytest.fixture
def ledger(label: TestLabel) -> AdaptationService:
    return AdaptationService(label.database, label.clock)


def proposal(before: object = None, after: object = 1, owner: str = "bandit") -> Proposal:
    return Proposal(
        hypothesis="Short forms are heard to the end.",
        change=Change.model_validate(
            {"parameter": "choice.form", "before": before, "after": after}
        ),
        scope=Scope(genre="lofi"),
        evidence=(Evidence(kind="estimate", says="no harm", effect=EFFECT),),
        expected=EFFECT,
        owner=owner,
    )


async def test_two_tuners_at_once_and_one_wins(ledger: AdaptationService) -> None:
    owners = ("bandit", "evolution", "experiment")
    done = await asyncio.gather(
        *(ledger.propose(SYSTEM, proposal(owner=owner)) for owner in owners),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Adaptation) for one in done) == 1
    assert sum(isinstance(one, Conflict) for one in done) == 2
    assert len(await ledger.page(SYSTEM)) == 1


async def test_a_value_comes_into_force_and_a_reversal_puts_back_exactly_what_was(
    label: TestLabel, ledger: AdaptationService
) -> None:
    lofi = Scope(artist_id="somebody", genre="lofi")
    first = await ledger.propose(SYSTEM, proposal(after={"short": 0.6}))
    assert await ledger.value(SYSTEM, "choice.form", lofi) is None
    await ledger.apply(SYSTEM, first.id)
    await ledger.observe(SYSTEM, first.id, EFFECT)
    await ledger.confirm(SYSTEM, first.id)
    label.clock.advance(REST)
    second = await ledger.propose(SYSTEM, proposal({"short": 0.6}, {"short": 0.9}))
    await ledger.apply(SYSTEM, second.id)
    assert await ledger.value(SYSTEM, "choice.form", lofi) == {"short": 0.9}
    with pytest.raises(Conflict, match="after this one"):
        await ledger.revert(OPERATOR, first.id, "too short")
    undone = await ledger.revert(OPERATOR, second.id, "too short")
    assert (undone.status, undone.reason) == (AdaptationStatus.REVERTED, "too short")
    assert await ledger.value(SYSTEM, "choice.form", lofi) == {"short": 0.6}
    assert [line.status for line in undone.history] == ["proposed", "active", "reverted"]
    assert undone.history[-1].by == "operator:local"
    with pytest.raises(Conflict, match="rests until"):
        await ledger.propose(SYSTEM, proposal({"short": 0.6}, {"short": 0.9}))
    label.clock.advance(REST_AFTER_REVERSAL)
    await ledger.propose(SYSTEM, proposal({"short": 0.6}, {"short": 0.9}))


async def test_a_proposal_whose_ground_was_taken_away_cannot_be_applied(
    label: TestLabel, ledger: AdaptationService
) -> None:
    first = await ledger.propose(SYSTEM, proposal())
    await ledger.apply(SYSTEM, first.id)
    await ledger.confirm(SYSTEM, first.id)
    label.clock.advance(REST)
    second = await ledger.propose(SYSTEM, proposal(1, 2))
    await ledger.revert(SYSTEM, first.id, "a change of heart")
    with pytest.raises(StaleVersion):
        await ledger.apply(SYSTEM, second.id)
    await ledger.reject(SYSTEM, second.id, "its ground is gone")


async def test_an_alarm_reverts_the_latest_that_is_still_observed(
    label: TestLabel, ledger: AdaptationService
) -> None:
    hers = Scope(artist_id="somebody", genre="lofi")
    assert await ledger.revert_latest(SYSTEM, hers, "plays fell") is None
    entry = await ledger.propose(SYSTEM, proposal())
    assert await ledger.revert_latest(SYSTEM, hers, "plays fell") is None
    await ledger.apply(SYSTEM, entry.id)
    away = Scope(artist_id="another", genre="house")
    assert await ledger.revert_latest(SYSTEM, away, "plays fell") is None
    undone = await ledger.revert_latest(SYSTEM, hers, "plays fell")
    assert undone is not None
    assert (undone.id, undone.reason) == (entry.id, "plays fell")
    assert await ledger.value(SYSTEM, "choice.form", hers) is None
    told = [e for e in await label.views.events(OPERATOR, 0) if e.kind == "adaptation.changed"]
    assert [e.data["status"] for e in told] == ["proposed", "active", "reverted"]
    assert told[-1].data["why"] == "plays fell"


async def test_who_may_do_what(ledger: AdaptationService) -> None:
    for nobody in (VIEWER, LIMITED):
        with pytest.raises(Forbidden):
            await ledger.propose(nobody, proposal())
    entry = await ledger.propose(SYSTEM, proposal())
    with pytest.raises(Forbidden):
        await ledger.reject(VIEWER, entry.id, "no")
    assert await ledger.get(VIEWER, entry.id) == entry
    assert await ledger.page(LIMITED) == [entry]
