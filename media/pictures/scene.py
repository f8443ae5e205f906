"""What a composition is given to draw with, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from domain.art import Motif
from domain.choice import CreativeChoice
from media.pictures.canvas import Canvas
from media.pictures.colour import Array, Palette
from media.pictures.typeset import Lockup


class Feeling(BaseModel):
    """A mood's three axes, each from -1 to 1."""

    model_config = ConfigDict(frozen=True)

    valence: float = Field(default=0.0, ge=-1, le=1)
    arousal: float = Field(default=0.0, ge=-1, le=1)
    dominance: float = Field(default=0.0, ge=-1, le=1)


def lean(base: float, slope: float, axis: float) -> float:
    """Weight of an option that a mood axis makes likelier (or, with a negative slope, rarer)."""
    return float(base * np.exp(slope * axis))


@dataclass
class Chooser:
    """Draws options by weight and remembers every choice."""

    seed: int
    made: list[CreativeChoice] = field(default_factory=list)

    def pick(self, name: str, weights: Mapping[str, float]) -> str:
        """Choose one option; each choice has its own random stream, so order never matters."""
        options = tuple(weights)
        total = sum(weights.values())
        probabilities = tuple(weights[option] / total for option in options)
        stream = np.random.default_rng([self.seed, *name.encode()])
        chosen = options[int(stream.choice(len(options), p=np.array(probabilities)))]
        self.made.append(
            CreativeChoice(
                name=name,
                options=options,
                probabilities=probabilities,
                chosen=chosen,
                seed=self.seed,
            )
        )
        return chosen


@dataclass
class Scene:
    """A canvas, colours, dice, and what the release feels like."""

    canvas: Canvas
    palette: Palette
    rng: np.random.Generator
    chooser: Chooser
    feeling: Feeling
    motifs: frozenset[Motif]

    def between(self, low: float, high: float) -> float:
        """A number drawn evenly from a range."""
        return float(self.rng.uniform(low, high))

    def side(self) -> float:
        """Left (-1) or right (1)."""
        return float(self.rng.choice((-1.0, 1.0)))

    def seed(self) -> int:
        """A fresh seed for a noise plane."""
        return int(self.rng.integers(2**31))

    def wants(self, motif: Motif, chance: float) -> bool:
        """Whether to draw a motif: nearly always when it is the artist's own."""
        return bool(self.rng.random() < (0.9 if motif in self.motifs else chance))


@dataclass(frozen=True)
class Drawn:
    """Where the plate has room for letters, in which inks, and where its subject is."""

    lockups: Sequence[Lockup]
    inks: Sequence[Array]
    focus: tuple[float, float] = (0.5, 0.5)
