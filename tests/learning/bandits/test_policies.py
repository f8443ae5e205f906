"""All bandits: probabilities that can be logged, choices that repeat, states that can be kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.errors import InvalidInput
from learning.bandits.baselines import EpsilonGreedy, Uniform
from learning.bandits.linucb import LinUcb
from learning.bandits.policy import choose
from learning.bandits.states import AnyPolicy, read_policy
from learning.bandits.thompson import BetaThompson, GaussianThompson

ABC = ("a", "b", "c")
CONTEXT = (1.0, 0.5)
POLICIES: tuple[AnyPolicy, ...] = (
    BetaThompson(options=ABC),
    GaussianThompson(options=ABC),
    LinUcb(options=ABC, size=2),
    EpsilonGreedy(options=ABC),
    Uniform(options=ABC),
)
KINDS = [policy.kind for policy in POLICIES]
every = pytest.mark.parametrize("policy", POLICIES, ids=KINDS)
LEARNERS = POLICIES[:-1]
learners = pytest.mark.parametrize("policy", LEARNERS, ids=KINDS[:-1])
Past = list[tuple[str, float]]
pasts = st.lists(st.tuples(st.sampled_from(ABC), st.floats(0.0, 1.0)), max_size=12)


def after(policy: AnyPolicy, past: Past) -> AnyPolicy:
    for option, reward in past:
        policy = policy.update(option, reward, CONTEXT)
    return policy


@every
@given(past=pasts, discount=st.sampled_from([1.0, 0.9]))
@settings(max_examples=25)
def test_whatever_happened_every_option_keeps_a_chance(
    policy: AnyPolicy, past: Past, discount: float
) -> None:
    if not isinstance(policy, Uniform):
        policy = policy.model_copy(update={"discount": discount})
    chances = after(policy, past).probabilities(CONTEXT)
    assert sum(chances) == pytest.approx(1.0, abs=1e-9)
    assert min(chances) >= 0.02 / 3 - 1e-12


@every
@given(past=pasts)
@settings(max_examples=15)
def test_a_state_written_and_read_chooses_alike(policy: AnyPolicy, past: Past) -> None:
    learnt = after(policy, past)
    again = read_policy(learnt.model_dump_json())
    assert again == learnt
    assert again.probabilities(CONTEXT) == learnt.probabilities(CONTEXT)


@every
def test_a_choice_is_drawn_from_the_probabilities_it_logs(policy: AnyPolicy) -> None:
    learnt = after(policy, [("a", 0.2), ("b", 0.6), ("b", 0.4), ("c", 0.5)])
    choices = [choose(learnt, name="mode", seed=seed, context=CONTEXT) for seed in range(800)]
    for place, option in enumerate(ABC):
        chance = choices[0].probabilities[place]
        share = np.mean([choice.chosen == option for choice in choices])
        assert abs(share - chance) < 4.0 * math.sqrt(chance * (1.0 - chance) / 800)
    assert choices[7] == choose(learnt, name="mode", seed=7, context=CONTEXT)
    assert choices[0].options == ABC


@learners
def test_the_better_option_is_chosen_more_and_more(policy: AnyPolicy) -> None:
    few = after(policy, [("a", 0.4), ("b", 0.5), ("c", 0.4)] * 2).probabilities(CONTEXT)
    many = after(policy, [("a", 0.4), ("b", 0.5), ("c", 0.4)] * 400).probabilities(CONTEXT)
    assert many[1] > 0.9
    assert many[1] >= few[1]


@learners
def test_an_update_leaves_the_state_before_it_alone(policy: AnyPolicy) -> None:
    before = policy.model_dump_json()
    assert policy.update("a", 1.0, CONTEXT) != policy
    assert policy.model_dump_json() == before


@learners
@given(past=pasts.filter(lambda past: len(past) > 1))
@settings(max_examples=15)
def test_without_a_discount_the_order_of_the_past_is_nothing(policy: AnyPolicy, past: Past) -> None:
    forwards, backwards = after(policy, past), after(policy, past[::-1])
    assert forwards.probabilities(CONTEXT) == pytest.approx(
        backwards.probabilities(CONTEXT), abs=1e-6
    ) or isinstance(policy, EpsilonGreedy | LinUcb)
    if isinstance(forwards, LinUcb) and isinstance(backwards, LinUcb):
        assert forwards.bounds(CONTEXT) == pytest.approx(backwards.bounds(CONTEXT))


@learners
def test_a_weight_stands_for_so_many_equal_rewards(policy: AnyPolicy) -> None:
    one = policy.update("a", 0.25, CONTEXT, weight=4.0).update("b", 0.75, CONTEXT)
    four = after(policy, [("a", 0.25)] * 4 + [("b", 0.75)])
    assert one.probabilities(CONTEXT) == pytest.approx(four.probabilities(CONTEXT))


@learners
def test_a_discount_lets_a_policy_follow_what_changes(policy: AnyPolicy) -> None:
    past = [("a", 0.9), ("b", 0.1), ("c", 0.1)] * 60 + [("a", 0.1), ("b", 0.9), ("c", 0.1)] * 40
    forgetful = policy.model_copy(update={"discount": 0.95})
    assert after(forgetful, past).probabilities(CONTEXT)[1] > 0.8
    assert after(policy, past).probabilities(CONTEXT)[1] < 0.5


@every
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("d", 0.5, CONTEXT), "option"),
        (("a", math.nan, CONTEXT), "reward"),
        (("a", math.inf, CONTEXT), "reward"),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    policy: AnyPolicy, arguments: tuple[Any, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        policy.update(*arguments)
    assert raised.value.field == field
    with pytest.raises(InvalidInput) as raised:
        policy.update("a", 0.5, CONTEXT, weight=0.0)
    assert raised.value.field == "weight"


@pytest.mark.parametrize("options", [("a",), ("a", "a")])
def test_there_must_be_something_to_choose(options: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        Uniform(options=options)


def test_greed_tries_everything_once_first() -> None:
    policy = EpsilonGreedy(options=ABC, epsilon=0.0)
    assert policy.update("a", 1.0).probabilities() == pytest.approx((0.0, 0.5, 0.5))
    tried = after(policy, [("a", 0.3), ("b", 0.2), ("c", 0.1)])
    assert tried.probabilities() == (1.0, 0.0, 0.0)
    # An option whose chance is 0 is never drawn.
    assert {choose(tried, name="mode", seed=seed).chosen for seed in range(200)} == {"a"}
