"""What every service holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from domain.actor import Actor
from domain.event import Event, EventKind
from domain.listing import Listing
from domain.ports.clock import Clock
from domain.post import Post
from domain.release import Release
from domain.run import Run
from store.database import Database
from store.unit import UnitOfWork

FORGOTTEN_AT_ONCE = 1000
MadeField = Literal["work_ids", "release_ids", "post_ids"]


class Service:
    """A group of use cases over one database and clock."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def event(
        self,
        kind: EventKind,
        actor: Actor,
        /,
        *,
        artist_id: str | None = None,
        run_id: str | None = None,
        subject_id: str | None = None,
        **data: Any,
    ) -> Event:
        """Build a line of the event log."""
        return Event(
            kind=kind,
            at=self.clock.now(),
            actor=f"{actor.kind}:{actor.id}",
            artist_id=artist_id,
            run_id=run_id,
            subject_id=subject_id,
            data=data,
            lease=actor.lease,
        )

    async def clear_out(self, old: Callable[[UnitOfWork, int], Awaitable[int]]) -> int:
        """Forget a thousand at a time, each in a short unit of its own; tells how many in all.

        `old` forgets as many of the oldest as it is told, and says how many there were.
        """
        gone = 0
        while True:
            async with self.database.unit() as unit:
                found = await old(unit, FORGOTTEN_AT_ONCE)
                await unit.commit()
            gone += found
            if found < FORGOTTEN_AT_ONCE:
                return gone

    async def made(self, unit: UnitOfWork, run_id: str, field: MadeField, made_id: str) -> None:
        """Write down in the run, in the same transaction, what it made."""
        run = await held_run(unit, run_id)
        known: tuple[str, ...] = getattr(run, field)
        if made_id not in known:
            await unit.runs.save(run.amend(self.clock.now(), **{field: (*known, made_id)}))

    def post_event(self, actor: Actor, post: Post) -> Event:
        """The line that tells a post's new state."""
        return self.event(
            "post.changed",
            actor,
            artist_id=post.artist_id,
            run_id=post.run_id,
            subject_id=post.id,
            network=post.payload.channel,
            status=post.status.value,
        )

    def release_event(self, actor: Actor, release: Release) -> Event:
        """The line that tells a release's new state."""
        return self.event(
            "release.changed",
            actor,
            artist_id=release.artist_id,
            run_id=release.run_id,
            subject_id=release.id,
            status=release.status.value,
            title=release.title,
        )


async def seen_part(unit: UnitOfWork, actor: Actor, wanted: Listing, artist: str | None) -> Listing:
    """What of a list the actor sees: of one artist, by handle or id, or of all that it may see."""
    actor.must_read()
    if artist is None:
        return wanted.model_copy(update={"artist_ids": actor.artists})
    found = await unit.artists.find(artist)
    actor.must_see(found.id)
    return wanted.model_copy(update={"artist_ids": frozenset((found.id,))})


async def held_run(unit: UnitOfWork, run_id: str) -> Run:
    """Read a run that nobody else changes until this unit ends: worker and people both do.

    Who holds an approval as well takes that first.
    """
    await unit.lock(f"run:{run_id}")
    return await unit.runs.get(run_id)
