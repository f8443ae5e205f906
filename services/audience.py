"""Take in what visitors do, within limits, and hand it to the artist as untrusted data."""

from __future__ import annotations

from datetime import timedelta

from domain.actor import Actor
from domain.audience import (
    AudienceEvent,
    AudienceKind,
    Untrusted,
    clean_comment,
    clean_name,
)
from domain.errors import InvalidInput, LimitReached, NotFound
from domain.ids import new_id
from domain.release import ReleaseStatus
from services.base import Service
from store.unit import UnitOfWork

WINDOW = timedelta(minutes=10)
EVENTS_PER_WINDOW = 60
COMMENTS_PER_WINDOW = 5
STAGE = "stage"


class AudienceService(Service):
    """Use cases of the audience on the label's own stage."""

    async def play(
        self, visitor: Actor, handle: str, release_id: str, seconds: float, exposure_id: str | None
    ) -> AudienceEvent:
        """Record that a visitor heard `seconds` of a live release."""
        if not 0 <= seconds <= 24 * 3600:
            raise InvalidInput(
                "seconds out of range", field="seconds", remedy="Send the seconds heard."
            )
        return await self._record(
            visitor, handle, "play", release_id, seconds=seconds, exposure_id=exposure_id
        )

    async def like(self, visitor: Actor, handle: str, release_id: str, on: bool) -> bool:
        """Like or unlike a live release; doing it twice changes nothing. Returns the state."""
        async with self.database.unit() as unit:
            liked = release_id in await unit.audience.liked(visitor.id, [release_id])
        if liked != on:
            await self._record(visitor, handle, "like" if on else "unlike", release_id)
        return on

    async def comment(
        self, visitor: Actor, handle: str, release_id: str | None, name: str, text: str
    ) -> AudienceEvent:
        """Keep a visitor's words as untrusted text. Raises `InvalidInput` naming the field."""
        shown = clean_name(name)
        words = Untrusted(text=clean_comment(text), source=f"comment:{STAGE}")
        return await self._record(
            visitor, handle, "comment", release_id, visitor_name=shown, text=words
        )

    async def hide(self, actor: Actor, event_id: str, hidden: bool) -> None:
        """Hide a comment from the public page, or show it again."""
        actor.must("approve")
        async with self.database.unit() as unit:
            event = await unit.audience.get(event_id)
            actor.must_see(event.artist_id)
            await unit.audience.save(event.amend(self.clock.now(), hidden=hidden))
            await unit.commit()

    async def comments(
        self, actor: Actor, artist_id: str, *, hidden: bool = False
    ) -> list[AudienceEvent]:
        """An artist's newest comments; `hidden` gives hidden ones as well."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.audience.comments(artist_id=artist_id, limit=200, hidden=hidden)

    async def unperceived(
        self, actor: Actor, artist_id: str, limit: int = 200
    ) -> list[AudienceEvent]:
        """What the artist has not perceived yet, oldest first."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.audience.unperceived(artist_id, limit)

    async def totals(self, actor: Actor, artist_id: str) -> dict[str, int]:
        """Plays, likes and comments of all time."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.audience.totals(artist_id)

    async def take_in(
        self, actor: Actor, artist_id: str, run_id: str, limit: int = 200
    ) -> list[AudienceEvent]:
        """Give a run what no other run has perceived; asking again gives it the same and more.

        They are the run's from now on, so that a cycle that waits for a person does not leave
        them for the next one to feel again.
        """
        actor.must_be("artist", "system")
        async with self.database.unit() as unit:
            fresh = await unit.audience.unperceived(artist_id, limit)
            await unit.audience.mark_perceived([e.id for e in fresh], run_id, self.clock.now())
            taken = await unit.audience.perceived_by(run_id)
            await unit.commit()
        return taken

    async def perceived_by(self, actor: Actor, run_id: str) -> list[AudienceEvent]:
        """What a run has perceived, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.audience.perceived_by(run_id)
        return [event for event in found if actor.sees(event.artist_id)]

    async def _record(
        self,
        visitor: Actor,
        handle: str,
        kind: AudienceKind,
        release_id: str | None,
        *,
        seconds: float | None = None,
        exposure_id: str | None = None,
        visitor_name: str | None = None,
        text: Untrusted | None = None,
    ) -> AudienceEvent:
        visitor.must_be("visitor")
        now = self.clock.now()
        async with self.database.unit() as unit:
            artist = await unit.artists.by_handle(handle)
            if not artist.profile_number:
                raise NotFound(f"{handle} has no page yet")
            work_id, post_id = await _answered(unit, artist.id, release_id)
            await self._throttle(unit, visitor, kind)
            event = AudienceEvent(
                id=new_id("audience"),
                created_at=now,
                updated_at=now,
                artist_id=artist.id,
                kind=kind,
                channel=STAGE,
                release_id=release_id,
                work_id=work_id,
                post_id=post_id,
                exposure_id=exposure_id,
                visitor_id=visitor.id,
                visitor_name=visitor_name,
                text=text,
                seconds=seconds,
            )
            await unit.audience.add(event)
            unit.emit(
                self.event(
                    "audience.event",
                    visitor,
                    artist_id=artist.id,
                    subject_id=event.id,
                    what=kind,
                    release_id=release_id,
                )
            )
            await unit.commit()
        return event

    async def _throttle(self, unit: UnitOfWork, visitor: Actor, kind: AudienceKind) -> None:
        since = self.clock.now() - WINDOW
        count = await unit.audience.recent_count(visitor.id, since)
        comments = await unit.audience.recent_count(visitor.id, since, kind="comment")
        if count >= EVENTS_PER_WINDOW or (kind == "comment" and comments >= COMMENTS_PER_WINDOW):
            raise LimitReached(
                "too much at once from this visitor", remedy="Wait a few minutes and try again."
            )


async def _answered(
    unit: UnitOfWork, artist_id: str, release_id: str | None
) -> tuple[str | None, str | None]:
    """The work and the post that an event about a live release answers."""
    if release_id is None:
        return None, None
    release = await unit.releases.get(release_id)
    if release.artist_id != artist_id or release.status is not ReleaseStatus.LIVE:
        raise NotFound(f"no live release {release_id}", field="release_id")
    post = await unit.posts.about_release(artist_id, release_id)
    return release.work_ids[0], post.id if post else None
