"""Reservations of all workers, each in a hash of its run, its artist and the label."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from domain.ports.model import CallScope, Spent
from runtime.shared.over_redis.link import RedisAway, RedisLink
from runtime.shared.reservations import (
    FORGOTTEN_AFTER_S,
    NOTHING,
    Account,
    Booked,
    Held,
    LocalReservations,
)

BOOKED_KEPT_S = 48 * 3600
# KEYS: epoch, then of each account what is held and what was booked. Adds one entry to each and
# tells its sums; entries of the dead are dropped by the way. A Redis that lost its data has a new
# epoch, so that nobody takes its small counts for the old ones.
_ADD = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
redis.call('SET', KEYS[1], ARGV[5], 'NX')
local found = {redis.call('GET', KEYS[1])}
local entry = ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. string.format('%.3f', now + ARGV[4])
for i = 2, #KEYS, 2 do
  redis.call('HSET', KEYS[i], ARGV[1], entry)
  redis.call('EXPIRE', KEYS[i], ARGV[4])
  local tokens, cost = 0, 0
  local all = redis.call('HGETALL', KEYS[i])
  for j = 1, #all, 2 do
    local t, c, gone = string.match(all[j + 1], '(%S+) (%S+) (%S+)')
    if tonumber(gone) < now then
      redis.call('HDEL', KEYS[i], all[j])
    else
      tokens, cost = tokens + t, cost + c
    end
  end
  found[#found + 1] = string.format('%.0f', tokens)
  found[#found + 1] = string.format('%.9f', cost)
  found[#found + 1] = redis.call('HGET', KEYS[i + 1], 'tokens') or '0'
  found[#found + 1] = redis.call('HGET', KEYS[i + 1], 'nano_usd') or '0'
end
return found
"""
_REMOVE = """
for i = 1, #KEYS, 2 do
  if redis.call('HDEL', KEYS[i], ARGV[1]) == 1 then
    redis.call('HINCRBY', KEYS[i + 1], 'tokens', ARGV[2])
    redis.call('HINCRBY', KEYS[i + 1], 'nano_usd', ARGV[3])
    redis.call('EXPIRE', KEYS[i + 1], ARGV[4])
  end
end
return 0
"""
_NANO = 1e-9


class RedisReservations:
    """Counts in process too, for while Redis is away and when it comes back empty."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._add = link.script(_ADD)
        self._remove = link.script(_REMOVE)
        self._alone = LocalReservations()

    async def add(self, scope: CallScope, highest: Spent) -> Held:
        """Reserve the highest that a call may use."""
        own = await self._alone.add(scope, highest)
        places = self._places(scope, highest)
        # What this process knows by itself says nothing of the others' bookings.
        alone = replace(
            own,
            run=Account(own.run.held),
            artist=Account(own.artist.held),
            label=Account(own.label.held),
        )
        entry = (own.id, highest.tokens, f"{highest.cost_usd:.9f}", FORGOTTEN_AFTER_S)
        keys = [self._link.key("held", "epoch"), *(key for pair in places.values() for key in pair)]
        try:
            epoch, *found = await self._link.run(self._add, keys, *entry, uuid4().hex)
        except RedisAway:
            return alone
        except BaseException:
            await self._alone.remove(own)
            raise
        accounts = dict(zip(places, _fours(found), strict=True))
        return replace(
            alone,
            run=_account(own.run, accounts.get("run"), epoch),
            artist=_account(own.artist, accounts.get("artist"), epoch),
            label=_account(own.label, accounts.get("label"), epoch),
        )

    async def remove(self, held: Held, used: Spent = NOTHING) -> None:
        """The call has ended, and what it used stands in the ledger."""
        await self._alone.remove(held, used)
        keys = [key for pair in self._places(held.scope, held.highest).values() for key in pair]
        booked = (held.id, used.tokens, round(used.cost_usd / _NANO), BOOKED_KEPT_S)
        try:
            await self._link.run(self._remove, keys, *booked)
        except RedisAway:
            return

    def _places(self, scope: CallScope, highest: Spent) -> dict[str, tuple[str, str]]:
        """Of each account the hash of what is held and that of what was booked.

        The label only counts money.
        """
        names: dict[str, tuple[str, ...]] = {}
        if scope.run_id is not None:
            names["run"] = ("run", scope.run_id)
        if scope.artist_id is not None:
            names["artist"] = ("artist", scope.artist_id)
        if highest.cost_usd > 0:
            names["label"] = ("label",)
        return {
            place: (self._link.key("held", *name), self._link.key("booked", *name))
            for place, name in names.items()
        }


def _fours(found: list[bytes]) -> list[tuple[bytes, ...]]:
    return [tuple(found[start : start + 4]) for start in range(0, len(found), 4)]


def _account(own: Account, shared: tuple[bytes, ...] | None, epoch: bytes) -> Account:
    if shared is None:
        return Account(own.held)
    tokens, cost_usd, booked_tokens, booked_nano_usd = shared
    return Account(
        held=Spent(
            tokens=max(own.held.tokens, int(tokens)),
            cost_usd=max(own.held.cost_usd, float(cost_usd)),
        ),
        booked=Booked(
            epoch.decode(),
            Spent(tokens=int(booked_tokens), cost_usd=int(booked_nano_usd) * _NANO),
        ),
    )
