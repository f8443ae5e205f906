from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.standing import EVOLVE_BELOW, MINIMUM_DECIDED, WINDOW, Outcome, standing

outcomes = st.lists(
    st.sampled_from(["approved", "rejected", "expired", "provider_failure"]), max_size=40
)
neutral = st.lists(st.sampled_from(["expired", "provider_failure"]), max_size=20)


@given(history=outcomes, noise=neutral, place=st.integers(0, 40))
def test_expiry_and_provider_failures_never_count(
    history: list[Outcome], noise: list[Outcome], place: int
) -> None:
    assert standing([*history[:place], *noise, *history[place:]]) == standing(history)


@given(history=outcomes)
def test_only_the_window_of_decided_works_is_judged(history: list[Outcome]) -> None:
    found = standing(history)
    decided = [o for o in history if o in ("approved", "rejected")][-WINDOW:]
    assert (found.decided, found.approved) == (len(decided), decided.count("approved"))
    older: list[Outcome] = ["rejected"] * 30
    if len(decided) == WINDOW:
        assert standing([*older, *history]) == found


def test_too_few_decided_works_say_nothing() -> None:
    few: list[Outcome] = ["rejected"] * (MINIMUM_DECIDED - 1)
    assert standing(few).approval_rate is None
    assert not standing(few).should_evolve
    assert standing([*few, "rejected"]).should_evolve


def test_half_approved_is_enough_to_stay() -> None:
    even: list[Outcome] = ["approved", "rejected"] * 3
    assert standing(even).approval_rate == EVOLVE_BELOW
    assert not standing(even).should_evolve
    assert standing([*even, "rejected"]).should_evolve
