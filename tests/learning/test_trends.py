from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.trends import trends

DAYS = 35
WEEKEND = np.exp(np.tile([0.0, 0.0, 0.0, 0.0, 0.2, 0.6, 0.4], 5))


def _counts(seed: int, *, mean: float = 40.0, factor: float = 1.0) -> list[float]:
    rng = np.random.default_rng(seed)
    recent = np.where(np.arange(DAYS) >= DAYS - 7, factor, 1.0)
    return [float(count) for count in rng.poisson(mean * WEEKEND * recent)]


def test_growth_is_measured_and_ranked() -> None:
    found, short = trends(
        {"up": _counts(1, factor=2.0), "down": _counts(2, factor=0.5), "flat": _counts(3)}
    )
    assert [(trend.name, trend.way) for trend in found] == [
        ("up", "rising"), ("flat", "steady"), ("down", "falling"),
    ]  # fmt: skip
    assert found[0].growth.holds(2.0)
    assert found[2].growth.holds(0.5)
    assert not short


def test_among_many_steady_things_hardly_one_is_called() -> None:
    found, _ = trends({str(seed): _counts(seed) for seed in range(400)})
    assert sum(trend.way != "steady" for trend in found) <= 2
    assert np.mean([trend.growth.holds(1.0) for trend in found]) >= 0.93


def test_one_odd_day_makes_no_trend() -> None:
    counts = _counts(1)
    counts[-3] *= 30
    assert trends({"spike": counts})[0][0].way == "steady"


def test_rare_things_do_not_trend_by_chance() -> None:
    found, _ = trends({str(seed): _counts(seed, mean=0.3) for seed in range(200)})
    assert sum(trend.way != "steady" for trend in found) <= 2
    assert trends({"never": [0.0] * DAYS})[0][0].growth.estimate == 1.0


def test_short_series_are_named_and_not_scored() -> None:
    found, short = trends({"new": [5.0] * 10, "gaps": [None] * DAYS, "old": _counts(1)})
    assert [trend.name for trend in found] == ["old"]
    assert short["new"].reason == "not enough data: 10 of 35 days"
    assert short["gaps"].seen == 0


def test_impossible_windows_and_counts_are_refused() -> None:
    with pytest.raises(InvalidInput):
        trends({"a": _counts(1)}, baseline=7)
    with pytest.raises(InvalidInput):
        trends({"a": [-1.0] * DAYS})
