"""Scores of cases and intervals around their means and rates.

A case is the unit that is drawn: samples of one case (epochs) resemble each other, so the bootstrap
resamples cases with all their epochs, never samples. A score that is missing is None and takes no
part in any mean; it is never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, FiniteFloat, model_validator
from scipy import stats

from domain.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]
CaseState = Literal["passed", "failed", "flaky", "unscored"]

LEVEL = 0.95
RESAMPLES = 2000
# How many numbers a resampling step holds at once: 4 million are 32 MB.
_HELD = 4_000_000


class Frozen(BaseModel):
    """A result: it never changes once computed, and it can be written as JSON."""

    model_config = ConfigDict(frozen=True)


class Interval(Frozen):
    """An estimate with its two-sided interval, in the unit of what was estimated."""

    estimate: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    level: FiniteFloat = LEVEL

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not (self.low <= self.high and 0.0 < self.level < 1.0):
            raise ValueError("an interval runs from low to high at a level between 0 and 1")
        return self

    def holds(self, value: float) -> bool:
        """Whether this value is among those the data do not contradict."""
        return self.low <= value <= self.high


class CaseScores(Frozen):
    """One case of a run: a score for each epoch, None where none could be given."""

    case_id: str
    scores: tuple[FiniteFloat | None, ...]
    slices: Mapping[str, str] = {}

    @property
    def scored(self) -> tuple[float, ...]:
        """The scores there are."""
        return tuple(score for score in self.scores if score is not None)

    @property
    def mean(self) -> float | None:
        """The mean of the scores there are; None when there is none."""
        scored = self.scored
        return math.fsum(scored) / len(scored) if scored else None

    def state(self, pass_at: float = 1.0) -> CaseState:
        """Passed or failed in every epoch, flaky when epochs disagree or one has no score."""
        scored = self.scored
        if not scored:
            return "unscored"
        passed = {score >= pass_at for score in scored}
        if len(passed) > 1 or len(scored) < len(self.scores):
            return "flaky"
        return "passed" if passed.pop() else "failed"


class Tally(Frozen):
    """How many cases are in each state; the four add up to all cases."""

    passed: int
    failed: int
    flaky: int
    unscored: int


def tally(cases: Sequence[CaseScores], pass_at: float = 1.0) -> Tally:
    """Count the states of cases."""
    states = [case.state(pass_at) for case in cases]
    return Tally(
        passed=states.count("passed"),
        failed=states.count("failed"),
        flaky=states.count("flaky"),
        unscored=states.count("unscored"),
    )


def unscored_share(cases: Sequence[CaseScores]) -> float:
    """The share of samples without a score; 0 for no samples."""
    samples = sum(len(case.scores) for case in cases)
    return 1.0 - sum(len(case.scored) for case in cases) / samples if samples else 0.0


def case_means(cases: Sequence[CaseScores]) -> FloatArray:
    """The means of the cases that have a score, in their order."""
    return np.array([m for case in cases if (m := case.mean) is not None], dtype=np.float64)


def mean_interval(
    cases: Sequence[CaseScores], *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int
) -> Interval:
    """The mean over cases, each weighing the same, with a bootstrap interval over cases.

    Raises InvalidInput with fewer than two scored cases. When all cases score alike there is no
    spread to resample and the interval is a point: for pass rates ask `rate_interval`.
    """
    return bootstrap_interval(case_means(cases), level=level, resamples=resamples, seed=seed)


def bootstrap_interval(
    values: npt.ArrayLike, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int
) -> Interval:
    """The mean of independent values with an expanded percentile interval.

    The plain percentile interval is too short for few values; its tails are moved out so that it
    matches Student's t for normal data (Hesterberg 2015, "What Teachers Should Know About the
    Bootstrap", section 4.3). Paired differences are values like any others.
    """
    data = finite(values, "values")
    if len(data) < 2:
        raise InvalidInput(
            f"an interval needs at least two scored cases, there are {len(data)}",
            field="values",
            remedy="run more cases, or look why they have no score",
        )
    means = resampled_means(data, resamples, np.random.default_rng(seed))
    tail = expanded_tail(len(data), level)
    low, high = np.quantile(means, (tail, 1.0 - tail))
    centre = float(data.mean())
    return Interval(
        estimate=centre, low=min(float(low), centre), high=max(float(high), centre), level=level
    )


def resampled_means(data: FloatArray, resamples: int, rng: np.random.Generator) -> FloatArray:
    """Means of samples drawn with replacement, as many as asked for."""
    size = len(data)
    at_once = max(1, _HELD // size)
    return np.concatenate(
        [
            data[rng.integers(size, size=(min(at_once, resamples - start), size))].mean(axis=1)
            for start in range(0, resamples, at_once)
        ]
    )


def expanded_tail(size: int, level: float) -> float:
    """The share to cut from each end of a bootstrap distribution of means of this many values."""
    checked_level(level)
    t = stats.t.ppf((1.0 + level) / 2.0, df=size - 1)
    return float(stats.norm.cdf(-math.sqrt(size / (size - 1)) * t))


def rate_interval(successes: int, trials: int, *, level: float = LEVEL) -> Interval:
    """A rate with Wilson's score interval (Wilson 1927), which holds at 0 and at 1 too.

    Trials must be independent: count cases, not their epochs.
    """
    checked_level(level)
    if not 0 <= successes <= trials or trials == 0:
        raise InvalidInput(
            f"{successes} of {trials} is not a rate",
            field="successes",
            remedy="give at least one trial, and no more successes than trials",
        )
    z = float(stats.norm.ppf((1.0 + level) / 2.0))
    rate = successes / trials
    centre = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials**2)) * z
    half /= 1 + z * z / trials
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(estimate=rate, low=min(low, rate), high=max(high, rate), level=level)


def finite(values: npt.ArrayLike, field: str) -> FloatArray:
    """A flat array of ordinary numbers; raises InvalidInput when one is not."""
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 1 or not np.isfinite(data).all():
        raise InvalidInput(
            f"{field} must be a list of ordinary numbers",
            field=field,
            remedy="leave out what has no value; never write it as NaN",
        )
    return data


def checked_level(level: float) -> float:
    """A share strictly between 0 and 1, such as a confidence level; else raises InvalidInput."""
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"{level} is not between 0 and 1", field="level", remedy="try 0.95")
    return level
