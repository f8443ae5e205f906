"""What the label used: tokens and money, by day, by artist, and call by call."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from domain.actor import Actor
from services.base import Service
from store.repositories.model_calls import ModelCall as ModelCall

MOST_ARTISTS = 200
CALLS_SHOWN = 200


class UsedOnDay(BaseModel):
    """One day in UTC."""

    model_config = ConfigDict(frozen=True)

    day: date
    tokens: int
    cost_usd: float


class UsedByArtist(BaseModel):
    """One artist; none: the label itself."""

    model_config = ConfigDict(frozen=True)

    artist_id: str | None
    tokens: int
    cost_usd: float


class Usage(BaseModel):
    """Tokens and money since a moment."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    tokens: int
    cost_usd: float
    by_day: list[UsedOnDay] = Field(description="Days that used any, oldest first.")
    by_artist: list[UsedByArtist] = Field(description="Who used most first, 200 at most.")


class UsageService(Service):
    """Use cases of usage."""

    async def since(self, actor: Actor, since: datetime, artist: str | None = None) -> Usage:
        """What models and generators used, of one artist or of all that the actor sees."""
        actor.must_read()
        async with self.database.unit() as unit:
            artist_ids = actor.artists
            if artist is not None:
                found = await unit.artists.find(artist)
                actor.must_see(found.id)
                artist_ids = frozenset((found.id,))
            days = await unit.overview.spent_by_day(since, artist_ids)
            artists = await unit.overview.spent_by_artist(since, artist_ids, MOST_ARTISTS)
        return Usage(
            since=since,
            tokens=sum(day.tokens for day in days),
            cost_usd=sum(day.cost_usd for day in days),
            by_day=[UsedOnDay.model_validate(day.model_dump()) for day in days],
            by_artist=[UsedByArtist.model_validate(one.model_dump()) for one in artists],
        )

    async def calls(self, actor: Actor, run_id: str, step: str | None = None) -> list[ModelCall]:
        """The first 200 calls of models of a run, or of one of its steps; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            actor.must_see(*(await unit.runs.get(run_id)).artist_ids)
            return await unit.model_calls.of_run(run_id, step, CALLS_SHOWN)

    async def forget_texts(self, actor: Actor, days: int) -> int:
        """Forget the words of calls older than so many days; tells of how many."""
        actor.must_be("system")
        before = self.clock.now() - timedelta(days=days)
        return await self.clear_out(lambda unit, most: unit.model_calls.forget_texts(before, most))
