"""Sliding windows counted in Redis, by its clock."""

from __future__ import annotations

from uuid import uuid4

from runtime.shared.over_redis.link import RedisAway, RedisLink
from runtime.shared.windows import LocalWindows, Taken

_COUNT = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
local before = redis.call('ZCARD', KEYS[1])
local allowed = before < tonumber(ARGV[1]) and 1 or 0
if allowed == 1 then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] * 1000))
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or now
return {allowed, before + allowed, math.ceil((oldest + ARGV[2] - now) * 1000)}
"""


class RedisWindows:
    """Between all processes; each counts by itself while Redis is away."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._count = link.script(_COUNT)
        self._alone = LocalWindows()

    async def count(self, name: str, most: int, window_s: float) -> bool:
        """Count one act; False, and not counted, where there were `most` within the window."""
        return (await self.take(name, most, window_s)).allowed

    async def take(self, name: str, most: int, window_s: float) -> Taken:
        """The same, and how the window stands."""
        key, act = self._link.key("window", name), uuid4().hex
        try:
            allowed, count, ms = await self._link.run(self._count, [key], most, window_s, act)
        except RedisAway:
            return await self._alone.take(name, most, window_s)
        return Taken(bool(allowed), most - count, ms / 1000)
