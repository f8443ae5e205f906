"""Tunes one choice by a log of what it earned; watches for lasting changes; all by the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

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
from learning.changes import first_alarm
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
        since = await self.ledger.reverted_at(actor, scope)
        trusted = [one for one in heard if since is None or one[0] >= since]
        fall = await asyncio.to_thread(fall_in, trusted)
        if fall is not None:
            reverted = await self._reverted(actor, scope, fall)
            if reverted is not None:
                return reverted
            trusted = [one for one in trusted if one[0] >= fall.began]
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

    async def _reverted(self, actor: Actor, scope: Scope, fall: Fall) -> Adaptation | None:
        """Undo what came into force last before the alarm, and all weights learnt until then."""
        why = (
            f"{MEASURE} fell for good from {fall.began:%Y-%m-%d} on, as was clear by "
            f"{fall.clear:%Y-%m-%d}: {fall.shift:.1f} deviations below what songs of the same "
            f"{self.choice} had earned"
        )
        done = await self.ledger.revert_latest(actor, scope, why, before=fall.clear)
        # What was learnt before is of an audience that is gone, all of it.
        while (own := await self.ledger.live(actor, self.parameter, scope)) is not None:
            if own.applied_at >= fall.clear:
                break
            done = await self.ledger.revert(actor, own.id, why)
        return done

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


@dataclass(frozen=True)
class Fall:
    """A lasting fall: how far, from when on, and when it was clear."""

    shift: float
    began: datetime
    clear: datetime


def fall_in(heard: Sequence[Heard]) -> Fall | None:
    """The lasting fall in what songs earn beside songs of the same option, if there is one.

    Days without songs do not count: the alarm's four weeks are as many days with songs.
    """
    found = surprises([logged for _, logged in heard])
    days: dict[date, list[float]] = {}
    for (at, _), surprise in zip(heard, found, strict=True):
        if surprise is not None:
            days.setdefault(at.date(), []).append(surprise)
    means = tuple(sum(values) / len(values) for values in days.values())
    alarm = first_alarm(means, direction="down", seed=_SEED)
    if alarm is None:
        return None
    starts = [datetime.combine(day, time(), UTC) for day in days]
    began, clear = starts[alarm.began_day - 1], starts[alarm.alarmed_day - 1]
    return Fall(shift=-alarm.shift, began=began, clear=clear + _DAY)


def effect_of(interval: Interval, observations: int) -> Effect:
    """An interval of rewards as the ledger keeps it."""
    return Effect(
        measure=MEASURE,
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        observations=observations,
    )


def _distance(now: Mapping[str, float], then: Mapping[str, float]) -> float:
    """How much probability moves."""
    total = sum(now.values())
    return sum(abs(now[option] / total - then[option]) for option in now) / 2
