from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.agreement import (
    Judged,
    Measure,
    SwappedPair,
    alpha_interval,
    examine,
    kappa,
    kappa_interval,
    partial_interval,
    position_bias,
)
from learning.intervals import FloatArray

ITEMS = 150
RNG = np.random.default_rng(0)
QUALITY = RNG.normal(size=ITEMS)
# People like longer texts somewhat: length alone then agrees with them by more than chance.
LENGTH = 300 * np.exp(0.6 * QUALITY + 0.6 * RNG.normal(size=ITEMS))
PEOPLE = QUALITY[:, None] + 0.4 * RNG.normal(size=(ITEMS, 2)) > 0
GRADES = st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=2, max_size=15)


def _judged(values: FloatArray) -> list[Judged]:
    return [
        Judged(
            item_id=str(n),
            judge=(float(values[n]),),
            humans=tuple(PEOPLE[n].astype(float).tolist()),
            length=float(LENGTH[n]),
        )
        for n in range(ITEMS)
    ]


def _yes(scores: FloatArray) -> FloatArray:
    return np.asarray(scores > 0, dtype=np.float64)


def test_a_judge_that_sees_quality_may_be_used() -> None:
    report = examine(_judged(_yes(QUALITY + 0.3 * RNG.normal(size=ITEMS))), seed=1)
    assert report.may_be_used, report.reasons
    assert report.reasons == ()


def test_a_judge_that_sees_length_alone_is_exposed() -> None:
    report = examine(_judged(_yes(LENGTH - np.median(LENGTH))), seed=1)
    assert report.kappa is not None
    # It looks decent: that is why agreement is not enough.
    assert report.kappa.estimate > 0.3
    assert report.length_bias is not None
    assert report.length_bias.low > 0.5
    assert not report.may_be_used
    assert any("favours longer" in reason for reason in report.reasons)
    assert any("beyond what length alone tells" in reason for reason in report.reasons)


def test_a_judge_that_guesses_is_refused() -> None:
    report = examine(_judged(_yes(RNG.normal(size=ITEMS))), seed=1)
    assert report.kappa is not None
    assert report.kappa.holds(0.0)
    assert any("not surely above" in reason for reason in report.reasons)


def test_a_judge_that_says_yes_too_often_is_told_so() -> None:
    report = examine(_judged(_yes(QUALITY + 0.9)), seed=1)
    assert report.yes_bias is not None
    assert report.yes_bias.low > 0.1
    assert any("more of the items" in reason for reason in report.reasons)


def test_a_judge_that_always_says_the_same_has_no_agreement() -> None:
    report = examine(_judged(np.ones(ITEMS)), seed=1)
    assert report.kappa is not None
    assert report.kappa.estimate == pytest.approx(0.0)
    assert report.length_bias is None
    assert not report.may_be_used


def test_people_who_disagree_certify_nobody() -> None:
    items = [
        Judged(item_id=str(n), judge=(n % 2,), humans=(n % 2, n // 2 % 2), length=100 + n)
        for n in range(80)
    ]
    report = examine(items, seed=1)
    assert any("among themselves" in reason for reason in report.reasons)


def test_too_few_items_certify_nobody() -> None:
    report = examine(_judged(_yes(QUALITY))[:20], seed=1)
    assert "only 20 items" in report.reasons[0]


def test_missing_grades_are_left_out_and_counted() -> None:
    items = _judged(_yes(QUALITY))
    items[0] = items[0].model_copy(update={"judge": (None,)})
    items[1] = items[1].model_copy(update={"humans": (None, None)})
    report = examine(items, seed=1)
    assert (report.items, report.ungraded) == (ITEMS - 2, 2)
    with pytest.raises(InvalidInput):
        examine(items[:2], seed=1)


def test_kappa_agrees_with_a_published_example() -> None:
    # Fleiss, Levin and Paik 2003, table 18.1 (shares of 100 items): kappa 0.68.
    shares = {
        (0, 0): 75, (0, 1): 1, (0, 2): 4, (1, 0): 5, (1, 1): 4, (1, 2): 1, (2, 2): 10,
    }  # fmt: skip
    pairs = [pair for pair, count in shares.items() for _ in range(count)]
    found = kappa([float(a) for a, _ in pairs], [float(b) for _, b in pairs])
    assert found == pytest.approx(0.68, abs=0.005)


@given(GRADES)
def test_kappa_is_one_for_equals_and_symmetric(grades: list[float]) -> None:
    mixed = grades[::-1]
    assert kappa(grades, grades) == (None if len(set(grades)) == 1 else pytest.approx(1.0))
    for weights in ("none", "linear", "quadratic"):
        one, other = kappa(grades, mixed, weights=weights), kappa(mixed, grades, weights=weights)
        assert one == (None if other is None else pytest.approx(other))


def test_weights_forgive_near_misses() -> None:
    one = [1.0, 2.0, 3.0, 4.0, 5.0] * 8
    near = [min(5.0, grade + 1) for grade in one]
    plain, squared = kappa(one, near), kappa(one, near, weights="quadratic")
    assert plain is not None
    assert squared is not None
    assert squared > plain + 0.5


def test_alpha_agrees_with_the_published_example_with_missing_grades() -> None:
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", example C: 0.743 nominal.
    rows = [
        (1, 1, None, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
        (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (None, 5, 5, 5), (None, None, 1, 1),
        (None, None, 3, None),
    ]  # fmt: skip
    found = alpha_interval(rows, seed=1)
    assert found is not None
    assert found.estimate == pytest.approx(0.743, abs=0.001)
    assert found.low < 0.743 < found.high
    assert alpha_interval([(1, 1), (1, 1)], seed=1) is None
    assert alpha_interval([], seed=1) is None


def test_the_interval_of_kappa_covers_the_truth() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for trial in range(200):
        truth = rng.integers(0, 2, 80)
        copied = np.where(rng.random(80) < 0.8, truth, 1 - truth)
        found = kappa_interval(truth.tolist(), copied.tolist(), seed=trial)
        held += found is not None and found.holds(0.6)
    assert held / 200 >= 0.9


def test_a_partial_correlation_takes_the_common_cause_out() -> None:
    cause = RNG.normal(size=300)
    one, other = cause + 0.1 * RNG.normal(size=300), cause + 0.1 * RNG.normal(size=300)
    found = partial_interval(one, other, cause, seed=1)
    assert found is not None
    assert found.holds(0.0)
    assert partial_interval(one, np.ones(300), cause, seed=1) is None


def test_order_of_showing_is_seen_in_pairs() -> None:
    fair = [SwappedPair(pair_id=str(n), given="first", swapped="second") for n in range(40)]
    first = [SwappedPair(pair_id=str(n), given="first", swapped="first") for n in range(40)]
    calm, biased = position_bias(fair), position_bias([*fair, *first])
    assert calm is not None
    assert (calm.consistent.estimate, calm.first) == (1.0, None)
    assert biased is not None
    assert biased.first is not None
    assert biased.first.low > 0.9
    report = examine(_judged(_yes(QUALITY)), [*fair, *first], seed=1)
    assert any("both orders" in reason for reason in report.reasons)
    assert position_bias([]) is None


@pytest.mark.parametrize(
    ("measure", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_that_of_the_published_example(measure: Measure, alpha: float) -> None:
    # Krippendorff 2011, section C: four observers, twelve units, grades missing.
    coders = ("123321412   ", "1233224125 3", " 3332342251 ", "12332441251 ")
    units = zip(*coders, strict=True)
    rows = [[None if grade == " " else float(grade) for grade in unit] for unit in units]
    found = alpha_interval(rows, measure=measure, seed=1)
    assert found is not None
    assert found.estimate == pytest.approx(alpha, abs=5e-4)
