"""Estimates of policies that never ran, held against a truth that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from domain.choice import CreativeChoice
from domain.errors import InvalidInput
from learning.intervals import FloatArray
from learning.off_policy import (
    Logged,
    cross_fitted,
    doubly_robust,
    read_log,
    self_normalised,
)

OPTIONS = ("a", "b", "c")
LOGGING, TARGET = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.3, 0.6])
LEVELS, SLOPES, NOISE = np.array([0.2, 0.5, 0.7]), np.array([0.3, 0.0, -0.2]), 0.3
TRUTH = float(TARGET @ LEVELS)
RUNS, SIZE = 120, 250


def target(entry: Logged) -> Sequence[float]:
    return tuple(TARGET.tolist())


def logged(seed: int, size: int = SIZE, told: FloatArray = LOGGING) -> list[Logged]:
    """Choices by the logging policy; the context moves rewards; `told` is what the log claims."""
    rng = np.random.default_rng(seed)
    context = rng.standard_normal(size)
    chosen = rng.choice(3, size, p=LOGGING)
    rewards = LEVELS[chosen] + SLOPES[chosen] * context + NOISE * rng.standard_normal(size)
    chances = tuple(told.tolist())
    choices = [
        CreativeChoice(name="mode", options=OPTIONS, probabilities=chances, chosen=name, seed=0)
        for name in OPTIONS
    ]
    return [
        Logged(choice=choices[c], reward=r, context=(x,))
        for c, r, x in zip(chosen, rewards.tolist(), context.tolist(), strict=True)
    ]


def right_model(entries: Sequence[Logged]) -> FloatArray:
    context = np.array([entry.context[0] for entry in entries])
    return np.asarray(LEVELS + SLOPES * context[:, None])


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = {"snipw": 0, "dr": 0}
    for seed in range(RUNS):
        entries = logged(seed)
        weighted = self_normalised(entries, target, seed=seed, resamples=300)
        robust = doubly_robust(entries, target, seed=seed, resamples=300)
        held["snipw"] += weighted.value.holds(TRUTH)
        held["dr"] += robust.value.holds(TRUTH)
    # 95 % of 120 within 3 standard errors.
    for name, count in held.items():
        assert count / RUNS > 0.89, name
    assert held["snipw"] < RUNS or held["dr"] < RUNS


def _mean_error(estimates: Sequence[float]) -> float:
    """How far the mean lies from the truth, in its standard errors."""
    errors = np.array(estimates) - TRUTH
    return float(abs(errors.mean()) / (errors.std() / np.sqrt(len(errors))))


def _robust(told: FloatArray, *, right: bool) -> list[float]:
    found = []
    for seed in range(RUNS // 2):
        entries = logged(seed, told=told)
        model = right_model(entries) if right else np.full((SIZE, 3), 0.9)
        done = doubly_robust(entries, target, seed=0, predicted=model, resamples=10)
        found.append(done.value.estimate)
    return found


def test_dr_is_unbiased_when_either_model_is_right_and_not_when_both_are_wrong() -> None:
    wrong = np.array([0.2, 0.3, 0.5])
    assert _mean_error(_robust(LOGGING, right=False)) < 3.0
    assert _mean_error(_robust(wrong, right=True)) < 3.0
    assert _mean_error(_robust(wrong, right=False)) > 6.0


def test_a_good_model_narrows_the_interval() -> None:
    entries = logged(1, 600)
    robust = doubly_robust(entries, target, seed=1).value
    blind = doubly_robust(entries, target, seed=1, predicted=np.zeros((600, 3))).value
    assert robust.high - robust.low < 0.8 * (blind.high - blind.low)


def test_the_policy_that_ran_is_estimated_by_its_own_mean() -> None:
    entries = logged(2)
    found = self_normalised(entries, lambda entry: entry.choice.probabilities, seed=1)
    assert found.value.estimate == pytest.approx(np.mean([entry.reward for entry in entries]))
    assert found.effective == pytest.approx(SIZE)
    assert found.logged == SIZE


def test_snipw_moves_with_the_rewards() -> None:
    entries = logged(3)
    raised = [e.model_copy(update={"reward": e.reward + 10.0}) for e in entries]
    low, high = (self_normalised(given, target, seed=1).value for given in (entries, raised))
    assert high.estimate == pytest.approx(low.estimate + 10.0)
    assert (high.low, high.high) == pytest.approx((low.low + 10.0, low.high + 10.0))


def test_the_same_seed_gives_the_same_interval() -> None:
    entries = logged(4)
    for estimate in (self_normalised, doubly_robust):
        assert estimate(entries, target, seed=5) == estimate(entries, target, seed=5)
        assert estimate(entries, target, seed=5) != estimate(entries, target, seed=6)


def test_predictions_do_not_see_the_reward_they_predict() -> None:
    entries = logged(5, 300)
    changed = [*entries[:-1], entries[-1].model_copy(update={"reward": 1e6})]
    before, after = (cross_fitted(read_log(given, target), seed=1) for given in (entries, changed))
    assert before[-1].tolist() == after[-1].tolist()
    assert before.tolist() != after.tolist()
    assert np.abs(before - right_model(entries)).mean() < 0.15


def test_a_log_without_support_is_refused() -> None:
    never = logged(6, told=np.array([0.7, 0.3, 0.0]))
    never = [entry for entry in never if entry.choice.chosen != "c"]
    for estimate in (self_normalised, doubly_robust):
        with pytest.raises(InvalidInput, match="cannot tell what c would earn") as raised:
            estimate(never, target, seed=1)
        assert raised.value.field == "probabilities"
    # A policy that never wants it needs no support there.
    assert self_normalised(never, lambda entry: (0.5, 0.5, 0.0), seed=1).logged == len(never)


def test_too_few_choices_that_count_are_refused() -> None:
    rare = logged(7, 40)
    for estimate in (self_normalised, doubly_robust):
        with pytest.raises(InvalidInput, match="count as") as raised:
            estimate(rare, lambda entry: (0.0, 0.0, 1.0), seed=1)
        assert raised.value.field == "logged"
        assert estimate(rare, lambda entry: (0.4, 0.3, 0.3), seed=1, least_effective=5).logged == 40


def test_effective_size_is_kongs() -> None:
    log = read_log(logged(8), target)
    weights = (TARGET / LOGGING)[log.chosen]
    assert log.effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


@pytest.mark.parametrize("wrong", [(0.5, 0.5), (0.5, 0.6, 0.1), (1.2, -0.2, 0.0)])
def test_a_policy_must_be_probabilities(wrong: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput) as raised:
        self_normalised(logged(9), lambda entry: wrong, seed=1)
    assert raised.value.field == "target"


def test_choices_of_different_decisions_are_not_mixed() -> None:
    other = CreativeChoice(
        name="key", options=("x", "y"), probabilities=(0.5, 0.5), chosen="x", seed=0
    )
    mixed = [*logged(10), Logged(choice=other, reward=0.1, context=(0.0,))]
    for entries in (mixed, []):
        with pytest.raises(InvalidInput, match="different options"):
            self_normalised(entries, target, seed=1)
