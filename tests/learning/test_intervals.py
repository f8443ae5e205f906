from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.intervals import (
    CaseScores,
    bootstrap_interval,
    case_means,
    mean_interval,
    rate_interval,
    tally,
    unscored_share,
)

SCORES = st.lists(st.floats(-5, 5), min_size=2, max_size=20)


def _cases(rows: list[tuple[float | None, ...]]) -> list[CaseScores]:
    return [CaseScores(case_id=str(n), scores=row) for n, row in enumerate(rows)]


def test_unscored_is_told_apart_from_failed_and_flaky() -> None:
    cases = _cases([(1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, None), (None, None)])
    states = tally(cases)
    assert (states.passed, states.failed, states.flaky, states.unscored) == (1, 1, 2, 1)
    assert unscored_share(cases) == pytest.approx(0.3)


def test_a_missing_score_is_never_a_zero() -> None:
    cases = _cases([(1.0, None), (1.0, 1.0), (None, None)])
    assert case_means(cases).tolist() == [1.0, 1.0]
    assert mean_interval(cases, seed=1).estimate == 1.0


def test_a_case_weighs_the_same_however_many_epochs_it_has() -> None:
    cases = _cases([(1.0,) * 9, (0.0,)])
    assert mean_interval(cases, seed=1).estimate == 0.5


def test_epochs_are_no_new_cases() -> None:
    once = _cases([(float(n % 2),) for n in range(20)])
    often = _cases([(float(n % 2),) * 10 for n in range(20)])
    assert mean_interval(once, seed=3) == mean_interval(often, seed=3)


@given(SCORES, st.integers(0, 99))
def test_the_interval_holds_the_mean_and_repeats_with_its_seed(
    scores: list[float], seed: int
) -> None:
    first = bootstrap_interval(scores, resamples=100, seed=seed)
    assert first.low <= first.estimate <= first.high
    assert first == bootstrap_interval(scores, resamples=100, seed=seed)


@pytest.mark.parametrize(("size", "skewed"), [(10, False), (40, False), (60, True)])
def test_the_bootstrap_covers_the_truth(size: int, skewed: bool) -> None:
    rng = np.random.default_rng(5)
    held = 0
    for trial in range(400):
        data = rng.exponential(size=size) if skewed else rng.normal(1.0, 1.0, size)
        held += bootstrap_interval(data, resamples=400, seed=trial).holds(1.0)
    assert 0.90 <= held / 400 <= 0.98


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_stays_a_rate_and_is_symmetric(counts: tuple[int, int]) -> None:
    successes, trials = counts
    one, other = rate_interval(successes, trials), rate_interval(trials - successes, trials)
    assert 0.0 <= one.low <= one.estimate <= one.high <= 1.0
    assert one.low == pytest.approx(1.0 - other.high)
    assert one.high > one.low


def test_wilson_agrees_with_a_published_example() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I.
    interval = rate_interval(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize("values", [[1.0], [], [1.0, float("nan")]])
def test_what_has_no_interval_is_refused_by_field(values: list[float]) -> None:
    with pytest.raises(InvalidInput) as refused:
        bootstrap_interval(values, seed=1)
    assert refused.value.field == "values"
    assert refused.value.remedy


@pytest.mark.parametrize("counts", [(3, 2), (-1, 4), (0, 0)])
def test_an_impossible_rate_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput):
        rate_interval(*counts)
