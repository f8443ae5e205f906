"""What the dashboard shows of the whole label; writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist
from domain.hold import Hold
from domain.listing import Listing
from domain.run import Run, RunStatus
from services.base import Service, seen_part
from services.holds import standing_hold
from services.network_list import Connected, NetworkList, read_networks, with_artists
from store.repositories.overview import (
    ArtistSpent,
    DayHeard,
    DaySpent,
    FrameFigures,
)
from store.repositories.runs import BUSY_FIRST

MONEY_DAYS = 30
AUDIENCE_DAYS = 14
RUNS_READ = 40
SPENDERS = 5


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Frame(_View):
    """What stands around every page of the dashboard."""

    figures: FrameFigures = FrameFigures()
    hold: Hold | None = None
    name: str | None = None


class Doing(_View):
    """What one artist does now; `stage` and `fraction` tell how far a long step has come."""

    artist: Artist
    run: Run | None = None
    stage: str = ""
    fraction: float | None = None
    next_at: datetime | None = None


class Overview(_View):
    """The label now; `more` artists are not among `doing`.

    `stopped` are artists' newest runs where they failed; `past` have ended.
    """

    doing: list[Doing]
    more: int
    stopped: list[tuple[Run, Artist]]
    past: list[tuple[Run, Artist]]


class Numbers(_View):
    """Money, tokens and the audience of the last weeks."""

    days: list[DaySpent]
    spenders: list[tuple[ArtistSpent, Artist | None]]
    heard: list[DayHeard]


class OverviewService(Service):
    """Reads for the dashboard, in a fixed number of queries."""

    async def frame(self, actor: Actor) -> Frame:
        """What waits for this person, what is wrong, what runs, and whether all is held."""
        actor.must_read()
        async with self.database.unit() as unit:
            person = await unit.users.many([actor.id]) if actor.id.startswith("user_") else {}
            return Frame(
                figures=await unit.overview.frame(actor.artists),
                hold=await standing_hold(unit),
                name=person[actor.id].display_name if actor.id in person else None,
            )

    async def now(self, actor: Actor, most: int = 12) -> Overview:
        """What artists do: busy ones first, then by their next slot, `most` of them."""
        actor.must_read()
        only = actor.artists
        async with self.database.unit() as unit:
            recent = await unit.runs.page(None, RUNS_READ, only=only)
            active = await unit.runs.busiest(RUNS_READ, only)
            coming = await unit.schedules.coming(most, only)
            first = await unit.artists.page(None, most, only=only)
            named = {*coming, *(run.artist_id for run in (*recent, *active))}
            known = {a.id: a for a in first} | await unit.artists.many(named)
            running = [r.id for r in active if r.status is RunStatus.RUNNING]
            told = await unit.overview.progress(running)
            total = await unit.artists.count(only)
        ended = [run for run in recent if run.status not in BUSY_FIRST]
        doing = _doing(known.values(), active, told, coming)[:most]
        return Overview(
            doing=doing,
            more=total - len(doing),
            stopped=[(run, known[run.artist_id]) for run in _stopped(recent)],
            past=[(run, known[run.artist_id]) for run in ended],
        )

    async def networks(self, actor: Actor) -> NetworkList:
        """Where the artists that this person sees publish, besides the stage."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await read_networks(unit, actor.artists)

    async def channels(
        self, actor: Actor, wanted: Listing, artist: str | None = None
    ) -> list[Connected]:
        """One page of the accounts that fit."""
        async with self.database.unit() as unit:
            seen = await seen_part(unit, actor, wanted, artist)
            return await with_artists(unit, await unit.channels.listed(seen))

    async def numbers(self, actor: Actor) -> Numbers:
        """What was used and heard in the last weeks."""
        actor.must_read()
        now = self.clock.now()
        month = _midnight(now) - timedelta(days=MONEY_DAYS - 1)
        weeks = _midnight(now) - timedelta(days=AUDIENCE_DAYS - 1)
        async with self.database.unit() as unit:
            spenders = await unit.overview.spent_by_artist(month, actor.artists, SPENDERS)
            artists = await unit.artists.many(s.artist_id for s in spenders if s.artist_id)
            return Numbers(
                days=await unit.overview.spent_by_day(month, actor.artists),
                spenders=[(s, artists.get(s.artist_id or "")) for s in spenders],
                heard=await unit.overview.heard_by_day(weeks, actor.artists),
            )

    async def names(self, actors: Iterable[str]) -> dict[str, str]:
        """Names for people of the kinds of actors that events and decisions write down."""
        ids = {actor: actor.partition(":")[2] for actor in actors}
        async with self.database.unit() as unit:
            users = await unit.users.many(i for i in ids.values() if i.startswith("user_"))
            artists = await unit.artists.many(i for i in ids.values() if i.startswith("artist_"))
        named = {u.id: u.display_name for u in users.values()}
        named |= {a.id: a.stage_name for a in artists.values()}
        return {actor: name_of(actor, named) for actor in ids}


def name_of(actor: str, named: dict[str, str]) -> str:
    """How a page calls who did something."""
    kind, _, actor_id = actor.partition(":")
    if actor_id in named:
        return named[actor_id]
    if kind == "policy":
        return "the standing order"
    if kind == "operator":
        return "this machine" if actor_id == "local" else "somebody who has left"
    return kind


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _stopped(recent: Sequence[Run]) -> list[Run]:
    """Failed runs that nothing newer of the same artist has made a matter of the past."""
    newest: dict[str, Run] = {}
    for run in recent:
        newest.setdefault(run.artist_id, run)
    return [run for run in newest.values() if run.status is RunStatus.FAILED]


def _doing(
    artists: Collection[Artist],
    active: Sequence[Run],
    told: dict[str, tuple[str, float | None]],
    coming: dict[str, datetime],
) -> list[Doing]:
    busy: dict[str, Run] = {}
    for run in sorted(active, key=lambda r: BUSY_FIRST.index(r.status)):
        busy.setdefault(run.artist_id, run)
    found = []
    for artist in artists:
        at_work = busy.get(artist.id)
        stage, fraction = told.get(at_work.id, ("", None)) if at_work else ("", None)
        next_at = coming.get(artist.id)
        found.append(
            Doing(artist=artist, run=at_work, stage=stage, fraction=fraction, next_at=next_at)
        )
    return sorted(found, key=_rank)


def _rank(doing: Doing) -> tuple[int, str, str]:
    place = BUSY_FIRST.index(doing.run.status) if doing.run else len(BUSY_FIRST)
    soon = doing.next_at.isoformat() if doing.next_at else "9"
    return place, soon, doing.artist.id
