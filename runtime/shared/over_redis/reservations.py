"""Reservations of all workers, each in a hash of its run, its artist and the label."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from domain.ports.model import CallScope, Spent
from runtime.shared.over_redis.link import RedisAway, RedisLink
from runtime.shared.reservations import FORGOTTEN_AFTER_S, Held, LocalReservations

# Adds one entry to each hash and tells the sum of each; entries of the dead are dropped by the way.
_ADD = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
local sums = {}
for place, key in ipairs(KEYS) do
  local entry = ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. string.format('%.3f', now + ARGV[4])
  redis.call('HSET', key, ARGV[1], entry)
  redis.call('EXPIRE', key, ARGV[4])
  local tokens, cost = 0, 0
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local t, c, gone = string.match(all[i + 1], '(%S+) (%S+) (%S+)')
    if tonumber(gone) < now then
      redis.call('HDEL', key, all[i])
    else
      tokens, cost = tokens + t, cost + c
    end
  end
  sums[2 * place - 1], sums[2 * place] = string.format('%.0f', tokens), string.format('%.9f', cost)
end
return sums
"""
_REMOVE = "for _, key in ipairs(KEYS) do redis.call('HDEL', key, ARGV[1]) end return 0"


class RedisReservations:
    """Counts in process too, for while Redis is away and when it comes back empty."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._add = link.script(_ADD)
        self._remove = link.script(_REMOVE)
        self._alone = LocalReservations()

    async def add(self, scope: CallScope, highest: Spent) -> Held:
        """Reserve the highest that a call may use."""
        held = self._alone.hold(uuid4().hex, scope, highest)
        places = self._places(scope, highest)
        if not places:
            return held
        cost = f"{highest.cost_usd:.9f}"
        keys, entry = list(places.values()), (held.id, highest.tokens, cost)
        try:
            sums = await self._link.run(self._add, keys, *entry, FORGOTTEN_AFTER_S)
        except RedisAway:
            return held
        except BaseException:
            await self._alone.remove(held)
            raise
        pairs = zip(sums[::2], sums[1::2], strict=True)
        shared = {
            place: Spent(tokens=int(tokens), cost_usd=float(usd))
            for place, (tokens, usd) in zip(places, pairs, strict=True)
        }
        return replace(
            held,
            run=_higher(held.run, shared.get("run")),
            artist=_higher(held.artist, shared.get("artist")),
            label=_higher(held.label, shared.get("label")),
        )

    async def remove(self, held: Held) -> None:
        """The call has ended and is booked."""
        await self._alone.remove(held)
        keys = list(self._places(held.scope, held.highest).values())
        if not keys:
            return
        try:
            await self._link.run(self._remove, keys, held.id)
        except RedisAway:
            return

    def _places(self, scope: CallScope, highest: Spent) -> dict[str, str]:
        """The hashes that a reservation stands in; the label only counts money."""
        places: dict[str, str] = {}
        if scope.run_id is not None:
            places["run"] = self._link.key("held", "run", scope.run_id)
        if scope.artist_id is not None:
            places["artist"] = self._link.key("held", "artist", scope.artist_id)
        if highest.cost_usd > 0:
            places["label"] = self._link.key("held", "label")
        return places


def _higher(own: Spent, shared: Spent | None) -> Spent:
    if shared is None:
        return own
    return Spent(tokens=max(own.tokens, shared.tokens), cost_usd=max(own.cost_usd, shared.cost_usd))
