"""What a suite of this size can find: detectable effects, needed cases, the gate's error rates.

A score is y = mean + case + epoch, with variance `between` over cases and `within` over the epochs
of a case (one-way random effects; Searle, Casella and McCulloch 1992, "Variance Components",
chapter 3). Comparing on the same cases takes `between` out; what stays is the epochs' noise on
both sides and `interaction`, by how much a change suits some cases and not others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from domain.errors import InvalidInput
from learning.compare import pair, sign_flip_ps
from learning.gate import GateRule, failing, passing
from learning.intervals import CaseScores, FloatArray, Frozen, Interval, rate_interval

Plant = Literal["shift", "break"]
SIMULATIONS = 2000
# Signs for each simulated gate: a p-value of 0.05 is then known to within 0.7 points.
FLIPS = 1000
_BATCH = 50
# Differences drawn for each measured case when epochs stand in for a second run.
_DRAWS = 200
_MOST_CASES = 1_000_000


class Components(Frozen):
    """Variances of a score: over cases, over epochs of a case, and of a change over cases."""

    between: float
    within: float
    interaction: float = 0.0

    def of_difference(self, epochs: int) -> float:
        """The variance of one case's difference between two runs of this many epochs."""
        return self.interaction + 2.0 * self.within / epochs


@dataclass(frozen=True)
class Noise:
    """Differences between two runs of the same system, and the level of the case of each."""

    differences: FloatArray
    levels: FloatArray


class GatePower(Frozen):
    """The gate at one size: shares of simulated runs, with their Monte Carlo intervals.

    `power`: failed with the loss planted; `missed`: passed with the loss planted;
    `false_alarms`: failed with nothing planted; `passed`: passed with nothing planted.
    """

    cases: int
    epochs: int
    effect: float
    power: Interval
    missed: Interval
    false_alarms: Interval
    passed: Interval


def components(cases: Sequence[CaseScores]) -> Components:
    """Variances from one run with epochs, by the method of moments for unequal epochs.

    `interaction` stays 0: one system's run cannot show it, see `components_of_pair`.
    """
    repeated = [np.array(case.scored) for case in cases if len(case.scored) > 0]
    sizes = np.array([len(scores) for scores in repeated], dtype=np.float64)
    total, groups = float(sizes.sum()), len(sizes)
    if groups < 2 or total <= groups:
        raise _no_epochs()
    means = np.array([scores.mean() for scores in repeated])
    inside = sum(float(np.square(scores - scores.mean()).sum()) for scores in repeated)
    within = inside / (total - groups)
    grand = float((sizes * means).sum() / total)
    spread = float((sizes * np.square(means - grand)).sum()) / (groups - 1)
    usual = (total - float(np.square(sizes).sum()) / total) / (groups - 1)
    return Components(between=max(0.0, (spread - within) / usual), within=within)


def components_of_pair(
    baseline: Sequence[CaseScores], candidate: Sequence[CaseScores]
) -> Components:
    """The same from two runs of different systems, which shows the interaction too."""
    ones = [components(run) for run in (baseline, candidate)]
    within = (ones[0].within + ones[1].within) / 2.0
    differences = pair(baseline, candidate).differences
    both = (*baseline, *candidate)
    epochs = len(both) / sum(1.0 / len(c.scored) for c in both if c.scored)
    extra = float(differences.var(ddof=1)) - 2.0 * within / epochs
    between = (ones[0].between + ones[1].between) / 2.0
    return Components(between=between, within=within, interaction=max(0.0, extra))


def detectable_effect(
    variances: Components, *, cases: int, epochs: int, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest true loss that a one-sided test at `alpha` finds with this power.

    (t[1-alpha] + t[power]) times the standard error, in the unit of the score (Cohen 1988,
    "Statistical Power Analysis", chapter 2, with Student's quantiles for few cases).
    """
    if cases < 2 or epochs < 1:
        raise InvalidInput("needs two cases and one epoch at least", field="cases", remedy="add")
    error = math.sqrt(variances.of_difference(epochs) / cases)
    t = stats.t(df=cases - 1)
    return float(t.ppf(1.0 - alpha) + t.ppf(power)) * error


def needed_cases(
    variances: Components, *, effect: float, epochs: int, alpha: float = 0.05, power: float = 0.8
) -> int:
    """How many cases find a loss of this size with this power; at least two."""
    if effect <= 0:
        raise InvalidInput("the effect must be above zero", field="effect", remedy="try 0.05")

    def found(cases: int) -> bool:
        return effect >= detectable_effect(
            variances, cases=cases, epochs=epochs, alpha=alpha, power=power
        )

    low, high = 1, 2
    while not found(high):
        if high > _MOST_CASES:
            raise InvalidInput(
                f"more than {_MOST_CASES} cases would be needed",
                field="effect",
                remedy="ask for a larger effect, or run more epochs",
            )
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def noise_of_pair(baseline: Sequence[CaseScores], candidate: Sequence[CaseScores]) -> Noise:
    """Residual differences of two runs: their mean taken out, their degree of freedom given back.

    With two different systems the noise holds the interaction; with the same one it does not.
    """
    pairs = pair(baseline, candidate)
    size = len(pairs.case_ids)
    if size < 2:
        raise InvalidInput("too few cases have a score in both runs", field="candidate")
    gaps = pairs.differences
    levels = np.array(pairs.baseline)
    return Noise((gaps - gaps.mean()) * math.sqrt(size / (size - 1)), levels)


def noise_of_epochs(
    cases: Sequence[CaseScores], *, epochs: int, interaction: float = 0.0, seed: int
) -> Noise:
    """Differences as two runs of these cases would show them, drawn from each case's own epochs.

    Residuals of a case with m epochs are widened by sqrt(m/(m-1)), which they lack in variance.
    `interaction`: its variance over cases, as measured by `components_of_pair`.
    """
    rng = np.random.default_rng(seed)
    repeated = [np.array(case.scored) for case in cases if len(case.scored) > 1]
    if not repeated:
        raise _no_epochs()
    pools = []
    for scores in repeated:
        residuals = (scores - scores.mean()) * math.sqrt(len(scores) / (len(scores) - 1))
        drawn = rng.choice(residuals, size=(2, _DRAWS, epochs)).mean(axis=2)
        pools.append(drawn[1] - drawn[0])
    differences = np.concatenate(pools)
    if interaction:
        differences += rng.normal(0.0, math.sqrt(interaction), size=len(differences))
    # Either run could have been the first. Taking out the chance mean would turn what is exactly
    # alike into a tiny effect that all cases share, and a sign test would find that.
    levels = np.repeat([scores.mean() for scores in repeated], _DRAWS)
    return Noise(np.concatenate([differences, -differences]), np.tile(levels, 2))


def gate_power(
    noise: Noise,
    *,
    cases: int,
    epochs: int = 1,
    effect: float = 0.05,
    plant: Plant = "break",
    rule: GateRule | None = None,
    simulations: int = SIMULATIONS,
    seed: int,
) -> GatePower:
    """Run the gate's own rule on simulated suites of this size, with and without a planted loss.

    Losses are planted by subtracting `effect` from every case ("shift"), or by making a share of
    the answers worth nothing so that the mean falls by `effect` ("break"), which is noisier.
    """
    rule = rule or GateRule()
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(noise.differences), size=(2, simulations, cases))
    clean = noise.differences[picks[0]]
    worse = noise.differences[picks[1]] - _loss(noise.levels[picks[1]], effect, epochs, plant, rng)
    failed, passed = _judge_all(worse, rule, rng)
    alarms, cleared = _judge_all(clean, rule, rng)
    return GatePower(
        cases=cases,
        epochs=epochs,
        effect=effect,
        power=_share(failed),
        missed=_share(passed),
        false_alarms=_share(alarms),
        passed=_share(cleared),
    )


def _loss(
    levels: FloatArray, effect: float, epochs: int, plant: Plant, rng: np.random.Generator
) -> FloatArray:
    if plant == "shift":
        return np.full_like(levels, effect)
    share = effect / float(levels.mean()) if levels.mean() > 0 else 1.0
    if share >= 1.0:
        raise InvalidInput(
            f"a suite scoring {levels.mean():.2f} cannot lose {effect:.2f}",
            field="effect",
            remedy="plant a smaller loss",
        )
    return levels * rng.binomial(epochs, share, size=levels.shape) / epochs


def _judge_all(
    samples: FloatArray, rule: GateRule, rng: np.random.Generator
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which simulated runs fail, and which pass; too small suites do neither."""
    if samples.shape[1] < rule.least_cases:
        nothing = np.zeros(len(samples), dtype=np.bool_)
        return nothing, nothing
    # Signs are shared within a batch; fresh ones for each keep their chance error from adding up.
    verdicts = []
    for start in range(0, len(samples), _BATCH):
        batch, seed = samples[start : start + _BATCH], int(rng.integers(2**31))
        p_worse = sign_flip_ps(batch, "worse", flips=FLIPS, seed=seed)
        p_inferior = sign_flip_ps(batch + rule.margin, "better", flips=FLIPS, seed=seed)
        verdicts.append((failing(p_worse, p_inferior, rule.alpha), passing(p_inferior, rule.alpha)))
    failed, passed = zip(*verdicts, strict=True)
    return np.concatenate(failed), np.concatenate(passed)


def _share(flags: npt.NDArray[np.bool_]) -> Interval:
    return rate_interval(int(flags.sum()), len(flags))


def _no_epochs() -> InvalidInput:
    return InvalidInput(
        "the noise inside a case cannot be measured from one sample of each",
        field="cases",
        remedy="run the suite with at least two epochs, or measure two runs with noise_of_pair",
    )
