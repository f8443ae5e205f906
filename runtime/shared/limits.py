"""Rate limits: a bucket of requests and one of tokens for each name, and who waits for them."""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from domain.ports.model import Priority

# A bucket holds what is allowed in this time: so much may go out at once after a silence.
BURST_S = 10.0
# Waiting callers ask again at least this often: a pause or somebody's chat may have come between.
ASK_AGAIN_S = 1.0
# One that has not asked for this long after it should have is dead, and holds up nobody.
GONE_AFTER_S = 3.0
SOON_S = 0.02
# Nobody stops for longer at the word of one answer.
LONGEST_PAUSE_S = 3600.0
RANKS: dict[Priority, int] = {"chat": 0, "work": 1}


@dataclass(frozen=True, slots=True)
class Rates:
    """What a name allows in a minute; None: no limit is known."""

    requests_minute: int | None = None
    tokens_minute: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to wait for."""
        return self.requests_minute is not None or self.tokens_minute is not None


class BucketLevel(BaseModel):
    """A bucket as it stands; below zero is what was taken in advance."""

    model_config = ConfigDict(frozen=True)

    requests: float | None = None
    tokens: float | None = None
    waiting: int = 0
    paused_s: float = 0.0


class RateLimits(Protocol):
    """Buckets by name. Waiters go by priority, then in the order in which they came."""

    async def take(self, name: str, rates: Rates, tokens: int, priority: Priority) -> None:
        """Wait until one request of so many tokens may go out, and take it."""

    async def settle(self, name: str, rates: Rates, unused_tokens: int) -> None:
        """Give back tokens that were taken and not used, or take what was used beyond them."""

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody through for so long; a longer pause that is set already stays."""

    async def paused_s(self, name: str) -> float:
        """Seconds that a pause still lasts; 0 where there is none."""

    async def levels(self) -> dict[str, BucketLevel]:
        """Every bucket that this process used."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One caller's wish, with the name under which it waits."""

    bucket: str
    rates: Rates
    tokens: int
    rank: int
    ticket: str


class Queueing(ABC):
    """How callers wait: ask, sleep as long as told with jitter, ask again."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep

    @abstractmethod
    async def ask(self, turn: Turn) -> float:
        """Take the turn, or tell in how many seconds it may come; 0 when taken."""

    @abstractmethod
    async def leave(self, turn: Turn) -> None:
        """Wait no more."""

    async def take(self, name: str, rates: Rates, tokens: int, priority: Priority) -> None:
        """Wait until one request of so many tokens may go out, and take it."""
        if not rates.any:
            return
        turn = Turn(name, rates, tokens, RANKS[priority], uuid4().hex)
        try:
            while (wait_s := await self.ask(turn)) > 0:
                await self._sleep(min(wait_s, ASK_AGAIN_S) * random.uniform(1.0, 1.1))
        except asyncio.CancelledError:
            await self.leave(turn)
            raise


@dataclass(slots=True)
class _Bucket:
    """A bucket and its queue; both levels are full at first."""

    requests: float
    tokens: float
    at: float
    arrivals: int = 0
    # Ticket to place in the queue and the time until which the waiter must have asked again.
    waiting: dict[str, tuple[int, int]] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=dict)


class LocalLimits(Queueing):
    """Buckets of one process."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(sleep)
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}
        self._paused_until: dict[str, float] = {}

    async def ask(self, turn: Turn) -> float:
        """Take the turn, or tell in how many seconds it may come; 0 when taken."""
        now = self._monotonic()
        bucket = self._filled(turn.bucket, turn.rates, now)
        self._queue(bucket, turn, now)
        wait_s = self._wait_s(bucket, turn, now)
        if wait_s > 0:
            bucket.expected[turn.ticket] = now + min(wait_s, ASK_AGAIN_S) + GONE_AFTER_S
            return wait_s
        bucket.requests -= 1
        bucket.tokens -= turn.tokens
        _forget(bucket, turn.ticket)
        return 0.0

    async def leave(self, turn: Turn) -> None:
        """Wait no more."""
        if (bucket := self._buckets.get(turn.bucket)) is not None:
            _forget(bucket, turn.ticket)

    async def settle(self, name: str, rates: Rates, unused_tokens: int) -> None:
        """Give back tokens that were taken and not used, or take what was used beyond them."""
        if rates.any:
            self._filled(name, rates, self._monotonic()).tokens += unused_tokens

    async def pause(self, name: str, seconds: float) -> None:
        """Let nobody through for so long; a longer pause that is set already stays."""
        until = self._monotonic() + min(seconds, LONGEST_PAUSE_S)
        self._paused_until[name] = max(until, self._paused_until.get(name, until))

    async def paused_s(self, name: str) -> float:
        """Seconds that a pause still lasts; 0 where there is none."""
        return max(0.0, self._paused_until.get(name, 0.0) - self._monotonic())

    async def levels(self) -> dict[str, BucketLevel]:
        """Every bucket that this process used."""
        found: dict[str, BucketLevel] = {}
        for name in sorted(self._buckets.keys() | self._paused_until.keys()):
            bucket = self._buckets.get(name)
            found[name] = BucketLevel(
                requests=bucket.requests if bucket else None,
                tokens=bucket.tokens if bucket else None,
                waiting=len(bucket.waiting) if bucket else 0,
                paused_s=await self.paused_s(name),
            )
        return found

    def _filled(self, name: str, rates: Rates, now: float) -> _Bucket:
        most_requests, most_tokens = burst(rates.requests_minute), burst(rates.tokens_minute)
        bucket = self._buckets.setdefault(name, _Bucket(most_requests, most_tokens, now))
        passed_min = max(0.0, now - bucket.at) / 60
        bucket.requests = min(
            most_requests, bucket.requests + passed_min * (rates.requests_minute or 0)
        )
        bucket.tokens = min(most_tokens, bucket.tokens + passed_min * (rates.tokens_minute or 0))
        bucket.at = now
        return bucket

    def _queue(self, bucket: _Bucket, turn: Turn, now: float) -> None:
        """Take a place in the queue, and forget those who are gone."""
        for ticket in [t for t, until in bucket.expected.items() if until < now]:
            _forget(bucket, ticket)
        if turn.ticket not in bucket.waiting:
            bucket.arrivals += 1
            bucket.waiting[turn.ticket] = (turn.rank, bucket.arrivals)
        bucket.expected[turn.ticket] = now + GONE_AFTER_S

    def _wait_s(self, bucket: _Bucket, turn: Turn, now: float) -> float:
        place = bucket.waiting[turn.ticket]
        ahead = sum(other < place for other in bucket.waiting.values())
        wait_s = max(0.0, self._paused_until.get(turn.bucket, 0.0) - now)
        if (rate := turn.rates.requests_minute) is not None:
            wait_s = max(wait_s, (ahead + 1 - bucket.requests) * 60 / rate)
        if (rate := turn.rates.tokens_minute) is not None:
            # A call larger than the bucket goes when it is full, and leaves a debt.
            needed = min(turn.tokens, burst(rate))
            wait_s = max(wait_s, (needed * (ahead + 1) - bucket.tokens) * 60 / rate)
        return max(wait_s, SOON_S) if ahead or wait_s > 0 else 0.0


def burst(per_minute: int | None) -> float:
    """How much a bucket holds."""
    return max(1.0, (per_minute or 0) * BURST_S / 60)


def _forget(bucket: _Bucket, ticket: str) -> None:
    bucket.waiting.pop(ticket, None)
    bucket.expected.pop(ticket, None)
