from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.intervals import FloatArray
from learning.sequential import (
    Arm,
    Design,
    Look,
    ShareCheck,
    always_valid_p,
    check_shares,
    guard,
    half_width,
    look,
    plan_means,
    plan_rates,
)

DAYS = 28


def _peeked(base: float, effect: float, per_arm: int, mixing: float, seed: int) -> FloatArray:
    """The least p-value over daily looks in each of a thousand experiments."""
    rng = np.random.default_rng(seed)
    daily = per_arm // DAYS
    units = np.arange(1, DAYS + 1) * daily
    rates = [rng.binomial(daily, r, (1000, DAYS)).cumsum(1) / units for r in (base, base + effect)]
    error = sum(rate * (1 - rate) + 1 / units for rate in rates) / units
    return np.asarray(always_valid_p(rates[1] - rates[0], error, mixing).min(axis=1))


@pytest.mark.parametrize("base", [0.05, 0.3])
def test_daily_peeking_keeps_the_error_and_finds_the_effect(base: float) -> None:
    plan = plan_rates(base, 0.02)
    mixing = plan.design.mixing_variance
    null = _peeked(base, 0.0, plan.per_arm, mixing, seed=1)
    assert np.mean(null <= 0.05) <= 0.05
    found = _peeked(base, 0.02, plan.per_arm, mixing, seed=2)
    assert np.mean(found <= 0.05) >= 0.9


def test_the_price_of_peeking_is_less_than_twice_the_units() -> None:
    plan = plan_rates(0.1, 0.02)
    assert plan.fixed_per_arm < plan.per_arm < 2 * plan.fixed_per_arm
    # 2 · p(1-p) · (1.96 + 1.28)² / δ², with the larger of both rates' variances.
    assert plan.fixed_per_arm == pytest.approx(5140, abs=10)


def test_the_planned_mixture_is_the_best_one() -> None:
    plan = plan_means(1.0, 0.1)
    error = 2.0 / plan.per_arm
    best = half_width(error, plan.design.mixing_variance, 0.05)
    for factor in (0.5, 0.8, 1.25, 2.0):
        assert half_width(error, plan.design.mixing_variance * factor, 0.05) > best


@given(
    st.floats(-3, 3), st.floats(1e-4, 10), st.floats(1e-4, 10), st.sampled_from([0.01, 0.05, 0.2])
)
def test_interval_and_test_say_the_same(
    gap: float, error: float, mixing: float, alpha: float
) -> None:
    p = float(always_valid_p(np.array([gap]), np.array([error]), mixing)[0])
    half = half_width(error, mixing, alpha)
    if abs(abs(gap) - half) > 1e-6:
        assert (p <= alpha) == (abs(gap) > half)


def test_days_joined_are_the_whole() -> None:
    values = np.random.default_rng(1).exponential(size=90)
    days = [Arm.of_values(values[start : start + 30]) for start in (0, 30, 60)]
    joined = days[0].joined(days[1]).joined(days[2])
    whole = Arm.of_values(values)
    assert joined.count == 90
    assert joined.mean == pytest.approx(whole.mean)
    assert joined.variance == pytest.approx(whole.variance)


def test_what_was_once_shown_stays_shown() -> None:
    design = plan_rates(0.1, 0.05).design
    seen = look(Arm.of_rate(100, 1000), Arm.of_rate(200, 1000), design)
    assert seen.verdict == "better"
    later = look(Arm.of_rate(200, 2000), Arm.of_rate(210, 2000), design, seen)
    assert later.verdict == "better"
    assert later.p_value == seen.p_value


def _look(control: tuple[int, int], treatment: tuple[int, int]) -> Look:
    return look(Arm.of_rate(*control), Arm.of_rate(*treatment), plan_rates(0.1, 0.05).design)


def test_a_look_says_where_the_experiment_stands() -> None:
    assert "too early" in _look((0, 50), (50, 50)).reason
    assert _look((0, 50), (50, 50)).verdict == "running"
    assert _look((100, 1000), (102, 1000)).verdict == "running"
    assert _look((400, 2000), (200, 2000)).verdict == "worse"
    ended = _look((1000, 10_000), (1000, 10_000))
    assert ended.verdict == "none_shown"
    assert "show no difference" in ended.reason


@pytest.mark.parametrize(
    ("losses", "state"),
    [(300, "breached"), (140, "open"), (100, "safe"), (60, "safe")],
)
def test_guardrails_tell_a_loss_from_its_absence(losses: int, state: str) -> None:
    # Complaints: a lower rate is better.
    design = plan_rates(0.02, 0.005).design
    found = guard(
        Arm.of_rate(100, 5000),
        Arm.of_rate(losses, 5000),
        design,
        margin=0.012,
        higher_is_better=False,
    )
    assert found.state == state


def test_a_sure_loss_below_the_margin_is_no_breach() -> None:
    design = plan_rates(0.5, 0.02).design
    found = guard(
        Arm.of_rate(500_000, 1_000_000), Arm.of_rate(490_000, 1_000_000), design, margin=0.05
    )
    assert found.state == "within_margin"


def test_guardrails_share_the_error_between_them() -> None:
    design = Design(mixing_variance=1e-4, planned_per_arm=1000)
    assert design.shared_by(5).alpha == pytest.approx(0.01)


def test_fair_shares_are_let_pass_and_skewed_ones_caught_while_peeking() -> None:
    rng = np.random.default_rng(4)
    caught = {0.5: 0, 0.53: 0}
    for share in caught:
        for _ in range(150):
            arrived = rng.binomial(500, share, size=DAYS).cumsum()
            seen: ShareCheck | None = None
            for day, first in enumerate(arrived.tolist(), start=1):
                seen = check_shares((first, 500 * day - first), (0.5, 0.5), previous=seen)
            caught[share] += seen is not None and seen.mismatch
    assert caught[0.5] <= 4
    assert caught[0.53] >= 145


def test_continuous_metrics_with_heavy_tails_keep_the_error() -> None:
    rng = np.random.default_rng(6)
    plan = plan_means(2.0, 0.3)
    daily = plan.per_arm // DAYS
    units = np.arange(1, DAYS + 1) * daily
    values = rng.lognormal(0.0, 1.0, size=(2, 400, DAYS, daily))
    sums, squares = values.sum(axis=3).cumsum(axis=2), (values**2).sum(axis=3).cumsum(axis=2)
    means = sums / units
    error = ((squares - units * means**2) / (units - 1) / units).sum(axis=0)
    ps = always_valid_p(means[1] - means[0], error, plan.design.mixing_variance)
    late = ps[:, units >= plan.design.least_per_arm]
    assert np.mean(late.min(axis=1) <= 0.05) <= 0.05


@pytest.mark.parametrize("wrong", [(0.0, 0.02), (1.0, 0.02), (0.5, 0.0), (0.5, 0.6)])
def test_impossible_plans_are_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput):
        plan_rates(*wrong)


def test_arms_without_any_spread_cannot_be_tested() -> None:
    flat = Arm.of_values([1.0] * 200)
    with pytest.raises(InvalidInput):
        look(flat, flat, plan_means(1.0, 0.1).design)
    with pytest.raises(InvalidInput):
        check_shares((1, 2), (0.5, 0.6))
