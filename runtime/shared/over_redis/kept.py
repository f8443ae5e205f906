"""Bytes kept in Redis by key: bounded in number and age, the least used go first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runtime.shared.answers import CacheCounts
from runtime.shared.over_redis.link import RedisLink

# KEYS: tallies, index of keys by last use, then what is asked for; ARGV: hits to add to the tally.
_GET = """
local at = redis.call('TIME')
local found, hits = {}, 0
for i = 3, #KEYS do
  local value = redis.call('GET', KEYS[i])
  found[i - 2] = value
  if value then
    hits = hits + 1
    redis.call('ZADD', KEYS[2], 'XX', at[1], KEYS[i])
  end
end
redis.call('HINCRBY', KEYS[1], 'hits', hits + ARGV[1])
redis.call('HINCRBY', KEYS[1], 'misses', #KEYS - 2 - hits)
return found
"""
# KEYS: index, then the keys; ARGV: seconds to keep, the most to keep, then the values.
_PUT = """
local at = redis.call('TIME')
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[i + 1], 'NX', 'EX', ARGV[1])
  redis.call('ZADD', KEYS[1], at[1], KEYS[i])
end
local beyond = redis.call('ZCARD', KEYS[1]) - ARGV[2]
if beyond > 0 then
  local gone = redis.call('ZPOPMIN', KEYS[1], beyond)
  for i = 1, #gone, 2 do redis.call('DEL', gone[i]) end
end
return 0
"""
AT_A_TIME = 256


class Kept:
    """One collection of this kind; raises `RedisAway`."""

    def __init__(self, link: RedisLink, name: str, *, most: int, keep_s: int) -> None:
        self._link = link
        self._name = name
        self._most = most
        self._keep_s = keep_s
        self._index = link.key(name, "index")
        self._tallies = link.key(name, "tallies")
        self._get = link.script(_GET)
        self._put = link.script(_PUT)

    async def get(self, keys: Sequence[str], also_hit: int = 0) -> list[bytes | None]:
        """What is kept under each key; counts hits and misses, and hits had elsewhere."""
        found: list[bytes | None] = []
        for start in range(0, len(keys), AT_A_TIME):
            asked = [self._name_of(key) for key in keys[start : start + AT_A_TIME]]
            names = [self._tallies, self._index, *asked]
            found += await self._link.run(self._get, names, 0 if start else also_hit)
        return found

    async def put(self, values: Mapping[str, bytes]) -> None:
        """Keep these; what is kept already stays as it is."""
        entries = list(values.items())
        for start in range(0, len(entries), AT_A_TIME):
            part = entries[start : start + AT_A_TIME]
            names = [self._index, *(self._name_of(key) for key, _ in part)]
            contents = [value for _, value in part]
            await self._link.run(self._put, names, self._keep_s, self._most, *contents)

    async def counts(self) -> CacheCounts:
        """Look-ups so far, by all processes."""
        found = await self._link.ask(lambda: self._link.client.hgetall(self._tallies))
        return CacheCounts(hits=int(found.get(b"hits", 0)), misses=int(found.get(b"misses", 0)))

    def _name_of(self, key: str) -> str:
        return self._link.key(self._name, "kept", key)
