"""Synthetic runs whose truth is known."""

from __future__ import annotations

import numpy as np

from learning.intervals import CaseScores, FloatArray


def run(
    levels: FloatArray, *, epochs: int = 1, noise: float = 0.1, loss: float = 0.0, seed: int
) -> list[CaseScores]:
    """Scores of cases of these levels, less a planted loss."""
    rng = np.random.default_rng(seed)
    scores = levels[:, None] - loss + rng.normal(0.0, noise, size=(len(levels), epochs))
    return [
        CaseScores(case_id=f"case-{n}", scores=tuple(row), slices={"genre": "abcd"[n % 4]})
        for n, row in enumerate(scores.tolist())
    ]


def levels(cases: int, seed: int = 0) -> FloatArray:
    """Levels of cases between easy and hard."""
    return np.random.default_rng(seed).uniform(0.3, 0.9, size=cases)
