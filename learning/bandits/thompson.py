"""Thompson sampling: each option is chosen as often as it is, by what is known, the best one.

Thompson 1933; Russo, Van Roy et al. 2018, "A Tutorial on Thompson Sampling". Sampling a mean from
each posterior and taking the highest chooses an option with its probability of being the best.
Here that probability is worked out instead (by quadrature), so that it can be logged; the draw
from it has the same distribution.

`discount` below 1 forgets, as in Raj & Kalyani 2017, "Taming Non-stationary Bandits": what was
seen n observations ago counts `discount` to the power of n, and the posterior falls back to the
prior, never beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

import numpy as np
from pydantic import Field, FiniteFloat
from scipy import special

from domain.errors import InvalidInput
from learning.bandits.policy import (
    FLOOR,
    Context,
    Discount,
    Options,
    Seen,
    Share,
    learnt,
    with_floor,
)
from learning.intervals import FloatArray, Frozen

# Quantiles of each posterior that the quadrature goes through, denser towards the tails.
_NORMAL = np.linspace(-5.0, 5.0, 61)
QUANTILES = special.ndtr(_NORMAL)


class BetaPrior(Frozen):
    """What is believed of a rate beforehand: so many successes and failures."""

    successes: float = Field(default=1.0, gt=0.0)
    failures: float = Field(default=1.0, gt=0.0)


class BetaThompson(Frozen):
    """Rewards are successes (1) and failures (0), or rates of several trials between them.

    Conjugate posterior Beta(a + successes, b + failures): Chapelle & Li 2011, algorithm 2.
    """

    kind: Literal["beta_thompson"] = "beta_thompson"
    options: Options
    priors: Mapping[str, BetaPrior] = {}
    seen: Mapping[str, Seen] = {}
    discount: Discount = 1.0
    floor: Share = FLOOR

    def posterior(self, option: str) -> BetaPrior:
        """What is believed of an option's rate now."""
        prior, seen = self.priors.get(option, BetaPrior()), self.seen.get(option, Seen())
        return BetaPrior(
            successes=prior.successes + seen.total,
            # Sums of fractions may miss their weight by a rounding error.
            failures=prior.failures + max(0.0, seen.weight - seen.total),
        )

    def probabilities(self, context: Context = ()) -> tuple[float, ...]:
        """The probability that an option is the best, with the floor."""
        beliefs = [self.posterior(option) for option in self.options]
        a = np.array([belief.successes for belief in beliefs])[:, None]
        b = np.array([belief.failures for belief in beliefs])[:, None]
        points = _merged(np.asarray(special.betaincinv(a, b, QUANTILES), dtype=np.float64))
        below = np.asarray(special.betainc(a, b, points), dtype=np.float64)
        return with_floor(best_chances(below), self.floor)

    def update(
        self, option: str, reward: float, context: Context = (), *, weight: float = 1.0
    ) -> Self:
        """The next state; raises `InvalidInput` for a reward outside 0 to 1."""
        if not 0.0 <= reward <= 1.0:
            raise InvalidInput(
                f"{reward} is not a share of successes",
                field="reward",
                remedy="give 0 to 1, or use GaussianThompson",
            )
        seen = learnt(self.seen, self.options, option, reward, weight, self.discount)
        return self.model_copy(update={"seen": seen})


class GaussianPrior(Frozen):
    """A normal-inverse-gamma belief about a mean and the variance of single rewards.

    The mean is worth `mean_weight` observations; the variance is about
    `variance_scale / (variance_shape - 1)`.
    """

    mean: FiniteFloat = 0.0
    mean_weight: float = Field(default=0.1, gt=0.0)
    variance_shape: float = Field(default=1.5, gt=0.0)
    variance_scale: float = Field(default=0.5, gt=0.0)

    def after(self, seen: Seen) -> GaussianPrior:
        """The posterior (Murphy 2007, "Conjugate Bayesian analysis of the Gaussian", eqs 85-89)."""
        if seen.weight == 0.0:
            return self
        mean = seen.total / seen.weight
        around = max(0.0, seen.squares - seen.weight * mean * mean)
        weight = self.mean_weight + seen.weight
        apart = self.mean_weight * seen.weight * (mean - self.mean) ** 2 / (2.0 * weight)
        return GaussianPrior(
            mean=(self.mean_weight * self.mean + seen.total) / weight,
            mean_weight=weight,
            variance_shape=self.variance_shape + 0.5 * seen.weight,
            variance_scale=self.variance_scale + 0.5 * around + apart,
        )

    @property
    def scale(self) -> float:
        """Scale of the mean's marginal, Student's t with twice the shape as degrees of freedom."""
        return float(np.sqrt(self.variance_scale / (self.variance_shape * self.mean_weight)))


class GaussianThompson(Frozen):
    """Rewards of any size with a variance that nobody knows, each option its own."""

    kind: Literal["gaussian_thompson"] = "gaussian_thompson"
    options: Options
    priors: Mapping[str, GaussianPrior] = {}
    seen: Mapping[str, Seen] = {}
    discount: Discount = 1.0
    floor: Share = FLOOR

    def posterior(self, option: str) -> GaussianPrior:
        """What is believed of an option's mean and variance now."""
        prior = self.priors.get(option, GaussianPrior())
        return prior.after(self.seen.get(option, Seen()))

    def probabilities(self, context: Context = ()) -> tuple[float, ...]:
        """The probability that an option is the best, with the floor."""
        beliefs = [self.posterior(option) for option in self.options]
        middle = np.array([belief.mean for belief in beliefs])[:, None]
        scale = np.array([belief.scale for belief in beliefs])[:, None]
        free = np.array([2.0 * belief.variance_shape for belief in beliefs])[:, None]
        points = middle + scale * special.stdtrit(free, QUANTILES)
        below = special.stdtr(free, (_merged(points) - middle) / scale)
        return with_floor(best_chances(below), self.floor)

    def update(
        self, option: str, reward: float, context: Context = (), *, weight: float = 1.0
    ) -> Self:
        """The next state. The mean of several rewards hides how far they differ: prefer single."""
        seen = learnt(self.seen, self.options, option, reward, weight, self.discount)
        return self.model_copy(update={"seen": seen})


def best_chances(below: FloatArray) -> FloatArray:
    """The probability of being the highest, from distribution functions (options, points).

    Option i is the best with the integral of the product of the others' distribution functions
    over its own; the trapezium rule over the points, which must rise.
    """
    chances = np.empty(len(below))
    for place in range(len(below)):
        others = np.prod(np.delete(below, place, axis=0), axis=0)
        inside = np.sum(np.diff(below[place]) * 0.5 * (others[1:] + others[:-1]))
        # What lies beyond the points: below all, where others hardly are; above all.
        chances[place] = inside + (1.0 - below[place, -1]) * others[-1]
    return np.asarray(np.maximum(chances, 0.0) / chances.sum())


def _merged(points: FloatArray) -> FloatArray:
    return np.unique(points[np.isfinite(points)])
