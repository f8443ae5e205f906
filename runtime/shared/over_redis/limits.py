"""Rate limits of all workers together, kept in Redis and decided there in one step."""

from __future__ import annotations

import math
import time

from runtime.shared.limits import (
    ASK_AGAIN_S,
    GONE_AFTER_S,
    LONGEST_PAUSE_S,
    SOON_S,
    BucketLevel,
    LocalLimits,
    Queueing,
    Rates,
    Turn,
    burst,
)
from runtime.shared.over_redis.link import RedisAway, RedisLink

KEPT_S = 3600
# Whether another worker has set a pause is looked up this often, not before every call.
LOOK_FOR_PAUSE_S = 0.25
# The places of chat lie before those of work; a queue never sees so many arrivals.
_RANK_APART = 1 << 40
# KEYS: bucket, queue (ticket to place), when each ticket must have asked again, pause.
_FILL = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
local function filled(field, rate, most)
  local level = redis.call('HGET', KEYS[1], field)
  if not level then return most end
  local since = now - tonumber(redis.call('HGET', KEYS[1], 'at'))
  return math.min(most, tonumber(level) + math.max(0, since) * rate / 60)
end
local function put(requests, tokens)
  redis.call('HSET', KEYS[1], 'requests', string.format('%.6f', requests),
    'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
  redis.call('EXPIRE', KEYS[1], ARGV[5])
end
local rate_requests, rate_tokens = tonumber(ARGV[1]), tonumber(ARGV[2])
local most_requests, most_tokens = tonumber(ARGV[3]), tonumber(ARGV[4])
local requests = filled('requests', rate_requests, most_requests)
local tokens = filled('tokens', rate_tokens, most_tokens)
"""
_ASK = (
    _FILL
    + """
local ticket, needed, rank = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local ask_again, gone_after, soon = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
for _, gone in ipairs(redis.call('ZRANGE', KEYS[3], '-inf', now, 'BYSCORE')) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('ZREM', KEYS[3], gone)
end
if not redis.call('ZSCORE', KEYS[2], ticket) then
  redis.call('ZADD', KEYS[2], rank + redis.call('HINCRBY', KEYS[1], 'arrivals', 1), ticket)
end
local ahead = redis.call('ZRANK', KEYS[2], ticket)
local wait = math.max(0, redis.call('PTTL', KEYS[4]) / 1000)
if rate_requests > 0 then
  wait = math.max(wait, (ahead + 1 - requests) * 60 / rate_requests)
end
if rate_tokens > 0 then
  wait = math.max(wait, (math.min(needed, most_tokens) * (ahead + 1) - tokens) * 60 / rate_tokens)
end
if ahead > 0 or wait > 0 then
  wait = math.max(wait, soon)
  redis.call('ZADD', KEYS[3], now + math.min(wait, ask_again) + gone_after, ticket)
  redis.call('EXPIRE', KEYS[2], ARGV[5])
  redis.call('EXPIRE', KEYS[3], ARGV[5])
  put(requests, tokens)
  return tostring(wait)
end
redis.call('ZREM', KEYS[2], ticket)
redis.call('ZREM', KEYS[3], ticket)
put(requests - 1, tokens - needed)
return '0'
"""
)
_SETTLE = _FILL + "put(requests, tokens + ARGV[6]) return 0"
_PAUSE = """
local left = redis.call('PTTL', KEYS[1])
if left < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
return 0
"""


class RedisLimits(Queueing):
    """Buckets of all workers; each has its own while Redis is away, so that work goes on."""

    def __init__(self, link: RedisLink) -> None:
        super().__init__()
        self._link = link
        self._ask = link.script(_ASK)
        self._settle = link.script(_SETTLE)
        self._pause = link.script(_PAUSE)
        self._alone = LocalLimits()
        self._used: dict[str, Rates] = {}
        self._looked_at: dict[str, float] = {}

    async def ask(self, turn: Turn) -> float:
        """Take the turn, or tell in how many seconds it may come; 0 when taken."""
        self._used[turn.bucket] = turn.rates
        place = turn.rank * _RANK_APART
        waits = (ASK_AGAIN_S, GONE_AFTER_S, SOON_S)
        caller = (turn.ticket, turn.tokens, place)
        keys, rates = self._keys(turn.bucket), _values(turn.rates)
        try:
            return float(await self._link.run(self._ask, keys, *rates, *caller, *waits))
        except RedisAway:
            return await self._alone.ask(turn)

    async def leave(self, turn: Turn) -> None:
        """Wait no more."""
        await self._alone.leave(turn)
        _, queue, expected, _ = self._keys(turn.bucket)

        async def forget() -> None:
            async with self._link.client.pipeline(transaction=False) as pipe:
                pipe.zrem(queue, turn.ticket)
                pipe.zrem(expected, turn.ticket)
                await pipe.execute()

        try:
            await self._link.ask(forget)
        except RedisAway:
            return

    async def settle(self, name: str, rates: Rates, unused_tokens: int) -> None:
        """Give back tokens that were taken and not used, or take what was used beyond them."""
        if not rates.any:
            return
        keys, values = self._keys(name), [*_values(rates), unused_tokens]
        try:
            await self._link.run(self._settle, keys, *values)
        except RedisAway:
            await self._alone.settle(name, rates, unused_tokens)

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody through for so long; a longer pause that is set already stays."""
        self._used.setdefault(name, Rates())
        await self._alone.pause(name, seconds)
        key = self._keys(name)[3]
        left_ms = max(1, math.ceil(1000 * min(seconds, LONGEST_PAUSE_S)))
        try:
            await self._link.run(self._pause, [key], left_ms)
        except RedisAway:
            return

    async def paused_s(self, name: str) -> float:
        """Seconds that a pause still lasts; 0 where there is none."""
        now = time.monotonic()
        if now - self._looked_at.get(name, -LOOK_FOR_PAUSE_S) >= LOOK_FOR_PAUSE_S:
            key = self._keys(name)[3]
            try:
                left_ms: int = await self._link.ask(lambda: self._link.client.pttl(key))
            except RedisAway:
                return await self._alone.paused_s(name)
            self._looked_at[name] = now
            if left_ms > 0:
                await self._alone.pause(name, left_ms / 1000)
        return await self._alone.paused_s(name)

    async def levels(self) -> dict[str, BucketLevel]:
        """Every bucket that this process used."""
        return {name: await self._level(name, rates) for name, rates in self._used.items()}

    async def _level(self, name: str, rates: Rates) -> BucketLevel:
        await self.settle(name, rates, 0)
        bucket, queue, _, pause = self._keys(name)

        async def look() -> list[bytes | int | None]:
            async with self._link.client.pipeline(transaction=False) as pipe:
                pipe.hget(bucket, "requests")
                pipe.hget(bucket, "tokens")
                pipe.zcard(queue)
                pipe.pttl(pause)
                found: list[bytes | int | None] = await pipe.execute()
                return found

        try:
            requests, tokens, waiting, left_ms = await self._link.ask(look)
        except RedisAway:
            return (await self._alone.levels()).get(name, BucketLevel())
        return BucketLevel(
            requests=None if requests is None else float(requests),
            tokens=None if tokens is None else float(tokens),
            waiting=int(waiting or 0),
            paused_s=max(0, int(left_ms or 0)) / 1000,
        )

    def _keys(self, name: str) -> list[str]:
        kinds = ("bucket", "queue", "expected", "pause")
        return [self._link.key("limit", name, kind) for kind in kinds]


def _values(rates: Rates) -> list[float]:
    requests, tokens = rates.requests_minute, rates.tokens_minute
    return [requests or 0, tokens or 0, burst(requests), burst(tokens), KEPT_S]
