"""What another policy would have earned, estimated from choices that were logged.

Every logged choice holds its options and their probabilities, so the reward of a policy that never
ran can be estimated, with an interval, before anybody hears it. Two estimates: SNIPW
(`self_normalised`) needs nothing but the log; `doubly_robust` also uses predictions of the reward
and is right when either the probabilities or the predictions are. Both refuse where the log cannot
tell: an option that was never possible, or too few choices that count (effective sample size).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import FiniteFloat

from domain.choice import CreativeChoice
from domain.errors import InvalidInput
from learning.intervals import (
    LEVEL,
    RESAMPLES,
    FloatArray,
    Frozen,
    Interval,
    bootstrap_interval,
    checked_level,
    expanded_tail,
)

LEAST_EFFECTIVE = 30.0
FOLDS = 5
RIDGE = 1.0
_HELD = 4_000_000


class Logged(Frozen):
    """A choice as it was made, what was known then, and what came of it."""

    choice: CreativeChoice
    reward: FiniteFloat
    context: tuple[FiniteFloat, ...] = ()


# The probability of every option, in the order of the choice's options.
Target = Callable[[Logged], Sequence[float]]


class Estimate(Frozen):
    """The mean reward expected of a policy, and how many logged choices stand behind it."""

    value: Interval
    logged: int
    effective: FiniteFloat


@dataclass(frozen=True)
class Log:
    """Logged choices of one kind as arrays, beside the probabilities of the policy in question."""

    chosen: npt.NDArray[np.intp]
    rewards: FloatArray
    logging: FloatArray
    target: FloatArray
    contexts: FloatArray

    @property
    def weights(self) -> FloatArray:
        """How many times likelier the policy in question makes what was chosen."""
        rows = np.arange(len(self.chosen))
        chance = self.target[rows, self.chosen] / self.logging[rows, self.chosen]
        return np.asarray(chance, dtype=np.float64)

    @property
    def effective(self) -> float:
        """Effective sample size of the weights (Kong 1992): as many equal weights tell as much."""
        weights = self.weights
        squares = float(np.square(weights).sum())
        return float(weights.sum() ** 2 / squares) if squares else 0.0


def read_log(logged: Sequence[Logged], target: Target) -> Log:
    """Put a log beside a policy; raises `InvalidInput` where the log has no support for it."""
    if len({entry.choice.options for entry in logged}) != 1:
        raise InvalidInput(
            "the log is empty, or its choices had different options",
            field="logged",
            remedy="give the choices of one decision, all among the same options",
        )
    if len({len(entry.context) for entry in logged}) != 1:
        raise InvalidInput(
            "contexts differ in size", field="logged", remedy="give what was known each time"
        )
    options = logged[0].choice.options
    log = Log(
        chosen=np.array([options.index(entry.choice.chosen) for entry in logged], dtype=np.intp),
        rewards=np.array([entry.reward for entry in logged], dtype=np.float64),
        logging=np.array([entry.choice.probabilities for entry in logged], dtype=np.float64),
        target=_targets(logged, target, len(options)),
        contexts=np.array([entry.context for entry in logged], dtype=np.float64),
    )
    _check_support(log, options)
    return log


def _targets(logged: Sequence[Logged], target: Target, options: int) -> FloatArray:
    rows = [np.asarray(target(entry), dtype=np.float64) for entry in logged]
    for row in rows:
        whole = row.shape == (options,) and row.min() >= 0.0 and abs(row.sum() - 1.0) < 1e-6
        if not whole:
            raise InvalidInput(
                f"{row.tolist()} are not the probabilities of {options} options",
                field="target",
                remedy="give one for each option, at least 0, with the sum 1",
            )
    return np.array(rows)


def _check_support(log: Log, options: Sequence[str]) -> None:
    rows = np.arange(len(log.chosen))
    missing = (log.target > 0.0) & (log.logging == 0.0)
    missing[rows, log.chosen] |= log.logging[rows, log.chosen] == 0.0
    if missing.any():
        names = [options[place] for place in np.flatnonzero(missing.any(axis=0)).tolist()]
        times = int(missing.any(axis=1).sum())
        raise InvalidInput(
            f"the log cannot tell what {', '.join(names)} would earn: their probability was 0 in "
            f"{times} of {len(rows)} choices",
            field="probabilities",
            remedy="log with a policy that leaves every option a chance",
        )


def self_normalised(
    logged: Sequence[Logged], target: Target, *, seed: int, level: float = LEVEL,
    resamples: int = RESAMPLES, least_effective: float = LEAST_EFFECTIVE,
) -> Estimate:  # fmt: skip
    """SNIPW: the rewards' mean, weighted by how much likelier the policy makes each choice.

    Swaminathan & Joachims 2015, "The Self-Normalized Estimator for Counterfactual Learning";
    the ratio of means is biased by the order of 1/n and cannot leave the range of the rewards.
    The interval resamples choices, weights and rewards together.
    """
    log = read_log(logged, target)
    _check_effective(log, least_effective)
    weights = log.weights
    pairs = np.column_stack([weights * log.rewards, weights])
    sums = _resampled_sums(pairs, resamples, np.random.default_rng(seed))
    kept = sums[sums[:, 1] > 0.0]
    tail = expanded_tail(len(weights), checked_level(level))
    low, high = np.quantile(kept[:, 0] / kept[:, 1], (tail, 1.0 - tail))
    centre = float(pairs[:, 0].sum() / pairs[:, 1].sum())
    value = Interval(
        estimate=centre, low=min(float(low), centre), high=max(float(high), centre), level=level
    )
    return Estimate(value=value, logged=len(weights), effective=log.effective)


def doubly_robust(
    logged: Sequence[Logged], target: Target, *, seed: int, predicted: FloatArray | None = None,
    level: float = LEVEL, resamples: int = RESAMPLES, least_effective: float = LEAST_EFFECTIVE,
) -> Estimate:  # fmt: skip
    """DR: what is predicted of the policy, corrected by the weighted errors of the prediction.

    Dudík, Langford & Li 2011, "Doubly Robust Policy Evaluation and Learning". `predicted` holds a
    reward for each choice and option, (choices, options), by a model that has not seen the choice's
    own reward; left out, `cross_fitted` predicts.
    """
    log = read_log(logged, target)
    _check_effective(log, least_effective)
    model = cross_fitted(log, seed=seed) if predicted is None else predicted
    if model.shape != log.target.shape or not np.isfinite(model).all():
        raise InvalidInput(
            f"predictions of shape {model.shape} do not fit {log.target.shape}",
            field="predicted",
            remedy="predict an ordinary number for every choice and option",
        )
    of_chosen = model[np.arange(len(log.chosen)), log.chosen]
    terms = (log.target * model).sum(axis=1) + log.weights * (log.rewards - of_chosen)
    value = bootstrap_interval(terms, level=level, resamples=resamples, seed=seed)
    return Estimate(value=value, logged=len(terms), effective=log.effective)


def cross_fitted(log: Log, *, seed: int, folds: int = FOLDS) -> FloatArray:
    """The reward of every choice and option, by ridge regressions on the other folds.

    Cross-fitting keeps a choice's own reward out of its prediction (Chernozhukov et al. 2018,
    "Double/debiased machine learning"); one regression an option, on a constant and the context.
    """
    size, options = log.target.shape
    design = np.column_stack([np.ones(size), log.contexts.reshape(size, -1)])
    fold = np.random.default_rng(seed).permutation(size) % folds
    model = np.zeros((size, options))
    # The constant alone stays unpenalised: few observations fall back on the mean, not on 0.
    penalty = RIDGE * np.diag([0.0, *[1.0] * (design.shape[1] - 1)])
    for part in range(folds):
        rest, own = fold != part, fold == part
        for option in range(options):
            known = rest & (log.chosen == option)
            if not known.any():
                model[own, option] = log.rewards[rest].mean() if rest.any() else 0.0
                continue
            x, y = design[known], log.rewards[known]
            theta = np.linalg.lstsq(x.T @ x + penalty, x.T @ y, rcond=None)[0]
            model[own, option] = design[own] @ theta
    return model


def _check_effective(log: Log, least: float) -> None:
    if log.effective < least:
        raise InvalidInput(
            f"{len(log.chosen)} logged choices count as {log.effective:.1f} for this policy, which "
            f"chooses otherwise; at least {least:g} are needed",
            field="logged",
            remedy="log more choices, or judge a policy that is nearer to the one that ran",
        )


def _resampled_sums(rows: FloatArray, resamples: int, rng: np.random.Generator) -> FloatArray:
    """Sums over choices drawn with replacement, (resamples, columns)."""
    size = len(rows)
    at_once = max(1, _HELD // size)
    return np.concatenate(
        [
            rows[rng.integers(size, size=(min(at_once, resamples - start), size))].sum(axis=1)
            for start in range(0, resamples, at_once)
        ]
    )
