from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.experiment import Arm, Definition, arm_of, chances
from tests.store import nouns

WEIGHTS = st.lists(st.floats(0.2, 5.0), min_size=2, max_size=4)


def _arms(weights: list[float]) -> tuple[Arm, ...]:
    return tuple(Arm(name=f"arm {n}", weight=w) for n, w in enumerate(weights))


@given(WEIGHTS, st.text(max_size=12), st.text(max_size=20))
def test_a_unit_always_gets_the_same_arm(weights: list[float], experiment: str, unit: str) -> None:
    arms = _arms(weights)
    assert arm_of(experiment, unit, arms) == arm_of(experiment, unit, arms)


@given(WEIGHTS, st.integers(0, 10_000))
def test_arms_get_their_shares(weights: list[float], seed: int) -> None:
    arms, units = _arms(weights), 1000
    got = [arm_of(f"experiment_{seed}", f"work_{n}", arms).name for n in range(units)]
    for arm in arms:
        share = arm.weight / sum(weights)
        # Five and a half deviations: one false alarm in many millions.
        slack = 5.5 * math.sqrt(share * (1 - share) / units)
        assert abs(got.count(arm.name) / units - share) < slack


def test_experiments_share_no_assignment() -> None:
    arms = _arms([1.0, 1.0])
    units = [f"work_{n}" for n in range(1000)]
    same = sum(arm_of("one", u, arms) == arm_of("two", u, arms) for u in units)
    assert 420 < same < 580


def test_what_is_written_down_is_the_chance_before_the_arm_was_known() -> None:
    arms = (Arm(name="as it is", weight=3.0), Arm(name="a", options={"a": 1.0, "gone": 5.0}))
    assert chances(arms, {"a": 1.0, "b": 3.0}) == {"a": 0.4375, "b": 0.5625}
    assert Arm(name="x", options={"gone": 1.0}).weights({"a": 1.0}) == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"arms": (Arm(name="a"), Arm(name="a", options={"x": 1.0}))}, "same name"),
        ({"arms": (Arm(name="a"), Arm(name="b"))}, "do the same"),
        ({"effect": 0.0}, "greater than 0"),
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, object], says: str) -> None:
    written = nouns.experiment().definition.model_dump() | change
    with pytest.raises(ValueError, match=says):
        Definition.model_validate(written)
