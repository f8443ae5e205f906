"""What every bandit has in common: probabilities first, then a draw that can be repeated.

A policy never picks: it gives a probability to every option, and the option is drawn from these
by a seed. So the log holds the very probabilities that were used, which estimates of other
policies need (`learning.off_policy`). A policy is its state: frozen, written as JSON, and changed
only into the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Protocol, Self

import numpy as np
from pydantic import AfterValidator, Field, FiniteFloat

from domain.choice import CreativeChoice
from domain.errors import InvalidInput
from learning.intervals import FloatArray, Frozen

# Share of all choices that is spread evenly: without it what looks bad once is never heard again,
# and no other policy can be judged from the log.
FLOOR = 0.02


def _distinct(options: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(options)) != len(options):
        raise ValueError("options must differ")
    return options


Options = Annotated[tuple[str, ...], Field(min_length=2), AfterValidator(_distinct)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Discount = Annotated[float, Field(gt=0.0, le=1.0)]
Context = Sequence[float]


class Seen(Frozen):
    """What came of one option: how much was observed, the rewards' sum and sum of squares."""

    weight: float = Field(default=0.0, ge=0.0)
    total: FiniteFloat = 0.0
    squares: float = Field(default=0.0, ge=0.0)

    def aged(self, discount: float) -> Seen:
        """Count less, as everything seen earlier does."""
        return Seen(
            weight=self.weight * discount,
            total=self.total * discount,
            squares=self.squares * discount,
        )

    def adding(self, reward: float, weight: float) -> Seen:
        """One more observation, or `weight` of them that have this mean."""
        return Seen(
            weight=self.weight + weight,
            total=self.total + weight * reward,
            squares=self.squares + weight * reward * reward,
        )


class Policy(Protocol):
    """A way to choose among fixed options, in one state of its learning."""

    @property
    def options(self) -> tuple[str, ...]:
        """What there is to choose from."""
        ...

    def probabilities(self, context: Context = ()) -> tuple[float, ...]:
        """How likely each option is chosen now; they sum to 1."""
        ...

    def update(
        self, option: str, reward: float, context: Context = (), *, weight: float = 1.0
    ) -> Self:
        """The next state, after a reward (or the mean of `weight` rewards) for an option."""
        ...


def choose(
    policy: Policy, *, name: str, seed: int, context: Context = (), reason: str = ""
) -> CreativeChoice:
    """Draw an option; policy, context and seed being the same, so is the choice."""
    chances = policy.probabilities(context)
    return CreativeChoice(
        name=name,
        options=policy.options,
        probabilities=chances,
        chosen=policy.options[_draw(chances, seed)],
        seed=seed,
        reason=reason,
    )


def _draw(chances: Sequence[float], seed: int) -> int:
    point = np.random.default_rng(seed).random() * sum(chances)
    place = int(np.searchsorted(np.cumsum(chances), point, side="right"))
    return min(place, max(i for i, chance in enumerate(chances) if chance > 0.0))


def with_floor(chances: FloatArray, floor: float) -> tuple[float, ...]:
    """Normalised, with the share `floor` spread evenly."""
    shares = (1.0 - floor) * chances / chances.sum() + floor / len(chances)
    return tuple((shares / shares.sum()).tolist())


def best_of(scores: FloatArray) -> FloatArray:
    """All chance to the highest score, in equal parts where several tie."""
    highest = np.isclose(scores, scores.max(), rtol=1e-12, atol=1e-12)
    return np.asarray(highest / highest.sum(), dtype=np.float64)


def learnt(
    seen: Mapping[str, Seen], options: Sequence[str], option: str, reward: float,
    weight: float, discount: float,
) -> dict[str, Seen]:  # fmt: skip
    """All observations aged by the discount, and the new one added; unknown options raise."""
    check_update(options, option, reward, weight)
    aged = {name: seen.get(name, Seen()).aged(discount) for name in options}
    return aged | {option: aged[option].adding(reward, weight)}


def check_update(options: Sequence[str], option: str, reward: float, weight: float) -> None:
    """Raise `InvalidInput` for an unknown option, a reward that is no number, or no weight."""
    if option not in options:
        raise InvalidInput(
            f"{option!r} is not an option", field="option", remedy=f"use {', '.join(options)}"
        )
    if not np.isfinite(reward):
        raise InvalidInput(
            f"{reward} is no reward", field="reward", remedy="leave out what was not measured"
        )
    if not (np.isfinite(weight) and weight > 0.0):
        raise InvalidInput(
            f"{weight} observations teach nothing", field="weight", remedy="give more than 0"
        )
