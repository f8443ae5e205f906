"""What artists share: a belief about an option before a new artist has tried it.

Empirical Bayes (Robbins 1956; Efron & Morris 1975; Casella 1985): the prior of a new artist is the
distribution of the option's true rewards over the artists that have tried it, as far as their
observations tell it apart from chance. Artists that agree give a strong prior, artists that differ
a weak one; it is never worth more than `MOST_WORTH` observations, so that own experience wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field
from scipy import optimize, special

from domain.errors import Conflict, InvalidInput
from learning.bandits.policy import Seen
from learning.bandits.thompson import BetaPrior, GaussianPrior
from learning.gate import GateReport
from learning.intervals import FloatArray, Frozen

MOST_WORTH, LEAST_WORTH = 50.0, 0.1
FEWEST_ARTISTS = 3
# The shape of the prior of a variance: it has a mean, and hardly more is claimed.
VARIANCE_SHAPE = 1.5
_ROUNDS = 100


class SharedPriors(Frozen):
    """Priors by option, learnt from artists of one genre; they serve this genre alone."""

    genre: str = Field(min_length=1)
    artists: int = Field(ge=FEWEST_ARTISTS)
    rates: Mapping[str, BetaPrior] = {}
    means: Mapping[str, GaussianPrior] = {}


class GenreEvaluation(Frozen):
    """The evaluation that says whether what was learnt elsewhere holds in another genre."""

    run_id: str = Field(min_length=1)
    learnt_in: str
    genre: str
    report: GateReport


def rate_prior(artists: Sequence[Seen]) -> BetaPrior:
    """The Beta prior of a rate from each artist's successes in so many trials.

    Maximises the beta-binomial likelihood over the mean and the worth in observations (Skellam
    1948; Kleinman 1973). Raises `InvalidInput` with fewer than three artists.
    """
    tried = _tried(artists)
    wins = np.array([seen.total for seen in tried])
    losses = np.maximum(0.0, np.array([seen.weight for seen in tried]) - wins)
    start = special.logit((wins.sum() + 0.5) / (wins.sum() + losses.sum() + 1.0))

    def cost(point: FloatArray) -> float:
        a, b = _beta(point)
        fit = special.betaln(a + wins, b + losses) - special.betaln(a, b)
        return -float(fit.sum())

    bounds = [(-8.0, 8.0), (np.log(LEAST_WORTH), np.log(MOST_WORTH))]
    found = optimize.minimize(cost, np.array([start, 1.0]), method="L-BFGS-B", bounds=bounds)
    a, b = _beta(found.x)
    return BetaPrior(successes=a, failures=b)


def _beta(point: FloatArray) -> tuple[float, float]:
    mean, worth = float(special.expit(point[0])), float(np.exp(point[1]))
    return mean * worth, (1.0 - mean) * worth


def mean_prior(artists: Sequence[Seen]) -> GaussianPrior:
    """The prior of a mean with unknown variance from each artist's observations.

    The variance between artists is estimated by Paule & Mandel 1982 (as advised for such
    random-effects means by Veroniki et al. 2016); the prior's worth is the variance inside artists
    over it. Raises `InvalidInput` with fewer than three artists, or when none has two observations.
    """
    tried = _tried(artists)
    weight = np.array([seen.weight for seen in tried])
    means = np.array([seen.total for seen in tried]) / weight
    inside = np.array([seen.squares for seen in tried]) - weight * means**2
    free = float((weight - 1.0).clip(0.0).sum())
    if free <= 0.0:
        raise InvalidInput(
            "no artist was observed twice, so nobody knows how far single rewards differ",
            field="artists",
            remedy="observe each artist several times",
        )
    variance = max(float(inside.clip(0.0).sum()) / free, 1e-12)
    between = _between(means, variance / weight)
    trust = 1.0 / (between + variance / weight)
    worth = variance / between if between > 0.0 else MOST_WORTH
    return GaussianPrior(
        mean=float(trust @ means / trust.sum()),
        mean_weight=float(np.clip(worth, LEAST_WORTH, MOST_WORTH)),
        variance_shape=VARIANCE_SHAPE,
        variance_scale=variance * (VARIANCE_SHAPE - 1.0),
    )


def _between(means: FloatArray, errors: FloatArray) -> float:
    """The variance at which the weighted squares around the mean are as large as expected."""

    def excess(between: float) -> float:
        trust = 1.0 / (between + errors)
        centre = trust @ means / trust.sum()
        return float(trust @ (means - centre) ** 2 - (len(means) - 1))

    if excess(0.0) <= 0.0:
        return 0.0
    high = float(np.var(means)) + float(errors.max())
    while excess(high) > 0.0:
        high *= 2.0
    return float(optimize.brentq(excess, 0.0, high, maxiter=_ROUNDS))


def _tried(artists: Sequence[Seen]) -> list[Seen]:
    tried = [seen for seen in artists if seen.weight > 0.0]
    if len(tried) < FEWEST_ARTISTS:
        raise InvalidInput(
            f"{len(tried)} artists have tried this; what artists share takes {FEWEST_ARTISTS}",
            field="artists",
            remedy="begin without a shared prior until more artists have tried it",
        )
    return tried


def for_genre(
    shared: SharedPriors, genre: str, evaluation: GenreEvaluation | None = None
) -> SharedPriors:
    """The priors for an artist of a genre; another genre needs an evaluation that passed.

    Raises `Conflict` when there is none, when it is about other genres, or did not pass.
    """
    if genre == shared.genre:
        return shared
    wanted = f"what was learnt in {shared.genre} may be used in {genre} only after its evaluation"
    if evaluation is None:
        problem = "there is none"
    elif (evaluation.learnt_in, evaluation.genre) != (shared.genre, genre):
        problem = f"{evaluation.run_id} is about {evaluation.learnt_in} and {evaluation.genre}"
    elif evaluation.report.verdict != "pass":
        problem = f"{evaluation.run_id} did not pass: {evaluation.report.reason}"
    else:
        return shared.model_copy(update={"genre": genre})
    raise Conflict(
        f"{wanted}: {problem}",
        field="evaluation",
        remedy=f"run the evaluation of {genre}, or begin there without shared priors",
    )
