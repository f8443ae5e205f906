"""Choosing by meaning: the nearest of several described options, by embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.ports.model import Embedder


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Likeness of two unit vectors."""
    return sum(x * y for x, y in zip(a, b, strict=True))


async def likeness(
    embedder: Embedder, text: str, options: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """For each option, how close the text comes to the nearest of its descriptions, -1 to 1."""
    flat = [description for descriptions in options.values() for description in descriptions]
    vector, *others = await embedder.embed([text, *flat])
    near = iter(cosine(vector, other) for other in others)
    return {name: max(next(near) for _ in texts) for name, texts in options.items()}
