"""What the label used: tokens and money, by day and by artist."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.actor import Actor
from services.base import Service

MOST_ARTISTS = 200


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
    """Use cases of usage; writes nothing."""

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
