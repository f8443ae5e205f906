from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.calibration import (
    CoverageCurve,
    Reliability,
    coverage_of_days,
    coverage_of_rates,
    reliability,
)
from learning.forecast import NotEnough

WEEKEND = np.tile([0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 2.0], 40)


def _curve(values: list[float]) -> CoverageCurve:
    curve = coverage_of_days(values)
    assert isinstance(curve, CoverageCurve)
    return curve


def test_steady_series_keep_the_promises_and_beat_last_week() -> None:
    rng = np.random.default_rng(1)
    curves = [_curve((20 + WEEKEND[:200] + rng.normal(size=200)).tolist()) for _ in range(12)]
    assert sum(curve.calibrated for curve in curves) >= 10
    assert np.mean([curve.points[1].observed.estimate for curve in curves]) == pytest.approx(
        0.8, abs=0.04
    )
    assert all(curve.skill is not None and curve.skill > 0.1 for curve in curves)
    assert curves[0].forecasts == 150


def test_a_series_that_grows_wilder_breaks_the_promise() -> None:
    rng = np.random.default_rng(2)
    curve = _curve((20 + rng.normal(size=200) * np.repeat([1.0, 6.0], 100)).tolist())
    assert not curve.calibrated


def test_rates_hold_at_least_what_they_promise() -> None:
    rng = np.random.default_rng(3)
    curve = coverage_of_rates([(int(rng.binomial(20, 0.3)), 20) for _ in range(60)])
    assert isinstance(curve, CoverageCurve)
    assert curve.calibrated
    assert curve.skill is None


def test_a_short_past_proves_nothing() -> None:
    assert isinstance(coverage_of_days([1.0, 2.0] * 30), NotEnough)
    assert isinstance(coverage_of_days([]), NotEnough)
    assert isinstance(coverage_of_rates([(1, 2)] * 30), NotEnough)


def test_honest_chances_lie_on_the_line_and_boasts_do_not() -> None:
    rng = np.random.default_rng(4)
    truth = rng.uniform(size=2000)
    came = (rng.random(2000) < truth).tolist()
    honest = reliability(truth.tolist(), came)
    boasting = reliability(np.round(truth).tolist(), came)
    assert isinstance(honest, Reliability)
    assert isinstance(boasting, Reliability)
    assert sum(part.happened.holds(part.foretold) for part in honest.bins) >= 8
    assert sum(part.happened.holds(part.foretold) for part in boasting.bins) <= 2
    assert honest.brier < boasting.brier
    assert honest.brier < honest.base_brier


def test_chances_need_outcomes() -> None:
    assert isinstance(reliability([0.5] * 10, [True] * 10), NotEnough)
    with pytest.raises(InvalidInput):
        reliability([1.5] * 60, [True] * 60)
    with pytest.raises(InvalidInput):
        reliability([0.5] * 60, [True] * 59)
