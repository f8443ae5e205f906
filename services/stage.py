"""The public stage: what visitors see of an artist, and the shelf that posts go onto."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist
from domain.audience import AudienceEvent
from domain.errors import NotFound
from domain.post import Payload
from domain.profile import Profile
from domain.release import Release
from domain.stage import StageEntry
from domain.work import Work
from services.audience import STAGE
from services.base import Service
from store.unit import UnitOfWork

CARDS_A_PAGE = 48
# Releases, and notes, that an artist's page leads to.
READ = 200
COMMENTS_READ = 1000
COMMENTS_SHOWN = 50


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
    """An artist in the list of the label's artists; `works` are those of the newest release."""

    model_config = ConfigDict(frozen=True)

    artist: Artist
    profile: Profile
    newest: Release | None
    works: tuple[Work, ...]
    releases: int
    plays: int


class StagePage(BaseModel):
    """Everything on an artist's public page: the newest of what is out, and how much there is."""

    model_config = ConfigDict(frozen=True)

    artist: Artist
    profile: Profile
    releases: tuple[StageRelease, ...]
    entries: tuple[StageEntry, ...]
    comments: tuple[AudienceEvent, ...]
    totals: dict[str, int]
    released: int
    noted: int


class StageService(Service):
    """Use cases of the stage."""

    async def shelve(
        self, actor: Actor, payload: Payload, client_key: str, at: datetime
    ) -> StageEntry:
        """Put the payload of the post `client_key` on its artist's page.

        The same key again returns what stands there.
        """
        actor.must("approve", "artist", "system")
        async with self.database.unit() as unit:
            await unit.lock(f"stage:{client_key}")
            known = await unit.stage.by_key(client_key)
            if known is not None:
                return known
            post = await unit.posts.get(client_key)
            actor.must_see(post.artist_id)
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

    async def remove(self, actor: Actor, entry_id: str) -> None:
        """Take a post off the page."""
        actor.must("approve", "system")
        async with self.database.unit() as unit:
            entry = await unit.stage.get(entry_id)
            actor.must_see(entry.artist_id)
            await unit.stage.save(entry.amend(self.clock.now(), removed=True))
            await unit.commit()

    async def faces(
        self, after: str | None = None, limit: int = CARDS_A_PAGE
    ) -> list[tuple[Artist, Profile]]:
        """Artists with a page and who they are, the newest first, beginning behind `after`."""
        async with self.database.unit() as unit:
            return await _faces(unit, after, limit)

    async def cards(self, after: str | None = None, limit: int = CARDS_A_PAGE) -> list[StageCard]:
        """The same artists, each with its newest release, in a fixed number of queries."""
        async with self.database.unit() as unit:
            found = await _faces(unit, after, limit)
            ids = [artist.id for artist, _ in found]
            newest = await unit.releases.newest_live(ids)
            works = await unit.works.many(
                i for release, _ in newest.values() for i in release.work_ids
            )
            plays = await unit.audience.plays_of(ids)
        cards = []
        for artist, profile in found:
            release, many = newest.get(artist.id, (None, 0))
            cards.append(
                StageCard(
                    artist=artist,
                    profile=profile,
                    newest=release,
                    works=tuple(works[i] for i in release.work_ids) if release else (),
                    releases=many,
                    plays=plays.get(artist.id, 0),
                )
            )
        return cards

    async def page(self, handle: str, visitor_id: str | None = None) -> StagePage:
        """An artist's page as a visitor sees it.

        Raises `NotFound` for unknown artists and for candidates.
        """
        async with self.database.unit() as unit:
            artist = await unit.artists.by_handle(handle)
            if not artist.profile_number:
                raise NotFound(f"{handle} has no page yet")
            version = await unit.profiles.number(artist.id, artist.profile_number)
            live = await unit.releases.live(artist.id, READ)
            entries = await unit.stage.of_artist(artist.id, READ)
            return StagePage(
                artist=artist,
                profile=version.profile,
                releases=await _shown(unit, artist.id, live, visitor_id),
                entries=tuple(entries),
                comments=tuple(
                    _said_here(await unit.audience.comments(artist_id=artist.id, limit=100))
                ),
                totals=await unit.audience.totals(artist.id),
                released=await unit.releases.count_live(artist.id),
                noted=await unit.stage.count(artist.id),
            )


def _said_here(comments: Iterable[AudienceEvent]) -> list[AudienceEvent]:
    """Comments of the stage's own visitors: what was said elsewhere was not said for this page."""
    return [comment for comment in comments if comment.channel == STAGE]


async def _faces(unit: UnitOfWork, after: str | None, limit: int) -> list[tuple[Artist, Profile]]:
    found = await unit.artists.with_page(after, limit)
    versions = await unit.profiles.latest_of(artist.id for artist in found)
    return [(artist, versions[artist.id].profile) for artist in found]


async def _shown(
    unit: UnitOfWork, artist_id: str, live: Sequence[Release], visitor_id: str | None = None
) -> tuple[StageRelease, ...]:
    """Releases with their works, numbers and newest comments, however many, in few queries."""
    ids = [release.id for release in live]
    works = await unit.works.many(work_id for release in live for work_id in release.work_ids)
    totals = await unit.audience.totals_by_release(artist_id, ids)
    liked = set() if visitor_id is None else await unit.audience.liked(visitor_id, ids)
    said: dict[str | None, list[AudienceEvent]] = {}
    for comment in _said_here(
        await unit.audience.comments(artist_id=artist_id, limit=COMMENTS_READ)
    ):
        said.setdefault(comment.release_id, []).append(comment)
    return tuple(
        StageRelease(
            release=release,
            works=tuple(works[work_id] for work_id in release.work_ids),
            plays=totals[release.id]["plays"],
            likes=totals[release.id]["likes"],
            liked=release.id in liked,
            comments=tuple(said.get(release.id, [])[:COMMENTS_SHOWN]),
        )
        for release in live
    )
