"""Seeded choices that are written down with their options and probabilities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from agents.seeds import derive_seed, rng_for
from domain.choice import CreativeChoice


def draw(name: str, weights: Mapping[str, float], seed: int, reason: str = "") -> CreativeChoice:
    """Draw one option with a probability in proportion to its weight."""
    total = sum(weights.values())
    options = tuple(weights)
    probabilities = tuple(weights[o] / total for o in options)
    chosen = rng_for(seed, name).choices(options, probabilities)[0]
    return CreativeChoice(
        name=name,
        options=options,
        probabilities=_summing_to_one(probabilities),
        chosen=chosen,
        seed=derive_seed(seed, name),
        reason=reason,
    )


def draw_by_score(
    name: str, scores: Mapping[str, float], seed: int, *, temperature: float, reason: str = ""
) -> CreativeChoice:
    """Draw by softmax of the scores; a low temperature nearly always takes the best."""
    top = max(scores.values())
    weights = {o: math.exp((s - top) / temperature) for o, s in scores.items()}
    return draw(name, weights, seed, reason)


def settled(
    name: str, options: Sequence[str], chosen: str, seed: int, reason: str
) -> CreativeChoice:
    """A choice that was not drawn: all the probability lies on what was taken."""
    return CreativeChoice(
        name=name,
        options=tuple(options),
        probabilities=tuple(1.0 if o == chosen else 0.0 for o in options),
        chosen=chosen,
        seed=derive_seed(seed, name),
        reason=reason,
    )


def _summing_to_one(probabilities: Sequence[float]) -> tuple[float, ...]:
    total = math.fsum(probabilities)
    return tuple(p / total for p in probabilities)
