"""Words for lines to end with, so that the model need not find rhymes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from agents.meaning import cosine
from agents.seeds import rng_for
from agents.songwriter.layout import Place
from domain.ports.model import Embedder

_FILE = Path(__file__).parent / "rhymes.yaml"
# Families are drawn with a weight of likeness to this power: fitting ones are likelier, none sure.
_SHARPNESS = 6.0


@lru_cache(maxsize=1)
def families() -> tuple[tuple[str, ...], ...]:
    """Families of rhyming words."""
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(tuple(str(word) for word in family) for family in read)


async def last_words(
    places: Sequence[Place], scene: str, embedder: Embedder, seed: int
) -> dict[tuple[str, int], str]:
    """A last word for each line that rhymes or is rhymed on; no family is used twice."""
    weights = await _weights(scene, embedder)
    rng = rng_for(seed, "lyrics.rhymes")
    ends: dict[tuple[str, int], str] = {}
    free = list(range(len(weights)))
    for place in places:
        if place.rhymes_with is None:
            continue
        if not free:
            break
        family = rng.choices(free, [sum(weights[i]) for i in free])[0]
        free.remove(family)
        words = families()[family]
        first = rng.choices(words, weights[family])[0]
        others = [(w, x) for w, x in zip(words, weights[family], strict=True) if w != first]
        second = rng.choices([w for w, _ in others], [x for _, x in others])[0]
        ends[place.stanza.key, place.rhymes_with] = first
        ends[place.stanza.key, place.index] = second
    return ends


async def _weights(scene: str, embedder: Embedder) -> list[list[float]]:
    words = [word for family in families() for word in family]
    vector, *others = await embedder.embed([scene, *words])
    near = iter((1.0 + cosine(vector, other)) ** _SHARPNESS for other in others)
    return [[next(near) for _ in family] for family in families()]
