"""What a bandit must beat: chance, and greed with a little chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

import numpy as np

from learning.bandits.policy import (
    Context,
    Discount,
    Options,
    Seen,
    Share,
    best_of,
    check_update,
    learnt,
    with_floor,
)
from learning.intervals import Frozen


class Uniform(Frozen):
    """Every option alike, whatever came of it."""

    kind: Literal["uniform"] = "uniform"
    options: Options

    def probabilities(self, context: Context = ()) -> tuple[float, ...]:
        """The same for all."""
        return with_floor(np.ones(len(self.options)), 0.0)

    def update(
        self, option: str, reward: float, context: Context = (), *, weight: float = 1.0
    ) -> Self:
        """Learn nothing."""
        check_update(self.options, option, reward, weight)
        return self


class EpsilonGreedy(Frozen):
    """The best mean so far, but any option with the share `epsilon` (Sutton & Barto 2018, 2.2).

    Options never tried come first. `discount` below 1 forgets: n observations ago counts
    `discount` to the power of n.
    """

    kind: Literal["epsilon_greedy"] = "epsilon_greedy"
    options: Options
    epsilon: Share = 0.1
    discount: Discount = 1.0
    seen: Mapping[str, Seen] = {}

    def probabilities(self, context: Context = ()) -> tuple[float, ...]:
        """`1 - epsilon` for the best mean, the rest spread evenly."""
        seen = [self.seen.get(option, Seen()) for option in self.options]
        means = np.array([s.total / s.weight if s.weight > 0.0 else np.inf for s in seen])
        untried = np.isinf(means)
        scores = untried.astype(np.float64) if untried.any() else means
        return with_floor(best_of(scores), self.epsilon)

    def update(
        self, option: str, reward: float, context: Context = (), *, weight: float = 1.0
    ) -> Self:
        """The next state."""
        seen = learnt(self.seen, self.options, option, reward, weight, self.discount)
        return self.model_copy(update={"seen": seen})
