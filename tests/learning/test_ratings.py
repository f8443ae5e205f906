from __future__ import annotations

import choix
import numpy as np
import pytest

from domain.errors import InvalidInput
from learning.ratings import Ratings, Vote, rate, win_chance

TRUTH = {"calm": 0.9, "dusk": 0.3, "echo": -0.2, "fern": -1.0}


def _votes(
    count: int, *, order: float = 0.0, ties: float = 0.0, seed: int = 0, flat: bool = False
) -> list[Vote]:
    rng = np.random.default_rng(seed)
    votes = []
    for number in range(count):
        first, second = rng.choice(list(TRUTH), 2, replace=False).tolist()
        gap = 0.0 if flat else TRUTH[first] - TRUTH[second]
        won = rng.random() < 1.0 / (1.0 + np.exp(-gap - order))
        outcome = "tie" if rng.random() < ties else "first" if won else "second"
        votes.append(
            Vote.model_validate(
                {"first": first, "second": second, "outcome": outcome, "voter": str(number % 30)}
            )
        )
    return votes


def _strengths(ratings: Ratings) -> dict[str, float]:
    return {rating.item: rating.strength.estimate for rating in ratings.ratings}


def test_strengths_are_recovered_and_ordered() -> None:
    found = rate(_votes(3000), seed=1)
    assert [rating.item for rating in found.ratings] == list(TRUTH)
    for rating in found.ratings:
        assert rating.strength.estimate == pytest.approx(TRUTH[rating.item], abs=0.12)
    assert found.comparable
    assert found.order_effect.holds(0.5)


def test_intervals_cover_the_truth() -> None:
    held = [
        rating.strength.holds(TRUTH[rating.item])
        for trial in range(100)
        for rating in rate(_votes(150, seed=1000 + trial), seed=trial).ratings
    ]
    assert np.mean(held) >= 0.89


def test_equals_are_not_told_apart() -> None:
    found = rate(_votes(400, flat=True), seed=1)
    assert sum(not rating.strength.holds(0.0) for rating in found.ratings) <= 1


def test_the_first_place_is_measured_and_does_not_turn_the_ranking() -> None:
    found = rate(_votes(2000, order=0.5), seed=1)
    assert found.order_effect.low > 0.5
    assert found.order_effect.estimate == pytest.approx(1 / (1 + np.exp(-0.5)), abs=0.04)
    assert [rating.item for rating in found.ratings] == list(TRUTH)


def test_ties_draw_items_together() -> None:
    sharp, tied = rate(_votes(900), seed=1), rate(_votes(900, ties=0.5), seed=1)
    assert tied.ties == pytest.approx(0.5, abs=0.05)
    apart = [max(_strengths(r).values()) - min(_strengths(r).values()) for r in (sharp, tied)]
    assert apart[1] < apart[0]
    only = rate([Vote(first="a", second="b", outcome="tie")] * 20, seed=1)
    assert _strengths(only) == pytest.approx({"a": 0.0, "b": 0.0}, abs=1e-6)


def test_the_fit_is_that_of_maximum_likelihood() -> None:
    votes = _votes(500)
    names = sorted(TRUTH)
    data = [
        (names.index(v.first), names.index(v.second))
        if v.outcome == "first"
        else (names.index(v.second), names.index(v.first))
        for v in votes
    ]
    direct = choix.opt_pairwise(len(names), data, alpha=1e-6)
    found = _strengths(rate(votes, seed=1))
    assert [found[name] for name in names] == pytest.approx(direct - np.mean(direct), abs=0.02)


def test_groups_never_compared_get_a_clear_answer() -> None:
    votes = [
        Vote(first="a", second="b", outcome="first"),
        Vote(first="c", second="d", outcome="second"),
    ] * 10
    found = rate(votes, seed=1)
    assert not found.comparable
    assert found.groups == 2
    assert [(rating.item, rating.group) for rating in found.ratings] == [
        ("a", 1), ("b", 1), ("d", 2), ("c", 2),
    ]  # fmt: skip
    assert "2 groups that were never compared" in found.reason


def test_one_who_won_every_vote_has_a_finite_strength() -> None:
    found = rate([Vote(first="a", second="b", outcome="first")] * 10, seed=1)
    strengths = _strengths(found)
    assert 2.0 < strengths["a"] - strengths["b"] < 8.0
    assert 0.5 < win_chance(strengths["a"], strengths["b"]) < 1.0


def test_many_votes_of_few_people_are_less_sure() -> None:
    votes = _votes(300)
    alone = [v.model_copy(update={"voter": None}) for v in votes]
    # Each of ten people repeats one vote thirty times.
    copied = [votes[n % 10].model_copy(update={"voter": str(n % 10)}) for n in range(300)]
    wide, narrow = rate(copied, seed=1), rate(alone, seed=1)

    def width(ratings: Ratings) -> float:
        return float(np.mean([r.strength.high - r.strength.low for r in ratings.ratings]))

    assert width(wide) > 2 * width(narrow)


def test_it_repeats_with_its_seed() -> None:
    assert rate(_votes(60), seed=4) == rate(_votes(60), seed=4)


@pytest.mark.parametrize("votes", [[], [Vote(first="a", second="a", outcome="tie")]])
def test_what_is_no_comparison_is_refused(votes: list[Vote]) -> None:
    with pytest.raises(InvalidInput):
        rate(votes, seed=1)
