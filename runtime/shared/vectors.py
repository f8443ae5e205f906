"""Vectors of texts met before, by the text's hash and the embedder's name and version."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from domain.ports.model import Embedder
from runtime.shared.answers import CacheCounts

# At 384 numbers of 4 bytes each this is 12 MB.
MOST = 8192


class VectorCache(Protocol):
    """Maps a text's key to its vector as bytes of 32-bit floats."""

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept under each key; counts hits and misses."""

    async def put(self, vectors: Mapping[str, bytes]) -> None:
        """Keep these."""

    async def counts(self) -> CacheCounts:
        """Look-ups so far."""


class LocalVectorCache:
    """The texts used last in this process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._vectors: OrderedDict[str, bytes] = OrderedDict()
        self._hits = 0
        self._misses = 0

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept under each key; counts hits and misses."""
        return [self._one(key) for key in keys]

    async def put(self, vectors: Mapping[str, bytes]) -> None:
        """Keep these; the least used go first."""
        for key, vector in vectors.items():
            self._vectors[key] = vector
            self._vectors.move_to_end(key)
        while len(self._vectors) > self._most:
            self._vectors.popitem(last=False)

    async def counts(self) -> CacheCounts:
        """Look-ups so far."""
        return CacheCounts(hits=self._hits, misses=self._misses)

    def _one(self, key: str) -> bytes | None:
        found = self._vectors.get(key)
        if found is None:
            self._misses += 1
            return None
        self._hits += 1
        self._vectors.move_to_end(key)
        return found


class CachedEmbedder:
    """An embedder that computes a text's vector only where the cache has none."""

    def __init__(self, embedder: Embedder, cache: VectorCache) -> None:
        self._embedder = embedder
        self._cache = cache

    @property
    def name(self) -> str:
        """Name and version of the embedder behind."""
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._embedder.dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of unit length per text, the same as the embedder gives."""
        keys = [self._key(text) for text in texts]
        found = dict(zip(keys, await self._cache.get(keys), strict=True))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if found[key] is None}
        if missing:
            made = await self._embedder.embed(list(missing.values()))
            fresh = {
                key: np.array(vector, np.float32).tobytes()
                for key, vector in zip(missing, made, strict=True)
            }
            await self._cache.put(fresh)
            found |= fresh
        return [_numbers(found[key]) for key in keys]

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._embedder.name}\n{text}".encode()).hexdigest()


def _numbers(content: bytes | None) -> list[float]:
    assert content is not None
    numbers: list[float] = np.frombuffer(content, np.float32).tolist()
    return numbers
