"""Whether forecasts keep their promises: coverage from rolling origins, reliability of chances.

At every day of the past after the fiftieth observation a forecast is made from what was known
then, and held against what came (Tashman 2000, "Out-of-sample tests of forecasting accuracy").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from domain.errors import InvalidInput
from learning.forecast import (
    LEAST_OBSERVATIONS,
    WEEK,
    NotEnough,
    Scale,
    forecast_rate,
    not_enough,
    residuals,
    scaled,
    smooth,
)
from learning.intervals import FloatArray, Frozen, Interval, finite, rate_interval

LEVELS = (0.5, 0.8, 0.9, 0.95)
# Four promises are looked at together (Bonferroni).
_EACH = 1.0 - 0.05 / len(LEVELS)
# Fewer forecasts than this say nothing on coverage.
_LEAST_FORECASTS = 20


class CoveragePoint(Frozen):
    """How often intervals of a nominal level held what came."""

    nominal: float
    observed: Interval

    @property
    def kept(self) -> bool:
        """Whether the past does not show that fewer were held than promised."""
        return self.observed.high >= self.nominal


class CoverageCurve(Frozen):
    """Coverage at several levels, and the skill against "as on the same day a season ago".

    `skill`: the share by which the mean absolute error is smaller than that; negative is worse.
    """

    points: tuple[CoveragePoint, ...]
    forecasts: int
    skill: float | None

    @property
    def calibrated(self) -> bool:
        """Whether every promise is kept."""
        return all(point.kept for point in self.points)


class ReliabilityBin(Frozen):
    """Forecast chances of about the same size, and how often it then happened."""

    foretold: float
    happened: Interval
    count: int


class Reliability(Frozen):
    """Chances against outcomes; Brier's score is 0 at best, `base_brier` that of the plain rate."""

    bins: tuple[ReliabilityBin, ...]
    brier: float
    base_brier: float


def coverage_of_days(
    history: Sequence[float | None], *, season: int = WEEK, scale: Scale = "level"
) -> CoverageCurve | NotEnough:
    """Coverage of one-day forecasts of a series, each made from the days before it alone."""
    values = scaled(history, scale)
    known = np.cumsum(~np.isnan(values))
    days = [
        day
        for day in range(len(values))
        if not np.isnan(values[day]) and known[day] > LEAST_OBSERVATIONS
    ]
    if len(days) < _LEAST_FORECASTS:
        return _too_few(len(known) and int(known[-1]))
    filtered = smooth(values, season)
    tails = np.array([[(1 - n) / 2, (1 + n) / 2] for n in LEVELS])
    inside = np.zeros((len(days), len(LEVELS)))
    errors = np.zeros(len(days))
    for number, day in enumerate(days):
        row = filtered.best(day, 2 * season)
        reach = np.quantile(residuals(filtered, row, day, season), tails)
        errors[number] = filtered.errors[row, day]
        inside[number] = (reach[:, 0] <= errors[number]) & (errors[number] <= reach[:, 1])
    naive = values[days] - values[np.array(days) - season]
    plain = float(np.nanmean(np.abs(naive))) if not np.isnan(naive).all() else 0.0
    return _curve(inside, 1.0 - float(np.abs(errors).mean()) / plain if plain else None)


def coverage_of_rates(history: Sequence[tuple[int, int]]) -> CoverageCurve | NotEnough:
    """Coverage of forecasts of each day's share; a day without trials is passed over.

    Shares of few trials come in steps, so their intervals hold more than they promise.
    """
    inside = []
    for day, (good, of) in enumerate(history):
        past = history[:day]
        if of == 0 or sum(trials for _, trials in past) < LEAST_OBSERVATIONS:
            continue
        told = [forecast_rate(past, trials=of, level=level) for level in LEVELS]
        inside.append([not isinstance(t, NotEnough) and t.share.holds(good / of) for t in told])
    if len(inside) < _LEAST_FORECASTS:
        return _too_few(sum(of for _, of in history))
    return _curve(np.array(inside, dtype=np.float64), None)


def reliability(
    chances: Sequence[float], happened: Sequence[bool], *, bins: int = 10
) -> Reliability | NotEnough:
    """Group forecast chances into equally large bins and count what came (Brier 1950)."""
    told, came = finite(chances, "chances"), np.asarray(happened, dtype=np.float64)
    if len(told) != len(came) or (told < 0).any() or (told > 1).any():
        raise InvalidInput("each chance between 0 and 1 needs one outcome", field="chances")
    if len(told) < LEAST_OBSERVATIONS:
        return not_enough(len(told))
    order = np.argsort(told, kind="stable")
    return Reliability(
        bins=tuple(
            ReliabilityBin(
                foretold=float(told[own].mean()),
                happened=rate_interval(int(came[own].sum()), len(own)),
                count=len(own),
            )
            for own in np.array_split(order, bins)
        ),
        brier=float(np.square(told - came).mean()),
        base_brier=float(came.var()),
    )


def _curve(inside: FloatArray, skill: float | None) -> CoverageCurve:
    return CoverageCurve(
        points=tuple(
            CoveragePoint(
                nominal=level, observed=rate_interval(int(held), len(inside), level=_EACH)
            )
            for level, held in zip(LEVELS, inside.sum(axis=0), strict=True)
        ),
        forecasts=len(inside),
        skill=skill,
    )


def _too_few(seen: int) -> NotEnough:
    needed = LEAST_OBSERVATIONS + _LEAST_FORECASTS
    return NotEnough(
        seen=seen,
        needed=needed,
        reason=f"not enough data to hold forecasts against: {seen} of {needed} observations",
    )
