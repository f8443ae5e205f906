"""LinUCB with disjoint models (Li, Chu, Langford & Schapire 2010, algorithm 1).

Each option has a ridge regression of its own from the context to the reward. The score is the
predicted reward plus `alpha` standard deviations of the prediction; the highest is chosen. As
published the choice is certain, which no other policy could ever be judged from: here the share
`floor` is spread evenly over all options.

`discount` below 1 forgets as in Russac, Vernade & Cappé 2019, "Weighted Linear Bandits", with one
matrix: what was seen n observations ago counts `discount` to the power of n, the ridge always 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

import numpy as np
from pydantic import Field, FiniteFloat

from domain.errors import InvalidInput
from learning.bandits.policy import (
    FLOOR,
    Context,
    Discount,
    Options,
    Share,
    best_of,
    check_update,
    with_floor,
)
from learning.intervals import FloatArray, Frozen

Numbers = tuple[FiniteFloat, ...]


class Moments(Frozen):
    """What came of one option: the sums of x xᵀ (row by row) and of reward times x."""

    squares: Numbers
    rewards: Numbers


class LinUcb(Frozen):
    """A bandit for rewards that depend on a context of fixed size.

    Put a 1 into the context for the options' own level. `spread` is how far single rewards differ
    from their mean (a standard deviation, `alpha` counts in it); rewards of likes per exposure
    differ by 0.1 rather than by 1.
    """

    kind: Literal["linucb"] = "linucb"
    options: Options
    size: int = Field(ge=1, description="numbers in a context")
    alpha: float = Field(default=1.0, ge=0.0)
    spread: float = Field(default=1.0, gt=0.0)
    ridge: float = Field(default=1.0, gt=0.0)
    discount: Discount = 1.0
    floor: Share = FLOOR
    seen: Mapping[str, Moments] = {}

    def probabilities(self, context: Context = ()) -> tuple[float, ...]:
        """`1 - floor` for the highest upper bound, the rest spread evenly."""
        return with_floor(best_of(self.bounds(context)), self.floor)

    def bounds(self, context: Context) -> FloatArray:
        """The upper confidence bound of each option in a context."""
        x = self._checked(context)
        squares, rewards = self._stacked()
        known = squares + self.ridge * np.eye(self.size)
        theta = np.linalg.solve(known, rewards[:, :, None])[:, :, 0]
        width = np.sqrt(
            np.linalg.solve(known, np.broadcast_to(x[:, None], (*rewards.shape, 1)))[:, :, 0] @ x
        )
        return np.asarray(theta @ x + self.alpha * self.spread * width)

    def predicted(self, context: Context) -> FloatArray:
        """The reward expected of each option in a context."""
        return self.model_copy(update={"alpha": 0.0}).bounds(context)

    def update(
        self, option: str, reward: float, context: Context = (), *, weight: float = 1.0
    ) -> Self:
        """The next state."""
        check_update(self.options, option, reward, weight)
        x = self._checked(context)
        squares, rewards = (self.discount * part for part in self._stacked())
        place = self.options.index(option)
        squares[place] += weight * np.outer(x, x)
        rewards[place] += weight * reward * x
        seen = {
            name: Moments(squares=tuple(s.ravel().tolist()), rewards=tuple(r.tolist()))
            for name, s, r in zip(self.options, squares, rewards, strict=True)
        }
        return self.model_copy(update={"seen": seen})

    def _stacked(self) -> tuple[FloatArray, FloatArray]:
        """The sums of all options, (options, size, size) and (options, size)."""
        empty = Moments(squares=(0.0,) * self.size**2, rewards=(0.0,) * self.size)
        seen = [self.seen.get(option, empty) for option in self.options]
        squares = np.array([s.squares for s in seen]).reshape(-1, self.size, self.size)
        return squares, np.array([s.rewards for s in seen])

    def _checked(self, context: Context) -> FloatArray:
        x = np.asarray(context, dtype=np.float64)
        if x.shape != (self.size,) or not np.isfinite(x).all():
            raise InvalidInput(
                f"this context is not {self.size} numbers",
                field="context",
                remedy="give what the policy was made for; 0 stands for what is unknown",
            )
        return x
