"""The public stage: what visitors see of an artist, and the shelf that posts go onto."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.artist import Artist
from domain.audience import AudienceEvent
from domain.errors import NotFound
from domain.post import Payload
from domain.profile import Profile
from domain.release import Release
from domain.stage import StageEntry
from domain.work import Work
from services.base import Service
from store.unit import UnitOfWork


class StageRelease(BaseModel):
    """A live release as the public page shows it."""

    model_config = ConfigDict(frozen=True)

    release: Release
    works: tuple[Work, ...]
    plays: int
    likes: int
    liked: bool = False
    comments: tuple[AudienceEvent, ...]


class StageCard(BaseModel):
    """An artist in the list of the label's artists."""

    model_config = ConfigDict(frozen=True)

    artist: Artist
    profile: Profile
    newest: StageRelease | None
    releases: int
    totals: dict[str, int]


class StagePage(BaseModel):
    """Everything on an artist's public page."""

    model_config = ConfigDict(frozen=True)

    artist: Artist
    profile: Profile
    releases: tuple[StageRelease, ...]
    entries: tuple[StageEntry, ...]
    comments: tuple[AudienceEvent, ...]
    totals: dict[str, int]


class StageService(Service):
    """Use cases of the stage."""

    async def shelve(self, payload: Payload, client_key: str, at: datetime) -> StageEntry:
        """Put the payload of the post `client_key` on its artist's page.

        The same key again returns what stands there.
        """
        async with self.database.unit() as unit:
            known = await unit.stage.by_key(client_key)
            if known is not None:
                return known
            post = await unit.posts.get(client_key)
            entry = StageEntry(
                id=f"stage_{client_key}",
                created_at=at,
                updated_at=at,
                artist_id=post.artist_id,
                client_key=client_key,
                payload=payload,
                published_at=at,
            )
            await unit.stage.add(entry)
            await unit.commit()
        return entry

    async def entry(self, client_key: str) -> StageEntry | None:
        """What stands under this key, if anything."""
        async with self.database.unit() as unit:
            return await unit.stage.by_key(client_key)

    async def remove(self, entry_id: str) -> None:
        """Take a post off the page."""
        async with self.database.unit() as unit:
            entry = await unit.stage.get(entry_id)
            await unit.stage.save(entry.amend(self.clock.now(), removed=True))
            await unit.commit()

    async def artists(self) -> list[Artist]:
        """Artists with a page, the newest last."""
        async with self.database.unit() as unit:
            found = await unit.artists.page(None, 200)
        return [a for a in found if a.profile_number]

    async def cards(self) -> list[StageCard]:
        """The artists with a page, each with its newest release."""
        found = await self.artists()
        async with self.database.unit() as unit:
            return [await _card(unit, artist) for artist in found]

    async def page(self, handle: str, visitor_id: str | None = None) -> StagePage:
        """An artist's page as a visitor sees it.

        Raises `NotFound` for unknown artists and for candidates.
        """
        async with self.database.unit() as unit:
            artist = await unit.artists.by_handle(handle)
            if not artist.profile_number:
                raise NotFound(f"{handle} has no page yet")
            version = await unit.profiles.number(artist.id, artist.profile_number)
            live = await unit.releases.live(artist.id)
            return StagePage(
                artist=artist,
                profile=version.profile,
                releases=tuple([await _shown(unit, release, visitor_id) for release in live]),
                entries=tuple(await unit.stage.of_artist(artist.id)),
                comments=tuple(await unit.audience.comments(artist_id=artist.id, limit=100)),
                totals=await unit.audience.totals(artist.id),
            )


async def _card(unit: UnitOfWork, artist: Artist) -> StageCard:
    version = await unit.profiles.number(artist.id, artist.profile_number)
    live = await unit.releases.live(artist.id)
    return StageCard(
        artist=artist,
        profile=version.profile,
        newest=await _shown(unit, live[0]) if live else None,
        releases=len(live),
        totals=await unit.audience.totals(artist.id),
    )


async def _shown(unit: UnitOfWork, release: Release, visitor_id: str | None = None) -> StageRelease:
    totals = await unit.audience.totals(release.artist_id, release.id)
    return StageRelease(
        release=release,
        works=tuple([await unit.works.get(work_id) for work_id in release.work_ids]),
        plays=totals.get("plays", 0),
        likes=totals.get("likes", 0),
        liked=visitor_id is not None and await unit.audience.has_liked(visitor_id, release.id),
        comments=tuple(await unit.audience.comments(release_id=release.id, limit=50)),
    )
