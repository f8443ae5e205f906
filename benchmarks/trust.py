"""Measure how far the statistics may be trusted: `python -m benchmarks trust [--runs 1000]`.

Simulated worlds whose truth is known: experiments looked at daily, intervals, the regression gate
and the alarm for changes. Every share stands beside its 95 % Monte Carlo interval, in percent.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.table import Column, Row, Table, print_tables
from learning.changes import Watch, calibrate
from learning.intervals import FloatArray, Interval, bootstrap_interval, rate_interval
from learning.power import Noise, gate_power
from learning.sequential import Plan, always_valid_p, plan_means, plan_rates

LOOKS = 28
EFFECT = 0.02
ALPHA = 0.05
SHARE = (Column("%"), Column("low"), Column("high"))
PAST_DAYS = 56
WATCHED_DAYS = 90
# Gates and alarms repeat slower than experiments.
_ALARM_RUNS = 400
Flags = npt.NDArray[np.bool_]
Draw = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]


def share(flags: Flags) -> tuple[float, float, float]:
    """A share in percent with its Monte Carlo interval."""
    return percent(rate_interval(int(flags.sum()), flags.size))


def percent(interval: Interval) -> tuple[float, float, float]:
    """An interval in percent."""
    return 100 * interval.estimate, 100 * interval.low, 100 * interval.high


def rates(base: float, effect: float, plan: Plan, runs: int, seed: int) -> tuple[FloatArray, ...]:
    """Differences of two rates and the variances of their errors, at each day's look."""
    rng = np.random.default_rng(seed)
    daily = -(-plan.per_arm // LOOKS)
    units = np.arange(1, LOOKS + 1) * daily
    arms = [rng.binomial(daily, r, (runs, LOOKS)).cumsum(axis=1) for r in (base, base + effect)]
    smooth = [(arm + 1) / (units + 2) for arm in arms]
    error = sum(rate * (1 - rate) for rate in smooth) / units
    keep = units >= plan.design.least_per_arm
    return ((arms[1] - arms[0]) / units)[:, keep], np.asarray(error)[:, keep]


def means(effect: float, plan: Plan, runs: int, seed: int) -> tuple[FloatArray, ...]:
    """The same for means of a heavy-tailed metric of deviation one."""
    rng = np.random.default_rng(seed)
    daily = -(-plan.per_arm // LOOKS)
    units = np.arange(1, LOOKS + 1) * daily
    sums, squares = np.zeros((2, runs, LOOKS)), np.zeros((2, runs, LOOKS))
    spread = float(np.sqrt((np.e - 1) * np.e))
    for arm, run in itertools.product(range(2), range(runs)):
        values = rng.lognormal(size=(LOOKS, daily)) / spread + effect * arm
        sums[arm, run] = values.sum(axis=1).cumsum()
        squares[arm, run] = np.square(values).sum(axis=1).cumsum()
    level = sums / units
    error = ((squares - units * np.square(level)) / (units - 1) / units).sum(axis=0)
    keep = units >= plan.design.least_per_arm
    return (level[1] - level[0])[:, keep], error[:, keep]


def experiments(runs: int) -> tuple[Table, Table]:
    """False positives without, and findings with, a planted effect; the naive test beside ours."""
    false, found = [], []
    naive = "a plain z-test, base 10 %"
    for base in (0.02, 0.1, 0.5):
        plan = plan_rates(base, EFFECT)
        null = rates(base, 0.0, plan, runs, 1)
        worlds = [_ever(rates(base, e, plan, runs, 2), plan) for e in (EFFECT, -EFFECT / 2)]
        name = f"base {100 * base:.0f} %"
        false.append(Row(name, share(_ever(null, plan))))
        sizes = (float(plan.per_arm), float(plan.fixed_per_arm))
        found.append(Row(name, (*sizes, *share(worlds[0]), 100 * float(worlds[1].mean()))))
        if base == 0.1:
            z = np.abs(null[0]) / np.sqrt(null[1])
            fooled = np.asarray((z > stats.norm.ppf(1 - ALPHA / 2)).any(axis=1))
            false.append(Row(naive, share(fooled)))
    plan = plan_means(1.0, 0.1)
    heavy = "a heavy-tailed mean, effect 0.1"
    false.append(Row(heavy, share(_ever(means(0.0, plan, runs, 3), plan))))
    hits = [_ever(means(e, plan, runs, 4), plan) for e in (0.1, 0.05)]
    sizes = (float(plan.per_arm), float(plan.fixed_per_arm))
    found.append(Row(heavy, (*sizes, *share(hits[0]), 100 * float(hits[1].mean()))))
    title = f"{runs} A/A experiments, looked at on each of {LOOKS} days: false positives"
    columns = (Column("units an arm", 0), Column("for one look", 0), *SHARE, Column("half effect"))
    return (
        Table(title, SHARE, tuple(false), baseline=naive),
        Table(
            f"A planted effect of {100 * EFFECT:.0f} points, at the printed size: found",
            columns,
            tuple(found),
            baseline="base 10 %",
        ),
    )


def intervals(runs: int) -> Table:
    """How often bootstrap intervals hold the true mean, the plain percentile one beside ours."""
    worlds: dict[str, tuple[Draw, float]] = {
        "normal": (lambda rng, size: rng.normal(size=size), 0.0),
        "skewed (exponential)": (lambda rng, size: rng.exponential(size=size), 1.0),
        "pass or fail, 80 %": (lambda rng, size: (rng.random(size) < 0.8).astype(float), 0.8),
    }
    rows = []
    for (name, (draw, truth)), size in itertools.product(worlds.items(), (10, 30, 100)):
        rng = np.random.default_rng(5)
        held = np.array(
            [
                bootstrap_interval(draw(rng, (size,)), resamples=800, seed=n).holds(truth)
                for n in range(runs)
            ]
        )
        rows.append(Row(f"{name}, {size} cases", share(held)))
    return Table("95 % bootstrap intervals of a mean: held the truth", SHARE, tuple(rows),
                 baseline="normal, 30 cases")  # fmt: skip


def gates(runs: int) -> Table:
    """The regression gate against five points over sizes and deviations of case differences."""
    rows = []
    for size, deviation in itertools.product((30, 60, 120, 300), (0.1, 0.2, 0.4)):
        rng = np.random.default_rng(6)
        levels = np.full(4000, 0.7)
        drawn = rng.normal(0.0, deviation, 4000)
        noise = Noise(drawn - drawn.mean(), levels)
        found = gate_power(noise, cases=size, effect=0.05, plant="shift", simulations=runs, seed=7)
        figures = (*percent(found.power), *percent(found.false_alarms))
        rest = (100 * found.missed.estimate, 100 * found.passed.estimate)
        rows.append(Row(f"{size} cases, deviation {deviation:g}", (*figures, *rest)))
    columns = (
        Column("power %"), Column("low"), Column("high"), Column("false alarms %"), Column("low"),
        Column("high"), Column("passed a loss %"), Column("passed no loss %"),
    )  # fmt: skip
    title = "The gate: a planted loss of 5 points failed; nothing planted failed; what passed"
    return Table(title, columns, tuple(rows), baseline="120 cases, deviation 0.2")


def alarms(runs: int) -> Table:
    """False alarms in ninety days, stated to be five percent, and delays beside those stated."""
    rows = []
    for phi, size in itertools.product((0.0, 0.4), (1.5, 3.0)):
        false, found, delays, stated = [], [], [], []
        for run in range(runs):
            series = weekly(phi, run)
            known = calibrate(series[:PAST_DAYS].tolist(), shift=size, seed=run)
            later = series[PAST_DAYS:]
            false.append(_alarm_day(Watch(calibration=known), later) is not None)
            day = _alarm_day(Watch(calibration=known), later - size)
            found.append(day is not None)
            delays += [] if day is None else [day]
            stated.append((known.median_delay or 0, known.late_delay or 0))
        middle, late = np.median(np.array(stated), axis=0)
        seen = (float(np.median(delays)), float(np.quantile(delays, 0.9)))
        figures = (*share(np.array(false)), 100 * float(np.mean(found)))
        name = f"shift of {size:g} deviations, autocorrelation {phi:g}"
        rows.append(Row(name, (*figures, seen[0], float(middle), seen[1], float(late))))
    columns = (
        Column("false alarms %"), Column("low"), Column("high"), Column("found %"),
        Column("median days", 0), Column("stated", 0), Column("9 of 10 by day", 0),
        Column("stated", 0),
    )  # fmt: skip
    title = f"The alarm for changes: {PAST_DAYS} days of past, {WATCHED_DAYS} days watched"
    return Table(title, columns, tuple(rows), baseline=rows[0].name)


def weekly(phi: float, seed: int) -> FloatArray:
    """A series with a weekly season and autocorrelated noise of deviation one."""
    rng = np.random.default_rng(seed)
    days = PAST_DAYS + WATCHED_DAYS
    noise = rng.normal(size=days)
    for day in range(1, days):
        noise[day] = phi * noise[day - 1] + np.sqrt(1 - phi * phi) * noise[day]
    return np.asarray(noise + np.resize([0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 2.0], days))


def _ever(looks: tuple[FloatArray, ...], plan: Plan) -> Flags:
    ps = always_valid_p(looks[0], looks[1], plan.design.mixing_variance)
    return np.asarray((ps <= plan.design.alpha).any(axis=1))


def _alarm_day(watch: Watch, values: FloatArray) -> int | None:
    for value in values.tolist():
        watch = watch.see(value)
        if watch.alarm is not None:
            return watch.alarm.alarmed_day
    return None


def main() -> int:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="simulated worlds for each figure")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    options = parser.parse_args()
    tables = [
        *experiments(options.runs),
        intervals(options.runs),
        gates(options.runs),
        alarms(min(options.runs, _ALARM_RUNS)),
    ]
    print_tables(tables, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
