"""Thompson sampling: the probability of being best is the true one, and posteriors are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from learning.bandits.policy import choose
from learning.bandits.thompson import BetaPrior, BetaThompson, GaussianPrior, GaussianThompson

counts = st.tuples(st.integers(0, 300), st.integers(0, 300))


@given(seen=st.tuples(counts, counts, counts))
@settings(max_examples=25)
def test_the_chance_of_a_rate_to_be_best_is_what_sampling_finds(
    seen: tuple[tuple[int, int], ...],
) -> None:
    names = ("a", "b", "c")
    priors = {
        name: BetaPrior(successes=1.0 + wins, failures=1.0 + losses)
        for name, (wins, losses) in zip(names, seen, strict=True)
    }
    policy = BetaThompson(options=names, priors=priors, floor=0.0)
    rng = np.random.default_rng(1)
    drawn = np.array([rng.beta(1 + wins, 1 + losses, 20_000) for wins, losses in seen])
    expected = np.bincount(drawn.argmax(axis=0), minlength=3) / 20_000
    assert policy.probabilities() == pytest.approx(expected.tolist(), abs=0.015)


def test_the_chance_of_a_mean_to_be_best_is_what_sampling_finds() -> None:
    rng = np.random.default_rng(2)
    policy = GaussianThompson(options=("a", "b", "c"), floor=0.0)
    for option, level, times in (("a", 1.0, 3), ("b", 1.3, 8), ("c", 0.4, 20)):
        for reward in rng.normal(level, 0.5, times):
            policy = policy.update(option, float(reward))
    beliefs = [policy.posterior(option) for option in policy.options]
    drawn = np.array(
        [b.mean + b.scale * rng.standard_t(2 * b.variance_shape, 40_000) for b in beliefs]
    )
    expected = np.bincount(drawn.argmax(axis=0), minlength=3) / 40_000
    assert policy.probabilities() == pytest.approx(expected.tolist(), abs=0.01)


def test_equal_beliefs_give_equal_chances() -> None:
    assert BetaThompson(options=tuple("abcde"), floor=0.0).probabilities() == pytest.approx(
        [0.2] * 5
    )
    policy = GaussianThompson(options=("a", "b"), floor=0.0)
    assert policy.probabilities() == pytest.approx([0.5, 0.5])


def test_a_posterior_is_the_same_at_once_and_bit_by_bit() -> None:
    rewards = [0.3, 1.2, -0.4, 0.9]
    prior = GaussianPrior(mean=0.5, mean_weight=2.0, variance_shape=3.0, variance_scale=1.5)
    policy = GaussianThompson(options=("a", "b"), priors={"a": prior})
    for reward in rewards:
        policy = policy.update("a", reward)
    found = policy.posterior("a")
    # Murphy 2007, equations 86 to 89, by hand.
    mean, n = float(np.mean(rewards)), len(rewards)
    assert found.mean == pytest.approx((2.0 * 0.5 + n * mean) / (2.0 + n))
    assert found.mean_weight == 6.0
    assert found.variance_shape == 5.0
    scale = 1.5 + 0.5 * n * np.var(rewards) + 2.0 * n * (mean - 0.5) ** 2 / (2 * (2.0 + n))
    assert found.variance_scale == pytest.approx(scale)


def test_posterior_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        prior = BetaPrior(successes=3.0, failures=5.0)
        rate = rng.beta(3.0, 5.0)
        wins = float(rng.binomial(40, rate))
        policy = BetaThompson(options=("a", "b"), priors={"a": prior})
        belief = policy.update("a", wins / 40, weight=40.0).posterior("a")
        low, high = np.quantile(rng.beta(belief.successes, belief.failures, 2000), (0.05, 0.95))
        held += low <= rate <= high
    assert 0.85 < held / 400 < 0.95


def test_the_best_rate_is_found_and_regret_stops_growing() -> None:
    rates = {"a": 0.2, "b": 0.3, "c": 0.5}
    early, late = 0.0, 0.0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        policy = BetaThompson(options=tuple(rates))
        for turn in range(300):
            chosen = choose(policy, name="mode", seed=1000 * seed + turn).chosen
            policy = policy.update(chosen, float(rng.random() < rates[chosen]))
            lost = 0.5 - rates[chosen]
            early, late = (early + lost, late) if turn < 100 else (early, late + lost)
    assert late / 2 < 0.4 * early


@pytest.mark.parametrize("reward", [-0.1, 1.1])
def test_a_rate_lies_between_0_and_1(reward: float) -> None:
    with pytest.raises(InvalidInput) as raised:
        BetaThompson(options=("a", "b")).update("a", reward)
    assert raised.value.field == "reward"


def test_what_is_forgotten_falls_back_to_the_prior_and_not_beyond() -> None:
    prior = BetaPrior(successes=4.0, failures=6.0)
    policy = BetaThompson(options=("a", "b"), priors={"a": prior}, discount=0.5)
    policy = policy.update("a", 1.0, weight=100.0)
    for _ in range(60):
        policy = policy.update("b", 0.5)
    belief = policy.posterior("a")
    assert (belief.successes, belief.failures) == pytest.approx((4.0, 6.0))
