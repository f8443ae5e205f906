"""One artist as the people who run the label look at it; writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist
from domain.ports.clock import Clock
from domain.ports.model import Spent, UsageLedger
from domain.post import Post
from domain.profile import ProfileVersion
from domain.run import Run
from domain.work import Work
from services.base import Service
from store.database import Database
from store.unit import UnitOfWork

WORKS_SHOWN = 8
POSTS_SHOWN = 5
RUNS_SHOWN = 6
MONEY_DAYS = 30


class ArtistDesk(BaseModel):
    """What lies on an artist's desk; `plan` is what its newest run set out to do."""

    model_config = ConfigDict(frozen=True)

    artist: Artist
    profile: ProfileVersion | None
    works: list[Work]
    posts: list[Post]
    runs: list[Run]
    plan: str
    planned_at: datetime | None
    audience: dict[str, int]
    spent: Spent


class ArtistDeskService(Service):
    """Reads an artist's desk in a fixed number of queries."""

    def __init__(self, database: Database, clock: Clock, usage: UsageLedger) -> None:
        super().__init__(database, clock)
        self.usage = usage

    async def read(self, actor: Actor, handle: str) -> ArtistDesk:
        """Everything of an artist's first page; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            artist = await unit.artists.find(handle)
            actor.must_see(artist.id)
            runs = await unit.runs.of_artist(artist.id, RUNS_SHOWN)
            plan, at = await _plan(unit, runs)
            desk = ArtistDesk(
                artist=artist,
                profile=await unit.profiles.latest(artist.id),
                works=await unit.works.of_artist(artist.id, limit=WORKS_SHOWN),
                posts=await unit.posts.of_artist(artist.id, limit=POSTS_SHOWN),
                runs=runs,
                plan=plan,
                planned_at=at,
                audience=await unit.audience.totals(artist.id),
                spent=Spent(),
            )
        since = self.clock.now() - timedelta(days=MONEY_DAYS)
        spent = await self.usage.spent_by_artist(artist.id, since)
        return desk.model_copy(update={"spent": spent})

    async def profiles(
        self, actor: Actor, handle: str, limit: int, below: int | None = None
    ) -> tuple[Artist, ProfileVersion | None, list[ProfileVersion]]:
        """The artist, who it is, and so many versions of that, newest first, below a number."""
        actor.must_read()
        async with self.database.unit() as unit:
            artist = await unit.artists.find(handle)
            actor.must_see(artist.id)
            versions = await unit.profiles.newest(artist.id, limit, below)
            current = versions[:1] if below is None else [await unit.profiles.latest(artist.id)]
            return artist, next(iter(current), None), versions


async def _plan(unit: UnitOfWork, runs: list[Run]) -> tuple[str, datetime | None]:
    """What the newest run that planned said of it."""
    for run in runs[:2]:
        for record in await unit.steps.of_run(run.id):
            if record.step == "plan" and record.report.get("says"):
                return str(record.report["says"]), record.created_at
    return "", None
