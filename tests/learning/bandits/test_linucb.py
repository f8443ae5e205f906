"""LinUCB: the published bound, found contexts, and a log from which others can be judged."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.bandits.linucb import LinUcb
from learning.bandits.policy import FLOOR, choose


def test_the_bound_is_the_published_one() -> None:
    policy = LinUcb(options=("a", "b"), size=2, alpha=1.5)
    seen = [((1.0, 0.2), 0.7), ((1.0, -0.5), 0.1), ((1.0, 0.9), 0.8)]
    for context, reward in seen:
        policy = policy.update("a", reward, context)
    rows = np.array([context for context, _ in seen])
    known = np.linalg.inv(np.eye(2) + rows.T @ rows)
    x = np.array([1.0, 0.4])
    theta = known @ rows.T @ np.array([reward for _, reward in seen])
    expected = theta @ x + 1.5 * np.sqrt(x @ known @ x)
    assert policy.bounds(x.tolist())[0] == pytest.approx(expected)
    assert policy.predicted(x.tolist())[0] == pytest.approx(theta @ x)
    assert policy.bounds(x.tolist())[1] == pytest.approx(1.5 * np.sqrt(x @ x))


def test_it_learns_which_option_suits_which_context() -> None:
    rng = np.random.default_rng(1)
    policy = LinUcb(options=("calm", "loud"), size=2, spread=0.3)
    for turn in range(200):
        context = (1.0, float(rng.choice([-1.0, 1.0])))
        chosen = choose(policy, name="energy", seed=turn, context=context).chosen
        suits = (chosen == "loud") == (context[1] > 0)
        policy = policy.update(chosen, 0.2 + 0.5 * suits + 0.1 * rng.standard_normal(), context)
    assert policy.probabilities((1.0, 1.0))[1] == pytest.approx(1.0 - FLOOR / 2)
    assert policy.probabilities((1.0, -1.0))[0] == pytest.approx(1.0 - FLOOR / 2)
    assert policy.predicted((1.0, 1.0)) == pytest.approx([0.2, 0.7], abs=0.15)


def test_what_was_forgotten_is_uncertain_again() -> None:
    policy = LinUcb(options=("a", "b"), size=1, discount=0.8)
    fresh = policy.bounds([1.0])[0]
    for _ in range(20):
        policy = policy.update("a", 0.0, [1.0])
    sure = policy.bounds([1.0])[0]
    for _ in range(60):
        policy = policy.update("b", 0.0, [1.0])
    assert sure < 0.6 * fresh
    assert policy.bounds([1.0])[0] == pytest.approx(fresh, abs=1e-3)


@pytest.mark.parametrize("context", [(), (1.0,), (1.0, 2.0, 3.0), (1.0, float("nan"))])
def test_a_context_of_another_size_is_refused(context: tuple[float, ...]) -> None:
    policy = LinUcb(options=("a", "b"), size=2)
    for act in (lambda: policy.probabilities(context), lambda: policy.update("a", 0.1, context)):
        with pytest.raises(InvalidInput) as raised:
            act()
        assert raised.value.field == "context"
