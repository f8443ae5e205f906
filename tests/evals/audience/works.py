"""Works for tests of the simulated audience: drawn over the usual range of features."""

from __future__ import annotations

import numpy as np

from evals.audience.features import INDEX, NAMES, Features
from evals.audience.world import Work


def work(name: str, **components: float) -> Work:
    """A work in the middle of everything except the named components."""
    vector = np.zeros(len(NAMES))
    for component, value in components.items():
        vector[INDEX[component]] = value
    return Work(name, Features(vector))


def drawn_works(count: int, seed: int = 1) -> list[Work]:
    """Unlike works."""
    rng = np.random.default_rng(seed)
    vectors = rng.uniform(-1.0, 1.0, (count, len(NAMES)))
    return [Work(f"work-{number}", Features(vector)) for number, vector in enumerate(vectors)]
