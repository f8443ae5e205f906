"""Trend scores: growth against a thing's own baseline and season.

Growth is the median, over the recent days, of log(1 + count) less that of the same weekdays
before. Medians keep one odd day from making a trend; the interval widens with autocorrelation, and
p-values of many things are adjusted, for among a hundred steady ones some look as if they rose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from scipy import stats

from domain.errors import InvalidInput
from learning.compare import benjamini_hochberg
from learning.forecast import NotEnough
from learning.intervals import FloatArray, Frozen, Interval, checked_level

Way = Literal["rising", "falling", "steady"]
WEEK = 7
RECENT_DAYS = 7
BASELINE_DAYS = 28
# The variance of a median over that of a mean, for normal data.
_MEDIAN = math.pi / 2.0
_MOST_AUTOCORRELATION = 0.7


class Trend(Frozen):
    """Growth as a factor (1: unchanged), its score in standard errors, and what it is called.

    The interval of `growth` is for this thing alone; `way` heeds how many were looked at.
    """

    name: str
    growth: Interval
    score: float
    p_value: float
    adjusted_p: float
    way: Way


def trends(
    series: Mapping[str, Sequence[float | None]],
    *,
    season: int = WEEK,
    recent: int = RECENT_DAYS,
    baseline: int = BASELINE_DAYS,
    level: float = 0.95,
) -> tuple[tuple[Trend, ...], Mapping[str, NotEnough]]:
    """Score daily counts of many things, oldest day first; and name those with too little data.

    The highest score comes first. Only the last `baseline` + `recent` days are used.
    """
    checked_level(level)
    if recent < 3 or baseline < 2 * season:
        raise InvalidInput(
            "a trend needs three recent days and two seasons before them",
            field="baseline",
            remedy=f"try {RECENT_DAYS} and {BASELINE_DAYS}",
        )
    measured: dict[str, tuple[float, float, float]] = {}
    short: dict[str, NotEnough] = {}
    for name, counts in series.items():
        days = _days(counts, recent + baseline)
        seen = int((~np.isnan(days)).sum())
        if seen < 0.8 * (recent + baseline):
            short[name] = NotEnough(
                seen=seen,
                needed=recent + baseline,
                reason=f"not enough data: {seen} of {recent + baseline} days",
            )
        else:
            measured[name] = _growth(days, recent, season)
    ps = {n: float(2.0 * stats.t.sf(abs(g / e), df)) for n, (g, e, df) in measured.items()}
    adjusted = dict(zip(ps, benjamini_hochberg(list(ps.values())), strict=True))
    scored = [_trend(name, m, ps[name], adjusted[name], level) for name, m in measured.items()]
    return tuple(sorted(scored, key=lambda t: (-t.score, t.name))), short


def _days(counts: Sequence[float | None], wanted: int) -> FloatArray:
    last = list(counts)[-wanted:]
    values = np.array(
        [math.nan] * (wanted - len(last)) + [math.nan if c is None else c for c in last]
    )
    if np.nanmin(values, initial=0.0) < 0:
        raise InvalidInput("a count is never negative", field="series", remedy="look at its source")
    return np.asarray(np.log1p(values))


def _growth(days: FloatArray, recent: int, season: int) -> tuple[float, float, float]:
    """Growth in logs, its standard error, and the degrees of freedom of that."""
    before = days[:-recent]
    places = np.arange(len(days)) % season
    middles = np.array([_median(before[places[: len(before)] == p]) for p in range(season)])
    rest = days - np.where(np.isnan(middles), _median(before), middles)[places]
    noise, later = rest[:-recent], rest[-recent:]
    known = noise[~np.isnan(noise)]
    free = max(2.0, len(known) - season)
    # Both estimates of the spread: the robust one is rough for few days, and zero for rare counts.
    robust = 1.4826 * float(np.median(np.abs(known - np.median(known))))
    clipped = np.clip(known, -3 * robust, 3 * robust) if robust > 0 else known
    # Counts vary at least as chance alone makes them: by 1/sqrt(mean) in logs (Poisson).
    chance = math.exp(-0.5 * float(np.nanmedian(before)))
    spread = max(robust, float(clipped.std()), chance) * math.sqrt(len(known) / free)
    phi = _autocorrelation(noise)
    tied = (1 + phi) / (1 - phi)
    seen = int((~np.isnan(later)).sum())
    # Per weekday the baseline is a median of few days: its error is that of known / season days.
    share = min(1.0, seen / season)
    variance = spread**2 * _MEDIAN * tied * (1.0 / max(1, seen) + 1.0 / (len(known) * share))
    return _median(later), math.sqrt(variance), free


def _median(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else math.nan


def _autocorrelation(noise: FloatArray) -> float:
    before, after = noise[:-1], noise[1:]
    both = ~np.isnan(before) & ~np.isnan(after)
    squares = float(np.nansum(np.square(noise)))
    if squares == 0 or both.sum() < 3:
        return 0.0
    raw = float((before[both] * after[both]).sum()) / squares
    return float(np.clip(raw + (1 + 3 * raw) / both.sum(), 0.0, _MOST_AUTOCORRELATION))


def _trend(
    name: str, measured: tuple[float, float, float], p: float, adjusted: float, level: float
) -> Trend:
    growth, error, free = measured
    half = float(stats.t.ppf((1 + level) / 2, free)) * error
    way: Way = "steady"
    if adjusted <= 1 - level:
        way = "rising" if growth > 0 else "falling"
    return Trend(
        name=name,
        growth=Interval(
            estimate=math.exp(growth),
            low=math.exp(growth - half),
            high=math.exp(growth + half),
            level=level,
        ),
        score=growth / error,
        p_value=p,
        adjusted_p=adjusted,
        way=way,
    )
