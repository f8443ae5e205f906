from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.gate import GateRule, gate, gate_metrics
from learning.intervals import CaseScores
from tests.learning.worlds import levels, run

BASE = levels(150)
BEFORE = run(BASE, seed=1)


def _without(cases: list[CaseScores], share: float) -> list[CaseScores]:
    cut = int(share * len(cases))
    return [
        case.model_copy(update={"scores": (None,)}) if number < cut else case
        for number, case in enumerate(cases)
    ]


def test_the_same_system_passes() -> None:
    found = gate(BEFORE, run(BASE, seed=2), seed=3)
    assert found.verdict == "pass"
    assert "no loss of 5.0 points" in found.reason


def test_a_regression_fails_with_its_size_in_words() -> None:
    found = gate(BEFORE, run(BASE, loss=0.1, seed=2), seed=3)
    assert found.verdict == "fail"
    assert "150 cases" in found.reason
    assert found.comparison is not None
    assert found.comparison.difference.holds(-0.1)


def test_a_sure_but_small_loss_passes_and_says_so() -> None:
    found = gate(run(BASE, noise=0.01, seed=1), run(BASE, noise=0.01, loss=0.02, seed=2), seed=3)
    assert found.verdict == "pass"
    assert "small loss" in found.reason


def test_too_few_cases_decide_nothing() -> None:
    few = levels(12)
    found = gate(run(few, seed=1), run(few, noise=0.3, seed=2), seed=3)
    assert found.verdict == "undecided"
    three = gate(BEFORE[:3], BEFORE[:3], seed=3)
    assert three.verdict == "undecided"
    assert three.comparison is None
    assert "only 3 cases" in three.reason


def test_crashing_on_cases_is_no_way_to_pass() -> None:
    better = run(BASE, loss=-0.05, seed=2)
    assert gate(BEFORE, better, seed=3).verdict == "pass"
    found = gate(BEFORE, _without(better, 0.1), seed=3)
    assert found.verdict == "undecided"
    assert "no score" in found.reason


def test_one_bad_metric_fails_all() -> None:
    found = gate_metrics(
        {
            "rhyme": (BEFORE, run(BASE, seed=2)),
            "meter": (BEFORE, run(BASE, loss=0.1, seed=4)),
        },
        seed=3,
    )
    assert found.verdict == "fail"
    assert found.reason.startswith("meter: worse")
    assert found.metrics["rhyme"].verdict == "pass"


def test_more_metrics_do_not_mean_more_false_alarms() -> None:
    # Twenty metrics without a difference; one test each would alarm in two runs of three.
    alarms = 0
    for trial in range(20):
        base = levels(30, seed=trial)
        runs = {
            str(n): (run(base, seed=1000 * trial + n), run(base, seed=1000 * trial + 500 + n))
            for n in range(20)
        }
        rule = GateRule(margin=0.01)
        alarms += gate_metrics(runs, rule, seed=trial).verdict == "fail"
    assert alarms <= 4


def test_no_metric_is_no_verdict() -> None:
    with pytest.raises(InvalidInput):
        gate_metrics({}, seed=1)


def test_the_verdict_repeats_with_its_seed() -> None:
    after = run(BASE, loss=0.03, noise=0.2, seed=2)
    assert gate(BEFORE, after, seed=9) == gate(BEFORE, after, seed=9)


def test_the_result_can_be_written_down() -> None:
    found = gate(BEFORE, run(BASE, seed=2), seed=3)
    assert type(found).model_validate_json(found.model_dump_json()) == found
    assert np.isfinite(found.comparison.p_value if found.comparison else np.nan)
