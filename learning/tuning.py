"""From logged choices to weights for drawing the next ones, and whether these may go live."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from learning.bandits.thompson import GaussianPrior, GaussianThompson
from learning.intervals import LEVEL, Frozen, Interval
from learning.off_policy import Logged, self_normalised

# An option never falls below its part of this: without it nothing else can be judged from the log.
FLOOR = 0.2
# Points of reward that may be lost, by the lower end of the interval, for "no harm" to be said.
HARM = 0.02
FOLDS = 5


class Tuned(Frozen):
    """Weights learnt from a log, and what they are expected to change in the mean reward."""

    weights: dict[str, float]
    gain: Interval
    effective: float
    logged: int

    @property
    def harmless(self) -> bool:
        """Whether the interval leaves no room for harm."""
        return self.gain.low >= -HARM


def tune(logged: Sequence[Logged], *, seed: int) -> Tuned:
    """Learn from the whole log; judge on choices that the judged weights were not learnt from.

    All choices have the same options. Raises `InvalidInput` where the log cannot tell.
    """
    held_out = [
        _weights([one for at, one in enumerate(logged) if at % FOLDS != fold], logged)
        for fold in range(FOLDS)
    ]
    mean = float(np.mean([one.reward for one in logged]))
    around = [one.model_copy(update={"reward": one.reward - mean}) for one in logged]
    fold_of = {id(one): at % FOLDS for at, one in enumerate(around)}
    judged = self_normalised(around, lambda one: held_out[fold_of[id(one)]], seed=seed)
    options = logged[0].choice.options
    weights = dict(zip(options, _weights(logged, logged), strict=True))
    return Tuned(
        weights=weights, gain=judged.value, effective=judged.effective, logged=judged.logged
    )


def difference(after: Sequence[float], before: Sequence[float], level: float = LEVEL) -> Interval:
    """How much higher the mean is afterwards (Welch's interval); needs two of each."""
    centre = float(np.mean(after) - np.mean(before))
    if np.ptp(after) == np.ptp(before) == 0.0:
        return Interval(estimate=centre, low=centre, high=centre, level=level)
    bounds = stats.ttest_ind(after, before, equal_var=False).confidence_interval(level)
    return Interval(estimate=centre, low=float(bounds.low), high=float(bounds.high), level=level)


def surprises(logged: Sequence[Logged]) -> list[float | None]:
    """How much each reward differs from the mean of the same option before it; None: its first.

    In log order. What options earn stays near zero whatever is drawn how often, so that a lasting
    fall of this series is a change of the audience or of something that the choice does not hold.
    """
    seen: dict[str, tuple[int, float]] = {}
    found: list[float | None] = []
    for one in logged:
        count, mean = seen.get(one.choice.chosen, (0, 0.0))
        found.append(one.reward - mean if count else None)
        seen[one.choice.chosen] = (count + 1, mean + (one.reward - mean) / (count + 1))
    return found


def _weights(learnt_from: Sequence[Logged], everything: Sequence[Logged]) -> tuple[float, ...]:
    options = everything[0].choice.options
    rewards = [one.reward for one in learnt_from]
    spread = max(float(np.var(rewards)), 1e-6)
    prior = GaussianPrior(
        mean=float(np.mean(rewards)), mean_weight=1.0, variance_shape=2.0, variance_scale=spread
    )
    policy = GaussianThompson(options=options, priors=dict.fromkeys(options, prior), floor=FLOOR)
    for one in learnt_from:
        policy = policy.update(one.choice.chosen, one.reward)
    return policy.probabilities()
