from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.gate import GateRule
from learning.intervals import CaseScores
from learning.power import (
    Components,
    Noise,
    components,
    components_of_pair,
    detectable_effect,
    gate_power,
    needed_cases,
    noise_of_epochs,
    noise_of_pair,
)
from tests.learning.worlds import levels, run


def test_variances_are_recovered() -> None:
    base = np.random.default_rng(3).normal(0.6, 0.2, 600)
    found = components(run(base, epochs=4, noise=0.1, seed=1))
    assert found.between == pytest.approx(0.04, rel=0.15)
    assert found.within == pytest.approx(0.01, rel=0.1)
    assert found.interaction == 0.0


def test_a_change_that_suits_some_cases_shows_as_interaction() -> None:
    base = levels(600)
    shifted = base + np.random.default_rng(4).normal(0.0, 0.15, 600)
    found = components_of_pair(run(base, epochs=3, seed=1), run(shifted, epochs=3, seed=2))
    assert found.interaction == pytest.approx(0.0225, rel=0.15)
    same = components_of_pair(run(base, epochs=3, seed=1), run(base, epochs=3, seed=2))
    assert same.interaction < 0.002


def test_one_sample_of_each_case_tells_nothing_of_its_noise() -> None:
    for measure in (components, lambda cases: noise_of_epochs(cases, epochs=1, seed=1)):
        with pytest.raises(InvalidInput) as refused:
            measure(run(levels(20), seed=1))
        assert "two epochs" in (refused.value.remedy or "")


def test_needed_cases_and_detectable_effect_are_each_others_inverse() -> None:
    variances = Components(between=0.04, within=0.02, interaction=0.01)
    cases = needed_cases(variances, effect=0.05, epochs=2)
    assert detectable_effect(variances, cases=cases, epochs=2) <= 0.05
    assert detectable_effect(variances, cases=cases - 1, epochs=2) > 0.05
    # (1.645 + 0.842)² · (0.01 + 2·0.02/2) / 0.05² = 74.2, and a little for Student's tails.
    assert 74 <= cases <= 78


def test_more_epochs_help_only_against_noise_inside_cases() -> None:
    noisy = Components(between=0.0, within=0.02)
    split = Components(between=0.0, within=0.0, interaction=0.04)
    assert detectable_effect(noisy, cases=50, epochs=4) == pytest.approx(
        detectable_effect(noisy, cases=50, epochs=1) / 2
    )
    assert detectable_effect(split, cases=50, epochs=4) == detectable_effect(
        split, cases=50, epochs=1
    )


def test_the_simulated_gate_has_the_power_of_the_formula() -> None:
    variances = Components(between=0.04, within=0.01)
    cases = needed_cases(variances, effect=0.05, epochs=1)
    noise = noise_of_pair(run(levels(500), seed=1), run(levels(500), seed=2))
    found = gate_power(noise, cases=cases, plant="shift", simulations=1500, seed=3)
    assert found.power.estimate == pytest.approx(0.8, abs=0.05)
    assert found.false_alarms.low <= 0.05
    assert found.missed.estimate <= 0.07


def test_the_gate_does_not_see_what_is_too_small_for_it() -> None:
    noise = noise_of_pair(run(levels(60), seed=1), run(levels(60), seed=2))
    found = gate_power(noise, cases=10, simulations=400, seed=3)
    assert found.power.high < 0.5
    none = gate_power(noise, cases=5, simulations=400, seed=3)
    assert none.power.estimate == 0.0
    assert none.passed.estimate == 0.0


def test_noise_of_epochs_has_the_variance_of_a_second_run() -> None:
    noise = noise_of_epochs(run(levels(300), epochs=3, seed=1), epochs=2, seed=2)
    assert noise.differences.var() == pytest.approx(2 * 0.01 / 2, rel=0.15)
    wider = noise_of_epochs(run(levels(300), epochs=3, seed=1), epochs=2, interaction=0.04, seed=2)
    assert wider.differences.var() == pytest.approx(0.05, rel=0.15)


def test_broken_answers_lower_the_mean_by_the_planted_loss() -> None:
    quiet = Noise(np.zeros(50), np.full(50, 0.8))
    found = gate_power(quiet, cases=400, effect=0.05, simulations=300, seed=1)
    assert found.power.estimate > 0.9
    assert found.false_alarms.estimate == 0.0
    # A loss of five points against a margin of ten: every run sees it, and lets it pass.
    wide = gate_power(
        quiet, cases=400, effect=0.05, rule=GateRule(margin=0.1), simulations=300, seed=1
    )
    assert wide.missed.estimate > 0.9


def test_a_suite_cannot_lose_what_it_never_had() -> None:
    nothing = [CaseScores(case_id=str(n), scores=(0.0, 0.01)) for n in range(10)]
    with pytest.raises(InvalidInput) as refused:
        gate_power(noise_of_epochs(nothing, epochs=1, seed=1), cases=10, seed=1)
    assert refused.value.field == "effect"
