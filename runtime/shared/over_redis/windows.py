"""Sliding windows counted in Redis, by its clock."""

from __future__ import annotations

from uuid import uuid4

from runtime.shared.over_redis.link import RedisAway, RedisLink
from runtime.shared.windows import LocalWindows

_COUNT = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] * 1000))
return 1
"""


class RedisWindows:
    """Between all processes; each counts by itself while Redis is away."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._count = link.script(_COUNT)
        self._alone = LocalWindows()

    async def count(self, name: str, most: int, window_s: float) -> bool:
        """Count one act; False, and not counted, where there were `most` within the window."""
        key, act = self._link.key("window", name), uuid4().hex
        try:
            return bool(await self._link.run(self._count, [key], most, window_s, act))
        except RedisAway:
            return await self._alone.count(name, most, window_s)
