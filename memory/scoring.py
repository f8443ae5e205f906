"""How useful a memory is for a question: pure functions, with their weights in one model.

Measured on long conversations, word and vector scores added after min-max scaling found more
than either alone and more than reciprocal ranks; recency at equal weight ruined questions about
the past. So recency only breaks near ties, unless the question is about now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

_NOW = re.compile(
    r"\b(now|today|tonight|currently|current|lately|recent|recently|latest|newest|nowadays"
    r"|at the moment|these days|this (?:week|month|morning|evening)|just|upcoming|next)\b",
    re.IGNORECASE,
)


class Weights(BaseModel):
    """How much each part of a score counts. Relevance is the measure: its weight is 1."""

    model_config = ConfigDict(frozen=True)

    lexical: float = Field(default=0.4, ge=0, le=1, description="Words against vectors.")
    importance: float = Field(default=0.05, ge=0)
    recency: float = Field(default=0.02, ge=0)
    recency_now: float = Field(default=0.6, ge=0, description="When the question is about now.")
    half_life: timedelta = timedelta(days=14)

    def recency_for(self, query: str) -> float:
        """The weight of recency for this question."""
        return self.recency_now if about_now(query) else self.recency


class Parts(BaseModel):
    """The parts of one memory's score, each 0 to 1."""

    model_config = ConfigDict(frozen=True)

    relevance: float
    recency: float
    importance: float


def about_now(query: str) -> bool:
    """Whether a question asks about the present (English); an empty one does."""
    return not query.strip() or _NOW.search(query) is not None


def recency(happened_at: datetime, now: datetime, half_life: timedelta) -> float:
    """1 for what happens now or is still to come, halved with every half-life."""
    age = max(timedelta(0), now - happened_at)
    return float(0.5 ** (age / half_life))


def scaled(scores: Mapping[str, float], floor: float | None = None) -> dict[str, float]:
    """Min-max scaling to 0 to 1. `floor` replaces the lowest score as what becomes 0.

    Equal scores all become 1 when they stand above the floor, and 0 otherwise.
    """
    if not scores:
        return {}
    low = min(scores.values()) if floor is None else floor
    span = max(scores.values()) - low
    if span <= 0:
        return dict.fromkeys(scores, 0.0 if floor is not None else 1.0)
    return {key: min(1.0, max(0.0, (score - low) / span)) for key, score in scores.items()}


def fused(
    lexical: Mapping[str, float], similarity: Mapping[str, float], lexical_weight: float
) -> dict[str, float]:
    """Relevance of every candidate of either list: the weighted sum of both, scaled to 0 to 1.

    A candidate without a word in common has the lexical score 0, so 0 is that scale's floor.
    """
    by_words = scaled(lexical, floor=0.0)
    by_vector = scaled(similarity)
    return {
        key: lexical_weight * by_words.get(key, 0.0)
        + (1 - lexical_weight) * by_vector.get(key, 0.0)
        for key in lexical.keys() | similarity.keys()
    }


def total(parts: Parts, weights: Weights, recency_weight: float) -> float:
    """One score, 0 to 1: the parts' weighted mean."""
    whole = 1 + weights.importance + recency_weight
    weighted = (
        parts.relevance + weights.importance * parts.importance + recency_weight * parts.recency
    )
    return weighted / whole
