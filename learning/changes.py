"""An alarm for lasting changes in a daily series, with stated delay and false alarms.

Two cumulative sums (Page 1954; Montgomery 2019, "Statistical Quality Control", chapter 9) of the
standardised residuals from the series' own level and season. Level, season and deviation are
estimated from a short past, which makes textbook thresholds alarm far too often (Jones, Champ and
Rigdon 2004); so the threshold is found by simulating the whole procedure, estimation included,
on series like this one: same length, same residuals, same autocorrelation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import model_validator

from domain.errors import InvalidInput
from learning.intervals import FloatArray, Frozen, checked_level

Direction = Literal["both", "up", "down"]
Scale = Literal["level", "log"]
WEEK = 7
LEAST_SEASONS = 4
# One odd day must not raise an alarm: what lies further out counts as this many deviations.
_CLIP = 3.0
_REPLICATES = 2000
_MOST_AUTOCORRELATION = 0.8
_LEAST_STEPS = 10


class Calibration(Frozen):
    """A series' normal course and what its alarm promises.

    Within `horizon` days without a change it alarms with probability `false_alarms`. A lasting
    shift of `shift` deviations is found within `horizon` days with probability `found`, half of
    those within `median_delay` and nine tenths of them within `late_delay` days.
    `normal`: the expected value of each day of the season, in the scale's unit (log1p for "log").
    """

    normal: tuple[float, ...]
    deviation: float
    autocorrelation: float
    seen: int
    scale: Scale
    direction: Direction
    shift: float
    threshold: float
    horizon: int
    false_alarms: float
    found: float
    median_delay: int | None
    late_delay: int | None


class Alarm(Frozen):
    """A change: days count from the first after calibration; shift in deviations of the past."""

    direction: Literal["up", "down"]
    began_day: int
    alarmed_day: int
    shift: float
    reason: str


class Watch(Frozen):
    """The alarm's state between days; `see` gives the next one."""

    calibration: Calibration
    day: int = 0
    up: float = 0.0
    down: float = 0.0
    up_sum: float = 0.0
    down_sum: float = 0.0
    up_since: int = 0
    down_since: int = 0
    alarm: Alarm | None = None

    @model_validator(mode="after")
    def _sums(self) -> Watch:
        if min(self.up, self.down) < 0:
            raise ValueError("a cumulative sum is never below zero")
        return self

    @property
    def stale(self) -> bool:
        """Whether the promise on false alarms is used up: calibrate anew on the newer past."""
        return self.day >= self.calibration.horizon

    def see(self, value: float | None) -> Watch:
        """The state after one more day; None is a day without a value, which changes nothing."""
        day = self.day + 1
        if value is None:
            return self.model_copy(update={"day": day})
        known = self.calibration
        place = (known.seen + self.day) % len(known.normal)
        z = (_scaled(np.array([value]), known.scale)[0] - known.normal[place]) / known.deviation
        z = float(np.clip(z, -_CLIP, _CLIP))
        up = max(0.0, self.up + z - known.shift / 2.0)
        down = max(0.0, self.down - z - known.shift / 2.0)
        new = self.model_copy(
            update={
                "day": day,
                "up": up,
                "down": down,
                "up_sum": self.up_sum + z if up else 0.0,
                "down_sum": self.down_sum + z if down else 0.0,
                "up_since": self.up_since if up else day,
                "down_since": self.down_since if down else day,
            }
        )
        return new if self.alarm else new.model_copy(update={"alarm": new._alarm()})

    def reset(self) -> Watch:
        """Begin anew after the cause was reversed: sums and alarm are gone, the day stays."""
        return Watch(
            calibration=self.calibration,
            day=self.day,
            up_since=self.day,
            down_since=self.day,
        )

    def _alarm(self) -> Alarm | None:
        known = self.calibration
        if known.direction != "down" and self.up > known.threshold:
            return self._said("up", self.up_since, self.up_sum)
        if known.direction != "up" and self.down > known.threshold:
            return self._said("down", self.down_since, self.down_sum)
        return None

    def _said(self, direction: Literal["up", "down"], since: int, total: float) -> Alarm:
        shift = total / (self.day - since)
        return Alarm(
            direction=direction,
            began_day=since + 1,
            alarmed_day=self.day,
            shift=shift,
            reason=(
                f"since day {since + 1} the series runs {abs(shift):.1f} deviations "
                f"{'above' if direction == 'up' else 'below'} its normal course"
            ),
        )


def calibrate(
    past: Sequence[float | None],
    *,
    season: int = WEEK,
    shift: float = 1.5,
    false_alarms: float = 0.05,
    horizon: int = 90,
    direction: Direction = "both",
    scale: Scale = "level",
    seed: int,
) -> Calibration:
    """Learn a series' normal course from its past, oldest day first.

    `shift` in deviations is what the alarm is tuned to. The past must be without trend: watch
    rates, or a series from which its trend was taken. Raises InvalidInput when the past is too
    short or never varies.
    """
    checked_level(false_alarms)
    if season < 1 or horizon < 1 or shift <= 0:
        raise InvalidInput("season, horizon and shift must be above zero", field="season")
    values = _scaled(np.array([math.nan if v is None else v for v in past]), scale)
    _long_enough(values, season)
    normal, spread = (part[0] for part in _fit(values[None, :], season))
    places = np.arange(len(values)) % season
    residuals = (values - normal[places]) / spread
    phi = _autocorrelation(residuals)
    runs = _simulate(residuals, normal / spread, phi, horizon, np.random.default_rng(seed))
    peaks = _sums(runs, shift, direction).max(axis=1)
    threshold = float(np.quantile(peaks, 1.0 - false_alarms, method="higher"))
    sign = -1.0 if direction == "down" else 1.0
    crossed = _sums(runs + sign * shift, shift, direction) > threshold
    found = crossed.any(axis=1)
    delays = crossed.argmax(axis=1)[found] + 1
    return Calibration(
        normal=tuple(normal.tolist()),
        deviation=float(spread),
        autocorrelation=phi,
        seen=len(values),
        scale=scale,
        direction=direction,
        shift=shift,
        threshold=threshold,
        horizon=horizon,
        false_alarms=false_alarms,
        found=float(found.mean()),
        median_delay=int(np.median(delays)) if len(delays) else None,
        late_delay=math.ceil(np.quantile(delays, 0.9)) if len(delays) else None,
    )


def first_alarm(
    series: Sequence[float | None], *, direction: Direction = "both", seed: int
) -> Alarm | None:
    """The first alarm in a whole series: four weeks' known values teach, ninety days are watched.

    While nothing happens it is calibrated anew on the newest past. The alarm's days count from
    the first of the series. A series that is too short or never varies has none.
    """
    start = 0
    while (taught := _taught(series, start)) is not None:
        try:
            known = _calibrated(tuple(series[start:taught]), direction, seed)
        except InvalidInput:
            return None
        watch = Watch(calibration=known)
        for value in series[taught : taught + known.horizon]:
            watch = watch.see(value)
            if watch.alarm is not None:
                days = {
                    "began_day": watch.alarm.began_day + taught,
                    "alarmed_day": watch.alarm.alarmed_day + taught,
                }
                return watch.alarm.model_copy(update=days)
        if not watch.stale:
            return None
        start += known.horizon
    return None


def _taught(series: Sequence[float | None], start: int) -> int | None:
    """Where the days end that hold enough values to calibrate on; None when they do not."""
    known = 0
    for day in range(start, len(series)):
        known += series[day] is not None
        if known >= LEAST_SEASONS * WEEK:
            return day + 1
    return None


@lru_cache(maxsize=256)
def _calibrated(past: tuple[float | None, ...], direction: Direction, seed: int) -> Calibration:
    # A week's rhythm needs every weekday twice, which few songs a week do not give.
    return calibrate(past, season=1, direction=direction, seed=seed)


def _scaled(values: FloatArray, scale: Scale) -> FloatArray:
    if scale == "level":
        return values
    if np.nanmin(values, initial=0.0) < 0:
        raise InvalidInput("a log scale has no negative values", field="scale", remedy="level")
    return np.asarray(np.log1p(values))


def _long_enough(values: FloatArray, season: int) -> None:
    known = values[~np.isnan(values)]
    least = LEAST_SEASONS * max(season, 5)
    counts = [np.sum(~np.isnan(values[place::season])) for place in range(season)]
    if len(known) < least or min(counts) < 2:
        raise InvalidInput(
            f"a normal course needs {least} days with values, there are {len(known)}",
            field="past",
            remedy="wait until the series is longer",
        )
    if np.ptp(known) == 0:
        raise InvalidInput("the series never varied", field="past", remedy="watch another series")


def _fit(rows: FloatArray, season: int) -> tuple[FloatArray, FloatArray]:
    """Normal course and deviation of each row.

    Days far out are drawn in first. Effects of the season are shrunk by how much of their spread
    is noise (James and Stein 1961), for four weeks tell little of a Monday.
    """
    middle = np.nanmedian(rows, axis=1, keepdims=True)
    reach = 1.4826 * np.nanmedian(np.abs(rows - middle), axis=1, keepdims=True)
    reach = np.where(reach > 0, reach, np.nanstd(rows, axis=1, keepdims=True))
    drawn = np.clip(rows, middle - 2 * _CLIP * reach, middle + 2 * _CLIP * reach)
    level = np.nanmean(drawn, axis=1, keepdims=True)
    days = np.stack([np.nanmean(drawn[:, p::season], axis=1) for p in range(season)], axis=1)
    effects = days - days.mean(axis=1, keepdims=True)
    places = np.arange(rows.shape[1]) % season
    inside = np.nanvar(drawn - level - effects[:, places], axis=1) * _unbiased(rows, season)
    spread = np.square(effects).sum(axis=1) / max(1, season - 1)
    noise = inside * season / rows.shape[1]
    kept = np.clip(1.0 - noise / np.maximum(spread, 1e-12), 0.0, 1.0)[:, None]
    normal = level + kept * effects
    deviation = np.sqrt(np.nanvar(drawn - normal[:, places], axis=1) * _unbiased(rows, 1))
    return normal, np.maximum(deviation, 1e-9)


def _unbiased(rows: FloatArray, taken: int) -> float:
    known = float(np.sum(~np.isnan(rows[0])))
    return known / max(1.0, known - taken)


def _autocorrelation(residuals: FloatArray) -> float:
    """At lag one, with the bias of short series taken out (Kendall 1954); never below zero."""
    before, after = residuals[:-1], residuals[1:]
    both = ~np.isnan(before) & ~np.isnan(after)
    if both.sum() < 3:
        return 0.0
    squares = float(np.nanmean(np.square(residuals)))
    raw = float((before[both] * after[both]).mean()) / squares
    return float(np.clip(raw + (1 + 3 * raw) / both.sum(), 0.0, _MOST_AUTOCORRELATION))


def _simulate(
    residuals: FloatArray, season: FloatArray, phi: float, horizon: int, rng: np.random.Generator
) -> FloatArray:
    """Standardised days after calibration of series like this one, each with its own fit.

    Autocorrelation is as uncertain as it is from such a past (Bartlett 1946), so each differs.
    """
    steps = residuals[1:] - phi * residuals[:-1]
    steps = steps[~np.isnan(steps)]
    if len(steps) < _LEAST_STEPS:
        # Hardly two days in a row: nothing ties them.
        steps = residuals[~np.isnan(residuals)]
    steps = (steps - steps.mean()) / max(float(steps.std()), 1e-9)
    length = int((~np.isnan(residuals)).sum())
    drawn = rng.choice(steps, size=(_REPLICATES, length + horizon))
    unsure = rng.normal(phi, math.sqrt((1 - phi * phi) / length), size=_REPLICATES)
    ties = np.clip(unsure, 0.0, _MOST_AUTOCORRELATION)
    rows = np.empty_like(drawn)
    rows[:, 0] = drawn[:, 0]
    for day in range(1, drawn.shape[1]):
        rows[:, day] = ties * rows[:, day - 1] + np.sqrt(1 - ties**2) * drawn[:, day]
    places = np.arange(rows.shape[1]) % len(season)
    rows += season[places]
    normal, deviation = _fit(rows[:, :length], len(season))
    return (rows[:, length:] - normal[:, places[length:]]) / deviation[:, None]


def _sums(runs: FloatArray, shift: float, direction: Direction) -> FloatArray:
    """The cumulative sums of many runs, the larger of both sides where both are watched."""
    clipped = np.clip(runs, -_CLIP, _CLIP)
    sides = {"up": (1.0,), "down": (-1.0,), "both": (1.0, -1.0)}[direction]
    sums = np.zeros((len(sides), *runs.shape))
    for number, sign in enumerate(sides):
        total = np.zeros(len(runs))
        for day in range(runs.shape[1]):
            total = np.maximum(0.0, total + sign * clipped[:, day] - shift / 2.0)
            sums[number, :, day] = total
    return np.asarray(sums.max(axis=0))
