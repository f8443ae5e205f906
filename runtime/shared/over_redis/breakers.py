"""Circuit breakers kept in Redis: one circuit, and one trial, for all workers."""

from __future__ import annotations

import time
from uuid import uuid4

from runtime.shared.breakers import (
    Admission,
    BreakerRules,
    LocalBreaker,
    Outcome,
    State,
    refused,
)
from runtime.shared.over_redis.link import RedisAway, RedisLink

FORGOTTEN_AFTER_S = 3600
# A circuit that was closed and without failures is taken for so for this long: while all is well
# most calls need not ask, and a worker hears this much later that another's failures opened it.
TRUSTED_S = 0.25
_NOW = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
local function number(field) return tonumber(redis.call('HGET', KEYS[1], field) or '0') end
local function keep(field, at) redis.call('HSET', KEYS[1], field, string.format('%.6f', at)) end
"""
# A clock that was set back must not lengthen a rest: it begins anew, once.
_OPENED = (
    _NOW
    + """
local opened = number('opened')
if opened > now then
  opened = now
  keep('opened', opened)
end
"""
)
# Opened at 0 means closed. Seconds come back as text: Lua's numbers would lose their fractions.
_STATE = (
    _OPENED
    + """
if opened == 0 then return 'closed' end
if now - opened < tonumber(ARGV[1]) then return 'open' end
return 'half_open'
"""
)
_ADMIT = (
    _OPENED
    + """
if opened == 0 then return {1, '', '0', number('failures')} end
local trial_until = number('trial_until')
if trial_until > now + ARGV[2] then
  trial_until = now + ARGV[2]
  keep('trial_until', trial_until)
end
local wait = math.max(opened + ARGV[1] - now, trial_until - now)
if wait > 0 then return {0, '', tostring(wait), 0} end
redis.call('HSET', KEYS[1], 'trial', ARGV[3])
keep('trial_until', now + ARGV[2])
return {1, ARGV[3], '0', 0}
"""
)
_REPORT = (
    _NOW
    + """
local outcome, trial = ARGV[1], ARGV[2]
if outcome == 'ok' then return redis.call('DEL', KEYS[1]) end
local is_trial = trial ~= '' and redis.call('HGET', KEYS[1], 'trial') == trial
if is_trial then redis.call('HDEL', KEYS[1], 'trial', 'trial_until') end
if outcome == 'ill' then
  local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  if is_trial or failures >= tonumber(ARGV[3]) then
    keep('opened', now)
  end
  redis.call('EXPIRE', KEYS[1], ARGV[4])
end
return 0
"""
)


class RedisBreaker:
    """A breaker of all workers; the one in process decides while Redis is away."""

    def __init__(self, link: RedisLink, name: str, rules: BreakerRules) -> None:
        self._link = link
        self._keys = [link.key("breaker", name)]
        self._rules = rules
        self._state = link.script(_STATE)
        self._admit = link.script(_ADMIT)
        self._report = link.script(_REPORT)
        self._alone = LocalBreaker(rules)
        self._well_until = 0.0

    async def state(self) -> State:
        """The present state."""
        try:
            found: bytes = await self._link.run(self._state, self._keys, self._rules.cooldown_s)
        except RedisAway:
            return await self._alone.state()
        state: State = "open" if found == b"open" else "half_open"
        return "closed" if found == b"closed" else state

    async def admit(self) -> Admission:
        """Ask before a call; what is admitted must be reported."""
        if self._well:
            return Admission(True)
        rules, fresh = self._rules, uuid4().hex
        try:
            admitted, trial, wait_s, failures = await self._link.run(
                self._admit, self._keys, rules.cooldown_s, rules.trial_s, fresh
            )
        except RedisAway:
            return await self._alone.admit()
        if admitted:
            if not trial and not failures:
                self._well_until = time.monotonic() + TRUSTED_S
            return Admission(True, trial.decode())
        return refused(min(float(wait_s), self._rules.cooldown_s))

    async def report(self, admission: Admission, outcome: Outcome) -> None:
        """How the call went; `neutral` says nothing about the endpoint's health."""
        threshold, kept_s = self._rules.threshold, int(FORGOTTEN_AFTER_S + self._rules.cooldown_s)
        # The one in process hears everything, so that it knows the endpoint when Redis goes.
        await self._alone.report(admission, outcome)
        if outcome == "ill":
            self._well_until = 0.0
        elif self._well and not admission.trial:
            return
        try:
            await self._link.run(
                self._report, self._keys, outcome, admission.trial, threshold, kept_s
            )
        except RedisAway:
            return

    @property
    def _well(self) -> bool:
        """Whether the circuit was closed and without failures a moment ago."""
        return time.monotonic() < self._well_until and not self._link.away


class RedisBreakers:
    """Breakers of all workers of a label."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._breakers: dict[str, RedisBreaker] = {}

    def of(self, name: str, rules: BreakerRules | None = None) -> RedisBreaker:
        """The breaker of this name."""
        if name not in self._breakers:
            self._breakers[name] = RedisBreaker(self._link, name, rules or BreakerRules())
        return self._breakers[name]

    async def states(self) -> dict[str, State]:
        """Every breaker that this process asked for."""
        return {name: await breaker.state() for name, breaker in self._breakers.items()}
