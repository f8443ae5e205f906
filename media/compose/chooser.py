"""Seeded choices that leave a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from domain.choice import CreativeChoice

T = TypeVar("T")


class Chooser:
    """Draws from named streams, so that a new choice elsewhere never changes this one."""

    def __init__(self, seed: int, purpose: str = "") -> None:
        """`purpose` keeps the streams of equal seeds apart, as those of two genres."""
        self.seed = seed
        self._purpose = purpose
        self._log: dict[str, CreativeChoice] = {}

    def rng(self, name: str) -> Random:
        """A private random stream for everything too small to be logged."""
        return Random(f"{self.seed}:{self._purpose}:{name}")

    def pick(
        self,
        name: str,
        options: Sequence[T],
        weights: Sequence[float],
        label: Callable[[T], str],
        reason: str = "",
    ) -> T:
        """Pick one option by weight; asking again under the same name gives the same answer."""
        total = sum(weights)
        index = self.rng(name).choices(range(len(options)), weights)[0]
        if len(options) > 1:
            self._log[name] = CreativeChoice(
                name=name,
                options=tuple(label(option) for option in options),
                probabilities=tuple(weight / total for weight in weights),
                chosen=label(options[index]),
                seed=self.seed,
                reason=reason,
            )
        return options[index]

    def fixed(self, name: str, value: str, reason: str) -> None:
        """Record something that was not ours to choose."""
        self._log[name] = CreativeChoice(
            name=name, options=(value,), probabilities=(1.0,), chosen=value,
            seed=self.seed, reason=reason,
        )  # fmt: skip

    @property
    def log(self) -> tuple[CreativeChoice, ...]:
        """Every choice so far, in the order it was first made."""
        return tuple(self._log.values())
