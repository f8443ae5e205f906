"""Experiments with two arms that may be looked at every day.

The test is the mixture sequential probability ratio test with a normal mixture (Robbins 1970;
Johari, Koomen, Pekelis and Walsh 2022, "Always Valid Inference"): under no difference the chance
that its p-value ever falls to `alpha` is at most `alpha`, however often one looks. It uses the
estimated variance and so holds for large samples (Waudby-Smith et al. 2024, "Time-uniform central
limit theory"): nothing is decided before `least_per_arm` units are in each arm. A unit is whatever
was assigned by chance, such as a listener; its plays are summed first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from domain.errors import InvalidInput
from learning.intervals import FloatArray, Frozen, Interval, checked_level, finite

Verdict = Literal["better", "worse", "running", "none_shown"]
GuardState = Literal["breached", "within_margin", "safe", "open"]
LEAST_PER_ARM = 100
# The share test's prior expects deviations of about one and a half points.
_SHARE_CONCENTRATION = 1000.0


class Arm(Frozen):
    """What is known of one arm: units, their mean and their variance, in the metric's unit."""

    count: int
    mean: float
    variance: float

    @classmethod
    def of_rate(cls, successes: int, count: int) -> Self:
        """Units that did or did not; the variance is smoothed so that it is never zero."""
        if not 0 <= successes <= count or count == 0:
            raise InvalidInput(f"{successes} of {count} is not a rate", field="successes")
        smooth = (successes + 1) / (count + 2)
        return cls(count=count, mean=successes / count, variance=smooth * (1.0 - smooth))

    @classmethod
    def of_values(cls, values: npt.ArrayLike) -> Self:
        """One measured value for each unit."""
        data = finite(values, "values")
        if len(data) < 2:
            raise InvalidInput("an arm needs at least two units", field="values", remedy="wait")
        return cls(count=len(data), mean=float(data.mean()), variance=float(data.var(ddof=1)))

    def joined(self, other: Arm) -> Arm:
        """This arm with the units of another day (Chan, Golub and LeVeque 1983)."""
        count = self.count + other.count
        gap = other.mean - self.mean
        squares = (self.count - 1) * self.variance + (other.count - 1) * other.variance
        squares += gap * gap * self.count * other.count / count
        mean = self.mean + gap * other.count / count
        return Arm(count=count, mean=mean, variance=squares / (count - 1))


class Design(Frozen):
    """How an experiment will be judged; fixed before its first look.

    `mixing_variance`: the variance of the effects the test is tuned to, in the metric's unit
    squared; `planned_per_arm`: units after which it ends without a winner.
    """

    mixing_variance: float
    planned_per_arm: int
    alpha: float = 0.05
    least_per_arm: int = LEAST_PER_ARM

    def shared_by(self, tests: int) -> Design:
        """The same with the accepted errors split between several tests (Bonferroni)."""
        return self.model_copy(update={"alpha": self.alpha / tests})


class Plan(Frozen):
    """How many units are needed; `fixed_per_arm`: had one looked only once, at the end."""

    effect: float
    power: float
    per_arm: int
    fixed_per_arm: int
    design: Design


class Look(Frozen):
    """The state of an experiment at one look; the interval holds at all looks together."""

    control: Arm
    treatment: Arm
    difference: Interval
    p_value: float
    verdict: Verdict
    reason: str


class Guard(Frozen):
    """A metric that must not get worse: what is known of its loss so far."""

    state: GuardState
    difference: Interval
    reason: str


class ShareCheck(Frozen):
    """Whether the arms got the shares they should have; a mismatch voids the experiment."""

    counts: tuple[int, ...]
    shares: tuple[float, ...]
    p_value: float
    mismatch: bool


def plan_rates(base: float, effect: float, *, power: float = 0.9, alpha: float = 0.05) -> Plan:
    """Units needed to find a change of `effect` (0.02: two points) from the rate `base`."""
    rates = [rate for rate in (base - effect, base + effect) if 0.0 < rate < 1.0]
    if not 0.0 < base < 1.0 or not rates:
        raise InvalidInput(f"{base} ± {effect} is not a rate", field="base")
    variance = base * (1.0 - base) + max(rate * (1.0 - rate) for rate in rates)
    return _plan(variance, effect, power, alpha)


def plan_means(deviation: float, effect: float, *, power: float = 0.9, alpha: float = 0.05) -> Plan:
    """Units needed to find a change of `effect` in a mean of units with this deviation."""
    if deviation <= 0:
        raise InvalidInput("the deviation must be above zero", field="deviation")
    return _plan(2.0 * deviation**2, effect, power, alpha)


def look(control: Arm, treatment: Arm, design: Design, previous: Look | None = None) -> Look:
    """Judge what is there; hand in the previous look, for what was once shown stays shown."""
    difference = _difference(control, treatment, design)
    few = min(control.count, treatment.count)
    now = 1.0
    if few >= design.least_per_arm:
        error = np.array([_error(control, treatment)])
        gap = np.array([difference.estimate])
        now = float(always_valid_p(gap, error, design.mixing_variance)[0])
    verdict: Verdict
    if previous is not None and previous.verdict in ("better", "worse"):
        verdict = previous.verdict
    elif now <= design.alpha:
        verdict = "better" if difference.estimate > 0 else "worse"
    else:
        verdict = "none_shown" if few >= design.planned_per_arm else "running"
    return Look(
        control=control,
        treatment=treatment,
        difference=difference,
        p_value=min(now, previous.p_value) if previous else now,
        verdict=verdict,
        reason=_reason(verdict, few, design),
    )


def guard(
    control: Arm, treatment: Arm, design: Design, *, margin: float, higher_is_better: bool = True
) -> Guard:
    """Sequential non-inferiority of a guardrail metric; `margin` in the metric's unit.

    A breach is a shown loss that is not surely below the margin. With several guardrails, hand
    in `design.shared_by(their number)`.
    """
    if margin <= 0:
        raise InvalidInput("the margin must be above zero", field="margin")
    difference = _difference(control, treatment, design)
    low, high = difference.low, difference.high
    gain = (low, high) if higher_is_better else (-high, -low)
    if min(control.count, treatment.count) < design.least_per_arm:
        state, reason = "open", f"fewer than {design.least_per_arm} units in an arm"
    elif gain[1] < 0.0 and gain[0] <= -margin:
        state, reason = "breached", "a loss is shown, and it may be as large as the margin"
    elif gain[1] < 0.0:
        state, reason = "within_margin", "a loss is shown, surely smaller than the margin"
    elif gain[0] > -margin:
        state, reason = "safe", "a loss of the margin is excluded"
    else:
        state, reason = "open", "neither a loss nor its absence is shown yet"
    return Guard.model_validate({"state": state, "difference": difference, "reason": reason})


def check_shares(
    counts: Sequence[int],
    shares: Sequence[float],
    *,
    alpha: float = 0.01,
    previous: ShareCheck | None = None,
) -> ShareCheck:
    """Whether units arrive in the intended shares, valid at every look.

    The Bayes factor of a Dirichlet prior around the shares against the shares themselves (Lindon
    and Malek 2022, "Anytime-Valid Inference for Multinomial Count Data").
    """
    seen = np.asarray(counts, dtype=np.float64)
    wanted = np.asarray(shares, dtype=np.float64)
    fits = seen.shape == wanted.shape and len(seen) > 1 and bool((seen >= 0).all())
    if not fits or (wanted <= 0).any() or abs(wanted.sum() - 1.0) > 1e-9:
        raise InvalidInput(
            "counts need as many shares above zero, which add up to one", field="shares"
        )
    prior = _SHARE_CONCENTRATION * wanted
    log_odds = _log_beta(prior + seen) - _log_beta(prior) - float((seen * np.log(wanted)).sum())
    p = math.exp(min(0.0, -log_odds))
    p = min(p, previous.p_value) if previous else p
    return ShareCheck(counts=tuple(counts), shares=tuple(shares), p_value=p, mismatch=p <= alpha)


def always_valid_p(
    difference: FloatArray, error_variance: FloatArray, mixing_variance: float
) -> FloatArray:
    """One over the mixture likelihood ratio, at most 1, for each look; take the least so far.

    `error_variance` is the variance of the difference of means, both in the metric's unit squared.
    """
    total = error_variance + mixing_variance
    log_ratio = 0.5 * np.log(error_variance / total)
    log_ratio += np.square(difference) * mixing_variance / (2.0 * error_variance * total)
    return np.asarray(np.exp(np.minimum(0.0, -log_ratio)))


def half_width(error_variance: float, mixing_variance: float, alpha: float) -> float:
    """Half the length of the interval that belongs to the test: where its p-value is `alpha`."""
    total = error_variance + mixing_variance
    bound = 2.0 * math.log(1.0 / alpha) + math.log(total / error_variance)
    return math.sqrt(error_variance * total / mixing_variance * bound)


def _plan(variance: float, effect: float, power: float, alpha: float) -> Plan:
    """Size for which the last look alone finds the effect with this power.

    The mixture is tuned so that the boundary is lowest there: with r the error's variance over
    the mixture's, 1 + 1/r = -W(-alpha²/e) on the lower branch of Lambert's W (set the derivative
    of the half width by the mixture's variance to zero).
    """
    checked_level(power)
    checked_level(alpha)
    if effect <= 0:
        raise InvalidInput("the effect must be above zero", field="effect", remedy="try 0.02")
    ratio = 1.0 / (-float(special.lambertw(-(alpha**2) / math.e, k=-1).real) - 1.0)
    boundary = half_width(1.0, 1.0 / ratio, alpha)
    z = float(stats.norm.ppf(power))
    once = float(stats.norm.ppf(1.0 - alpha / 2.0))
    per_arm = math.ceil(variance * ((boundary + z) / effect) ** 2)
    return Plan(
        effect=effect,
        power=power,
        per_arm=per_arm,
        fixed_per_arm=math.ceil(variance * ((once + z) / effect) ** 2),
        design=Design(
            mixing_variance=variance / per_arm / ratio, planned_per_arm=per_arm, alpha=alpha
        ),
    )


def _difference(control: Arm, treatment: Arm, design: Design) -> Interval:
    gap = treatment.mean - control.mean
    half = half_width(_error(control, treatment), design.mixing_variance, design.alpha)
    return Interval(estimate=gap, low=gap - half, high=gap + half, level=1.0 - design.alpha)


def _error(control: Arm, treatment: Arm) -> float:
    error = control.variance / control.count + treatment.variance / treatment.count
    if error <= 0:
        raise InvalidInput(
            "every unit has the same value, so nothing can be tested",
            field="variance",
            remedy="wait for more units, or look whether the metric is recorded",
        )
    return error


def _log_beta(weights: FloatArray) -> float:
    return float(special.gammaln(weights).sum() - special.gammaln(weights.sum()))


def _reason(verdict: Verdict, few: int, design: Design) -> str:
    if verdict in ("better", "worse"):
        return f"the treatment is {verdict}, at a chance of error of {design.alpha:g} in all looks"
    if verdict == "none_shown":
        return f"the planned {design.planned_per_arm} units an arm show no difference"
    if few < design.least_per_arm:
        return f"fewer than {design.least_per_arm} units in an arm: too early to judge"
    return f"{few} of {design.planned_per_arm} planned units an arm, no difference shown yet"
