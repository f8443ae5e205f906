from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.forecast import Forecast, NotEnough, RateForecast, forecast, forecast_rate
from learning.intervals import FloatArray

WEEKEND = np.tile([0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 2.0], 40)


def _series(days: int, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.asarray(20.0 + WEEKEND[:days] + rng.normal(size=days))


def _forecast(history: list[float | None], days: int = 7, seed: int = 1) -> Forecast:
    told = forecast(history, days=days, seed=seed)
    assert isinstance(told, Forecast)
    return told


@given(st.integers(0, 49))
def test_below_fifty_observations_it_says_so(seen: int) -> None:
    told = forecast([*[1.0] * seen, None, None], days=3, seed=1)
    rate = forecast_rate([(1, 1)] * seen, trials=5)
    for answer in (told, rate):
        assert isinstance(answer, NotEnough)
        assert answer.reason == f"not enough data: {seen} of 50 observations"


def test_the_next_week_is_foretold_with_its_days() -> None:
    told = _forecast(_series(140, 1).tolist())
    middles = [day.estimate for day in told.days]
    assert middles == pytest.approx((20.0 + WEEKEND[:7]).tolist(), abs=0.9)
    assert np.argmax(middles) == 5


def test_intervals_hold_what_comes_as_often_as_promised() -> None:
    held = []
    for seed in range(60):
        series = _series(127, seed)
        told = _forecast(series[:120].tolist(), seed=seed)
        held += [day.holds(came) for day, came in zip(told.days, series[120:], strict=True)]
    assert 0.72 <= np.mean(held) <= 0.9


def test_what_wanders_is_less_sure_the_further_ahead() -> None:
    walk = 100.0 + np.random.default_rng(2).normal(size=200).cumsum()
    told = _forecast(walk.tolist(), days=14)
    widths = [day.high - day.low for day in told.days]
    assert widths[13] > 2 * widths[0]
    assert told.days[0].estimate == pytest.approx(walk[-1], abs=2.5)


def test_noise_has_no_season() -> None:
    noise = np.random.default_rng(3).normal(50.0, 1.0, size=200)
    middles = [day.estimate for day in _forecast(noise.tolist()).days]
    assert max(middles) - min(middles) < 0.8


def test_missing_days_are_no_zeros() -> None:
    series: list[float | None] = list(_series(140, 4))
    for day in range(60, 140, 5):
        series[day] = None
    told = _forecast(series)
    assert told.observations == 124
    assert min(day.estimate for day in told.days) > 18.0


def test_counts_have_no_negative_forecast() -> None:
    counts = np.random.default_rng(5).poisson(0.6, size=120).astype(float).tolist()
    assert all(day.low >= 0.0 for day in _forecast(counts).days)
    logs = forecast(counts, days=3, scale="log", seed=1)
    assert isinstance(logs, Forecast)
    assert all(day.low >= 0.0 for day in logs.days)


def test_a_rate_is_foretold_with_the_chance_of_few_trials() -> None:
    rng = np.random.default_rng(6)
    told = forecast_rate([(int(rng.binomial(20, 0.3)), 20) for _ in range(60)], trials=10)
    assert isinstance(told, RateForecast)
    assert told.chance.holds(0.3)
    assert told.share.high - told.share.low > 3 * (told.chance.high - told.chance.low)


def test_a_rate_that_changed_is_followed() -> None:
    told = forecast_rate([(2, 20)] * 40 + [(16, 20)] * 40, trials=20)
    assert isinstance(told, RateForecast)
    assert told.chance.estimate > 0.7


def test_it_repeats_with_its_seed() -> None:
    history = _series(80, 7).tolist()
    assert _forecast(history, seed=3) == _forecast(history, seed=3)


def test_what_cannot_be_foretold_is_refused() -> None:
    with pytest.raises(InvalidInput):
        forecast([1.0] * 60, days=0, seed=1)
    with pytest.raises(InvalidInput):
        forecast_rate([(3, 2)] * 60, trials=1)
    with pytest.raises(InvalidInput):
        forecast([-1.0] * 60, days=1, scale="log", seed=1)
