"""Forecasts of daily figures and of rates, with prediction intervals.

Figures (plays, cost): exponential smoothing of a level and an additive season (Hyndman and
Athanasopoulos 2021, "Forecasting: Principles and Practice", chapter 8), its speeds chosen by past
one-step errors, its intervals from paths of those errors. Rates (failures, approvals): a beta
binomial whose past fades. Below fifty observations there is no forecast, and the answer says so.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special, stats

from domain.errors import InvalidInput
from learning.intervals import FloatArray, Frozen, Interval, checked_level

Scale = Literal["level", "log"]
LEAST_OBSERVATIONS = 50
LEVEL = 0.8
WEEK = 7
_PATHS = 1000
# How fast level and season follow what is seen; None: no season at all.
_SPEEDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
_SEASON_SPEEDS = (None, 0.02, 0.1, 0.3)
# How much a day's counts still weigh a day later.
_FADES = (1.0, 0.99, 0.97, 0.93, 0.85)


class NotEnough(Frozen):
    """Too little was seen for a forecast."""

    seen: int
    needed: int
    reason: str


class Forecast(Frozen):
    """The coming days in order, each with its prediction interval, in the series' own unit."""

    days: tuple[Interval, ...]
    observations: int


class RateForecast(Frozen):
    """The chance of a success now, and the share of successes among the next trials."""

    chance: Interval
    share: Interval
    trials: int
    observations: int


@dataclass(frozen=True)
class Smoothed:
    """A filter run over a history, for every pair of speeds (rows) at once.

    `expected` and `errors` are one-step (columns: days; an error is NaN where nothing was seen);
    `level` and `season` are what is known after the last day.
    """

    expected: FloatArray
    errors: FloatArray
    level: FloatArray
    season: FloatArray
    speeds: FloatArray

    def best(self, until: int, since: int) -> int:
        """The row with the least squared error in these days."""
        return int(np.nansum(np.square(self.errors[:, since:until]), axis=1).argmin())


def forecast(
    history: Sequence[float | None],
    *,
    days: int,
    level: float = LEVEL,
    season: int = WEEK,
    scale: Scale = "level",
    seed: int,
) -> Forecast | NotEnough:
    """Forecast a daily series, oldest day first; None is a day without a value.

    `scale="log"` is for figures that grow and vary by factors. A history that was never negative
    has no negative forecast.
    """
    checked_level(level)
    known = [value for value in history if value is not None]
    if len(known) < LEAST_OBSERVATIONS:
        return not_enough(len(known))
    if days < 1 or season < 1:
        raise InvalidInput("days and season must be at least 1", field="days", remedy="1 or more")
    values = scaled(history, scale)
    filtered = smooth(values, season)
    row = filtered.best(len(values), 2 * season)
    paths = _paths(filtered, row, len(values), days, np.random.default_rng(seed))
    paths = np.expm1(paths) if scale == "log" else paths
    sides = np.quantile(paths, np.array([(1 - level) / 2, 0.5, (1 + level) / 2]), axis=0)
    sides = np.maximum(sides, 0.0 if min(known) >= 0 else -math.inf)
    return Forecast(
        days=tuple(
            Interval(estimate=m, low=a, high=b, level=level) for a, m, b in sides.T.tolist()
        ),
        observations=len(known),
    )


def forecast_rate(
    history: Sequence[tuple[int, int]], *, trials: int, level: float = LEVEL
) -> RateForecast | NotEnough:
    """Forecast a rate from days of (successes, trials), oldest first; the past fades as it did.

    Observations are trials. `share` is the interval for the next `trials` of them: it holds what
    chance adds to the uncertain rate.
    """
    checked_level(level)
    if trials < 1 or any(not 0 <= good <= of for good, of in history):
        raise InvalidInput(
            "each day has at most as many successes as trials", field="history", remedy="see it"
        )
    seen = sum(of for _, of in history)
    if seen < LEAST_OBSERVATIONS:
        return not_enough(seen)
    a, b = _faded(history)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    mean = float(a / (a + b))
    low, high = stats.beta.ppf(tails, a, b).tolist()
    least, most = (stats.betabinom.ppf(tails, trials, a, b) / trials).tolist()
    return RateForecast(
        chance=Interval(estimate=mean, low=min(low, mean), high=max(high, mean), level=level),
        share=Interval(estimate=mean, low=min(least, mean), high=max(most, mean), level=level),
        trials=trials,
        observations=seen,
    )


def not_enough(seen: int) -> NotEnough:
    """The answer below fifty observations."""
    return NotEnough(
        seen=seen,
        needed=LEAST_OBSERVATIONS,
        reason=f"not enough data: {seen} of {LEAST_OBSERVATIONS} observations",
    )


def scaled(history: Sequence[float | None], scale: Scale) -> FloatArray:
    """The series as numbers on its scale, NaN where nothing was seen."""
    values = np.array([math.nan if value is None else value for value in history])
    if scale == "level":
        return values
    if np.nanmin(values, initial=0.0) < 0:
        raise InvalidInput("a log scale has no negative values", field="scale", remedy="level")
    return np.asarray(np.log1p(values))


def smooth(values: FloatArray, season: int) -> Smoothed:
    """Run the filter for every pair of speeds over a series."""
    choices = _SEASON_SPEEDS if season > 1 else (None,)
    pairs = list(itertools.product(_SPEEDS, choices))
    speeds = np.array([speed for speed, _ in pairs])
    turning = np.array([float(other or 0.0) for _, other in pairs])
    seasonal = np.array([other is not None for _, other in pairs])
    first = values[: 2 * season]
    start = float(np.nanmean(first)) if not np.isnan(first).all() else float(np.nanmean(values))
    level = np.full(len(pairs), start)
    effects = np.zeros((len(pairs), season))
    for place in range(season):
        own = first[place::season]
        if not np.isnan(own).all():
            effects[seasonal, place] = float(np.nanmean(own)) - start
    expected = np.empty((len(pairs), len(values)))
    errors = np.full_like(expected, np.nan)
    for day, value in enumerate(values):
        place = day % season
        expected[:, day] = level + effects[:, place]
        if not math.isnan(value):
            errors[:, day] = value - expected[:, day]
            level = level + speeds * errors[:, day]
            effects[:, place] += turning * (1.0 - speeds) * errors[:, day]
    return Smoothed(expected, errors, level, effects, speeds)


def residuals(filtered: Smoothed, row: int, until: int, season: int) -> FloatArray:
    """One-step errors so far without the run-in, widened for the parameters that were fitted."""
    seen = filtered.errors[row, 2 * season : until]
    seen = seen[~np.isnan(seen)]
    return np.asarray(seen * math.sqrt(len(seen) / max(1, len(seen) - 2)))


def _paths(
    filtered: Smoothed, row: int, seen: int, days: int, rng: np.random.Generator
) -> FloatArray:
    season = filtered.season.shape[1]
    errors = residuals(filtered, row, seen, season)
    drawn = rng.choice(errors, size=(_PATHS, days))
    carried = filtered.speeds[row] * (np.cumsum(drawn, axis=1) - drawn)
    places = (seen + np.arange(days)) % season
    return np.asarray(filtered.level[row] + filtered.season[row, places] + carried + drawn)


def _faded(history: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Beta weights under the fading that foretold the past best, Jeffreys' prior included."""
    counts = np.array(history, dtype=np.float64)
    fades = np.array(_FADES)
    a, b = np.full(len(fades), 0.5), np.full(len(fades), 0.5)
    told = np.zeros(len(fades))
    for good, of in counts:
        told += special.betaln(a + good, b + of - good) - special.betaln(a, b)
        a, b = 0.5 + fades * (a - 0.5) + good, 0.5 + fades * (b - 0.5) + of - good
    best = int(told.argmax())
    return float(a[best]), float(b[best])
