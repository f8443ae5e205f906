"""Tunes one choice by a log of what it earned; watches for lasting changes; all by the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actor import Actor
from domain.adaptation import (
    Adaptation,
    AdaptationStatus,
    Change,
    Effect,
    Evidence,
    Proposal,
    Scope,
    drawing_weights,
)
from learning.changes import Alarm, first_alarm
from learning.intervals import Interval
from learning.off_policy import Logged
from learning.tuning import Tuned, difference, surprises, tune
from services.adaptations import AdaptationService

MEASURE = "people moved per people reached"
FEWEST_SONGS = 40
FEWEST_AFTER = 10
# Weights that hardly differ are not worth an entry.
LEAST_CHANGE = 0.05
_DAY = timedelta(days=1)
_SEED = 1
Heard = tuple[datetime, Logged]


@dataclass(frozen=True)
class Tuner:
    """The only owner of `choice.NAME` in the ledger."""

    ledger: AdaptationService
    choice: str

    @property
    def parameter(self) -> str:
        """What it holds in the ledger."""
        return f"choice.{self.choice}"

    @property
    def owner(self) -> str:
        """Its name in the ledger."""
        return f"{self.choice}.bandit"

    async def step(
        self, actor: Actor, scope: Scope, shipped: Mapping[str, float], heard: Sequence[Heard]
    ) -> Adaptation | None:
        """Revert at a lasting fall, else judge the open entry, else bring better weights in force.

        `heard`: choices among the options of `shipped`, oldest first. What lies before a reversal
        or a lasting change is not learnt from. None: nothing to do. Raises `InvalidInput` where
        the log cannot tell, `Conflict` where the ledger refuses.
        """
        since = await self.ledger.reverted_at(actor, self.parameter, scope)
        trusted = [one for one in heard if since is None or one[0] >= since]
        changed = await asyncio.to_thread(change_in, trusted)
        if changed is not None:
            reverted = await self._reverted(actor, scope, changed, trusted)
            if reverted is not None:
                return reverted
            trusted = [one for one in trusted if one[0] >= _began(changed, trusted)]
        live = await self.ledger.live(actor, self.parameter, scope)
        if live is not None and live.status is AdaptationStatus.ACTIVE:
            return await self.judge(actor, live, trusted)
        if len(trusted) < FEWEST_SONGS or len(shipped) < 2:
            return None
        tuned = await asyncio.to_thread(tune, [logged for _, logged in trusted], seed=_SEED)
        now = drawing_weights(shipped, None if live is None else live.change.after)
        if not tuned.harmless or _distance(now, tuned.weights) < LEAST_CHANGE:
            return None
        before = None if live is None else live.change.after
        entry = await self.ledger.propose(actor, self._proposal(scope, before, tuned))
        return await self.ledger.apply(actor, entry.id, "the log leaves no room for harm")

    async def judge(
        self, actor: Actor, entry: Adaptation, heard: Sequence[Heard]
    ) -> Adaptation | None:
        """Confirm or revert by what the songs since then earned beside those before."""
        after = [logged.reward for at, logged in heard if at >= entry.settled_at]
        before = [logged.reward for at, logged in heard if at < entry.settled_at]
        if len(after) < FEWEST_AFTER or len(before) < FEWEST_AFTER:
            return None
        effect = difference(after, before)
        await self.ledger.observe(actor, entry.id, effect_of(effect, len(after)))
        if effect.high < 0.0:
            why = f"{MEASURE} fell by {-effect.estimate:.3f} over {len(after)} songs"
            return await self.ledger.revert(actor, entry.id, why)
        return await self.ledger.confirm(actor, entry.id, f"no harm over {len(after)} songs")

    async def _reverted(
        self, actor: Actor, scope: Scope, alarm: Alarm, heard: Sequence[Heard]
    ) -> Adaptation | None:
        """Undo what came into force last before the alarm."""
        began, alarmed = _began(alarm, heard), _day_of(alarm.alarmed_day, heard)
        why = (
            f"{MEASURE} fell for good from {began:%Y-%m-%d} on, as was clear on "
            f"{alarmed:%Y-%m-%d}: {abs(alarm.shift):.1f} deviations below what songs of the same "
            f"{self.choice} had earned"
        )
        return await self.ledger.revert_latest(actor, scope, why, before=alarmed + _DAY)

    def _proposal(self, scope: Scope, before: object, tuned: Tuned) -> Proposal:
        best = max(tuned.weights, key=lambda option: tuned.weights[option])
        effect = effect_of(tuned.gain, tuned.logged)
        says = (
            f"{tuned.logged} songs, worth {tuned.effective:.0f}: judged on songs that the weights "
            "were not learnt from (SNIPW)"
        )
        change = {"parameter": self.parameter, "before": before, "after": tuned.weights}
        return Proposal(
            hypothesis=f"Songs of the {self.choice} {best} move more people that they reach.",
            change=Change.model_validate(change),
            scope=scope,
            evidence=(Evidence(kind="estimate", says=says, effect=effect),),
            expected=effect,
            owner=self.owner,
        )


def change_in(heard: Sequence[Heard]) -> Alarm | None:
    """The lasting fall in what songs earn beside songs of the same option, if there is one."""
    if not heard:
        return None
    days: dict[int, list[float]] = {}
    found = surprises([logged for _, logged in heard])
    for (at, _), surprise in zip(heard, found, strict=True):
        if surprise is not None:
            days.setdefault((at - heard[0][0]) // _DAY, []).append(surprise)
    means = {day: sum(values) / len(values) for day, values in days.items()}
    series = tuple(means.get(day) for day in range(max(means, default=-1) + 1))
    return first_alarm(series, direction="down", seed=_SEED)


def effect_of(interval: Interval, observations: int) -> Effect:
    """An interval of rewards as the ledger keeps it."""
    return Effect(
        measure=MEASURE,
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        observations=observations,
    )


def _began(alarm: Alarm, heard: Sequence[Heard]) -> datetime:
    return _day_of(alarm.began_day, heard)


def _day_of(day: int, heard: Sequence[Heard]) -> datetime:
    return heard[0][0] + (day - 1) * _DAY


def _distance(now: Mapping[str, float], then: Mapping[str, float]) -> float:
    """How much probability moves."""
    total = sum(now.values())
    return sum(abs(now[option] / total - then[option]) for option in now) / 2
