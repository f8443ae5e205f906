"""Shared priors: found from many artists, worth what they are worth, and kept to their genre."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import Conflict, InvalidInput
from learning.bandits.policy import Seen
from learning.bandits.priors import (
    LEAST_WORTH,
    MOST_WORTH,
    GenreEvaluation,
    SharedPriors,
    for_genre,
    mean_prior,
    rate_prior,
)
from learning.gate import GateReport

PASSED = GateReport(verdict="pass", reason="no loss of 5 points")
SHARED = SharedPriors(genre="house", artists=5, rates={"fast": rate_prior([Seen(weight=9)] * 5)})


def rates(count: int, a: float, b: float, trials: int, seed: int = 1) -> list[Seen]:
    rng = np.random.default_rng(seed)
    return [
        Seen(weight=trials, total=float(rng.binomial(trials, rng.beta(a, b)))) for _ in range(count)
    ]


def means(count: int, between: float, inside: float, times: int, seed: int = 1) -> list[Seen]:
    rng = np.random.default_rng(seed)
    drawn = [rng.normal(rng.normal(0.4, between), inside, times) for _ in range(count)]
    return [Seen(weight=times, total=float(x.sum()), squares=float(x @ x)) for x in drawn]


@pytest.mark.parametrize(("a", "b"), [(2.0, 6.0), (12.0, 8.0)])
def test_the_spread_of_artists_is_recovered(a: float, b: float) -> None:
    found = rate_prior(rates(400, a, b, 60))
    assert found.successes / (found.successes + found.failures) == pytest.approx(
        a / (a + b), abs=0.03
    )
    assert found.successes + found.failures == pytest.approx(a + b, rel=0.25)


def test_the_spread_of_means_is_recovered() -> None:
    found = mean_prior(means(400, between=0.3, inside=0.6, times=10))
    assert found.mean == pytest.approx(0.4, abs=0.05)
    assert found.mean_weight == pytest.approx(4.0, rel=0.25)
    expected = found.variance_scale / (found.variance_shape - 1.0)
    assert expected == pytest.approx(0.36, rel=0.1)


def test_a_prior_is_worth_something_and_never_too_much() -> None:
    alike = rate_prior([Seen(weight=1000, total=300)] * 6)
    assert alike.successes + alike.failures == pytest.approx(MOST_WORTH, rel=0.01)
    assert mean_prior(means(30, 0.0, 1.0, 5)).mean_weight <= MOST_WORTH
    unlike = [Seen(weight=1000, total=1000.0 * (i % 2)) for i in range(6)]
    apart = rate_prior(unlike)
    assert LEAST_WORTH * 0.99 <= apart.successes + apart.failures < 1.0


def test_a_new_artist_is_judged_better_with_what_others_share() -> None:
    rng = np.random.default_rng(5)
    prior = rate_prior(rates(40, 4.0, 12.0, 50))
    alone, shared = 0.0, 0.0
    for _ in range(500):
        rate = rng.beta(4.0, 12.0)
        wins = rng.binomial(5, rate)
        alone += (rate - (1 + wins) / 7) ** 2
        shared += (rate - (prior.successes + wins) / (prior.successes + prior.failures + 5)) ** 2
    assert shared < 0.6 * alone


def test_few_artists_share_nothing() -> None:
    untried = Seen()
    for learn in (rate_prior, mean_prior):
        with pytest.raises(InvalidInput) as raised:
            learn([Seen(weight=5, total=2, squares=2), Seen(weight=5, total=1, squares=1), untried])
        assert raised.value.field == "artists"
    with pytest.raises(InvalidInput, match="twice"):
        mean_prior([Seen(weight=1, total=0.5, squares=0.25)] * 4)


def test_priors_serve_their_own_genre_freely() -> None:
    assert for_genre(SHARED, "house") is SHARED


def test_another_genre_needs_an_evaluation_that_passed() -> None:
    evaluation = GenreEvaluation(run_id="r1", learnt_in="house", genre="trap", report=PASSED)
    moved = for_genre(SHARED, "trap", evaluation)
    assert moved.genre == "trap"
    assert moved.rates == SHARED.rates


@pytest.mark.parametrize(
    ("evaluation", "words"),
    [
        (None, "there is none"),
        (
            GenreEvaluation(run_id="r1", learnt_in="house", genre="lofi", report=PASSED),
            "r1 is about house and lofi",
        ),
        (
            GenreEvaluation(run_id="r2", learnt_in="trap", genre="trap", report=PASSED),
            "r2 is about trap and trap",
        ),
        *(
            (
                GenreEvaluation(
                    run_id="r3",
                    learnt_in="house",
                    genre="trap",
                    report=GateReport.model_validate({"verdict": verdict, "reason": "too few"}),
                ),
                "r3 did not pass: too few",
            )
            for verdict in ("fail", "undecided")
        ),
    ],
)
def test_without_one_nothing_is_carried_over(
    evaluation: GenreEvaluation | None, words: str
) -> None:
    with pytest.raises(Conflict, match=words) as raised:
        for_genre(SHARED, "trap", evaluation)
    assert raised.value.field == "evaluation"
