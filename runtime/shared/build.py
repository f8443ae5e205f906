"""Opens what processes share as the settings say: over Redis, or in process without one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from runtime.bus import EventBus
from runtime.settings import Settings
from runtime.shared.answers import AnswerCache, CacheCounts, MemoryAnswerCache, SqliteAnswerCache
from runtime.shared.breakers import Breakers, LocalBreakers, State
from runtime.shared.limits import BucketLevel, LocalLimits, RateLimits
from runtime.shared.reservations import LocalReservations, Reservations
from runtime.shared.vectors import LocalVectorCache, VectorCache
from runtime.shared.windows import LocalWindows, Windows

REACHED_WITHIN_S = 10.0
ANSWERS_FILE = "answers.db"


class Presence(Protocol):
    """Whether what is shared between processes can be reached."""

    @property
    def away(self) -> bool:
        """Whether it cannot, at the moment."""


class SharedStats(BaseModel):
    """How the shared parts stand, for metrics and the operator's page."""

    model_config = ConfigDict(frozen=True)

    redis: Literal["none", "up", "away"]
    caches: dict[str, CacheCounts]
    breakers: dict[str, State]
    buckets: dict[str, BucketLevel]


@dataclass(frozen=True)
class Shared:
    """What processes of one label share; the default is shared within this process only."""

    bus: EventBus = field(default_factory=EventBus)
    limits: RateLimits = field(default_factory=LocalLimits)
    breakers: Breakers = field(default_factory=LocalBreakers)
    reservations: Reservations = field(default_factory=LocalReservations)
    answers: AnswerCache = field(default_factory=MemoryAnswerCache)
    vectors: VectorCache = field(default_factory=LocalVectorCache)
    windows: Windows = field(default_factory=LocalWindows)
    presence: Presence | None = None

    async def stats(self) -> SharedStats:
        """Hit rates, states and levels at this moment."""
        away = self.presence is not None and self.presence.away
        return SharedStats(
            redis="none" if self.presence is None else "away" if away else "up",
            caches={
                "answers": await self.answers.counts(),
                "embeddings": await self.vectors.counts(),
            },
            breakers=await self.breakers.states(),
            buckets=await self.limits.levels(),
        )


@asynccontextmanager
async def open_shared(settings: Settings) -> AsyncIterator[Shared]:
    """Open for the block; raises `EnvironmentProblem` where the Redis named does not answer."""
    if settings.redis_url is not None:
        async with _over_redis(settings.redis_url.get_secret_value(), settings.database) as shared:
            yield shared
        return
    answers = SqliteAnswerCache(settings.home / ANSWERS_FILE)
    try:
        yield Shared(answers=answers)
    finally:
        await answers.aclose()


@asynccontextmanager
async def _over_redis(url: str, database: str) -> AsyncIterator[Shared]:
    # Redis' client takes a third of a second to import, and one process needs none of it.
    from runtime.shared.over_redis import (  # noqa: PLC0415
        answers,
        breakers,
        bus,
        limits,
        link,
        reservations,
        vectors,
        windows,
    )

    redis = link.RedisLink(url, prefix_of(database))
    try:
        await redis.reach(REACHED_WITHIN_S)
        events = bus.RedisEventBus(redis)
        async with events.carrying():
            yield Shared(
                bus=events,
                limits=limits.RedisLimits(redis),
                breakers=breakers.RedisBreakers(redis),
                reservations=reservations.RedisReservations(redis),
                answers=answers.RedisAnswerCache(redis),
                vectors=vectors.RedisVectorCache(redis),
                windows=windows.RedisWindows(redis),
                presence=redis,
            )
    finally:
        await redis.aclose()


def prefix_of(database: str) -> str:
    """Names of one label's part of a Redis: labels in databases of other names never meet.

    Only the database's name counts, since hosts may know one server by several addresses;
    docs/deploying.md tells what to do where two labels' databases have the same name.
    """
    name = urlsplit(database).path
    return f"greenroom:{hashlib.sha256(name.encode()).hexdigest()[:12]}"
