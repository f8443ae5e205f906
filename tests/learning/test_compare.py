from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.compare import (
    benjamini_hochberg,
    compare,
    compare_slices,
    holm,
    non_inferiority,
    pair,
    sign_flip_p,
    sign_flip_ps,
)
from learning.intervals import CaseScores
from tests.learning.worlds import levels, run

PS = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def _case(case_id: str, *scores: float | None) -> CaseScores:
    return CaseScores(case_id=case_id, scores=scores)


def test_a_planted_loss_is_measured_and_found() -> None:
    base = levels(120)
    found = compare(run(base, seed=1), run(base, loss=0.06, seed=2), seed=3)
    assert found.difference.holds(-0.06)
    assert not found.difference.holds(0.0)
    assert found.p_value < 0.01
    assert found.cases == 120


def test_pairing_removes_how_hard_cases_are() -> None:
    base = levels(80)
    found = compare(run(base, noise=0.02, seed=1), run(base, noise=0.02, seed=2), seed=3)
    assert found.difference.high - found.difference.low < 0.02


def test_cases_without_a_score_are_named_and_not_counted() -> None:
    before = [_case("a", 1.0), _case("b", None), _case("c", 0.5), _case("d", 0.2)]
    after = [_case("d", 0.4), _case("c", 0.5), _case("b", 1.0), _case("a", None)]
    found = pair(before, after)
    assert found.case_ids == ("c", "d")
    assert found.differences.tolist() == pytest.approx([0.0, 0.2])
    assert found.unscored_by_baseline == ("b",)
    assert found.unscored_by_candidate == ("a",)


@pytest.mark.parametrize("after", [["a"], ["a", "b", "c"], ["a", "a", "b"]])
def test_runs_over_other_cases_are_refused(after: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        pair([_case("a", 1.0), _case("b", 1.0)], [_case(name, 1.0) for name in after])
    assert refused.value.field == "candidate"


def test_the_exact_test_is_that_of_all_signs() -> None:
    data = [0.3, -0.1, 0.2, 0.4, -0.05]
    sums = [np.dot(signs, data) for signs in itertools.product((1, -1), repeat=5)]
    assert sign_flip_p(data, "better", seed=1) == np.mean(np.array(sums) >= sum(data) - 1e-12)


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=30))
def test_turning_the_differences_turns_the_test(data: list[float]) -> None:
    turned = [-value for value in data]
    assert sign_flip_p(data, "worse", flips=50, seed=1) == sign_flip_p(
        turned, "better", flips=50, seed=1
    )
    assert 0.0 < sign_flip_p(data, "different", flips=50, seed=1) <= 1.0


def test_without_a_difference_the_test_keeps_its_level() -> None:
    # Negative control: skewed noise on both sides, thrice the same system.
    rng = np.random.default_rng(7)
    samples = rng.exponential(size=(2000, 40)) - rng.exponential(size=(2000, 40))
    for direction in ("worse", "better", "different"):
        assert np.mean(sign_flip_ps(samples, direction, flips=500, seed=1) <= 0.05) < 0.065


def test_no_change_at_all_is_never_a_finding() -> None:
    assert sign_flip_p(np.zeros(30), "different", seed=1) == 1.0


def test_non_inferiority_tells_a_loss_from_a_small_one() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0.0, 0.05, 200)
    noise -= noise.mean()
    none, small, large = (
        non_inferiority(noise - loss, margin=0.05, seed=2) for loss in (0.0, 0.02, 0.08)
    )
    assert none.p_worse > 0.4
    assert none.p_inferior < 0.01
    assert small.p_worse < 0.01
    assert small.p_inferior < 0.01
    assert large.p_worse < 0.01
    assert large.p_inferior > 0.9


@given(PS)
def test_adjusted_p_values_keep_order_and_never_fall(ps: list[float]) -> None:
    for adjusted in (holm(ps), benjamini_hochberg(ps)):
        assert all(after >= before - 1e-12 for before, after in zip(ps, adjusted, strict=True))
        assert all(0.0 <= after <= 1.0 for after in adjusted)
        for (p, a), (q, b) in itertools.combinations(zip(ps, adjusted, strict=True), 2):
            assert (p <= q) <= (a <= b + 1e-12)
    for strict, mild in zip(holm(ps), benjamini_hochberg(ps), strict=True):
        assert mild <= strict + 1e-12


def test_adjusted_p_values_agree_with_an_example_by_hand() -> None:
    ps = [0.01, 0.04, 0.03, 0.005]
    assert holm(ps) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert benjamini_hochberg(ps) == pytest.approx((0.02, 0.04, 0.04, 0.02))
    assert holm([]) == ()


def test_a_loss_in_one_slice_is_found_there_only() -> None:
    base = levels(120)
    before, after = run(base, seed=1), run(base, seed=2)
    after = [
        case.model_copy(update={"scores": tuple(s - 0.2 for s in case.scored)})
        if case.slices["genre"] == "b"
        else case
        for case in after
    ]
    found = {part.slice: part for part in compare_slices(before, after, "genre", seed=3)}
    assert [name for name, part in found.items() if (part.adjusted_p or 1.0) < 0.05] == ["b"]
    shown = found["b"].comparison
    assert shown is not None
    assert shown.difference.level == pytest.approx(1 - 0.05 / 4)


def test_slices_of_the_same_system_are_rarely_called_different() -> None:
    alarms = 0
    for trial in range(60):
        base = levels(48, seed=trial)
        parts = compare_slices(
            run(base, seed=2 * trial), run(base, seed=999 + trial), "genre", seed=1
        )
        alarms += any((part.adjusted_p or 1.0) <= 0.05 for part in parts)
    assert alarms <= 8


def test_a_small_slice_is_named_and_not_judged() -> None:
    small = run(levels(12), seed=1)
    found = compare_slices(small, small, "genre", seed=1)
    assert [(part.cases, part.comparison, part.adjusted_p) for part in found] == [
        (3, None, None)
    ] * 4
