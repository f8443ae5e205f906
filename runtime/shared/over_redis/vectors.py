"""The embeddings cache of all workers, behind one in process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runtime.shared.answers import CacheCounts
from runtime.shared.over_redis.kept import Kept
from runtime.shared.over_redis.link import RedisAway, RedisLink
from runtime.shared.vectors import LocalVectorCache

# At 1.5 KB each this is 150 MB.
MOST = 100_000
KEEP_S = 30 * 24 * 3600


class RedisVectorCache:
    """Asks the process first, and Redis for the rest; does without while Redis is away."""

    def __init__(self, link: RedisLink, *, most: int = MOST, keep_s: int = KEEP_S) -> None:
        self._near = LocalVectorCache()
        # Hits in process that the tally in Redis does not know of yet.
        self._untold = 0
        self._kept = Kept(link, "vectors", most=most, keep_s=keep_s)

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept under each key; counts hits and misses."""
        found = dict(zip(keys, await self._near.get(keys), strict=True))
        missing = [key for key, vector in found.items() if vector is None]
        self._untold += len(found) - len(missing)
        if missing:
            far = await self._far(missing)
            found |= far
            await self._near.put({key: vector for key, vector in far.items() if vector})
        return [found[key] for key in keys]

    async def put(self, vectors: Mapping[str, bytes]) -> None:
        """Keep these, here and for the others."""
        await self._near.put(vectors)
        try:
            await self._kept.put(vectors)
        except RedisAway:
            return

    async def counts(self) -> CacheCounts:
        """Look-ups so far, by all processes; those of this one while Redis is away."""
        try:
            told = await self._kept.counts()
        except RedisAway:
            return await self._near.counts()
        return told.model_copy(update={"hits": told.hits + self._untold})

    async def _far(self, missing: Sequence[str]) -> dict[str, bytes | None]:
        untold, self._untold = self._untold, 0
        try:
            found = await self._kept.get(missing, also_hit=untold)
        except RedisAway:
            self._untold += untold
            return {}
        return dict(zip(missing, found, strict=True))
