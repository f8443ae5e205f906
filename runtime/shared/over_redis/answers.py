"""The answer cache of all workers."""

from __future__ import annotations

from domain.ports.model import Completion
from runtime.shared.answers import CacheCounts
from runtime.shared.over_redis.kept import Kept
from runtime.shared.over_redis.link import RedisAway, RedisLink

MOST = 50_000
KEEP_S = 14 * 24 * 3600
# A longer answer is rare, and may cost what it costs again.
LONGEST_BYTES = 64 * 1024


class RedisAnswerCache:
    """While Redis is away nothing is found and nothing is kept."""

    def __init__(self, link: RedisLink, *, most: int = MOST, keep_s: int = KEEP_S) -> None:
        self._kept = Kept(link, "answers", most=most, keep_s=keep_s)

    async def get(self, key: str) -> Completion | None:
        """The stored completion; counts a hit or a miss."""
        try:
            found = (await self._kept.get([key]))[0]
        except RedisAway:
            return None
        return Completion.model_validate_json(found) if found else None

    async def put(self, key: str, prompt: str, completion: Completion) -> None:
        """Store a completion; the first one stays."""
        content = completion.model_dump_json().encode()
        if len(content) > LONGEST_BYTES:
            return
        try:
            await self._kept.put({key: content})
        except RedisAway:
            return

    async def counts(self) -> CacheCounts:
        """Look-ups so far, by all processes; none while Redis is away."""
        try:
            return await self._kept.counts()
        except RedisAway:
            return CacheCounts()

    async def aclose(self) -> None:
        """The link is closed by who opened it."""
