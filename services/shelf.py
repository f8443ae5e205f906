"""The shelf: works as the dashboard shows them, each with its artist and release, or one whole.

The bare lists that programs page through are the catalogue's (`services/catalogue.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist
from domain.post import Post
from domain.release import Release
from domain.work import Work, WorkStatus
from services.base import Service
from services.views import ViewService, WorkView
from store.repositories.shelf import ShelfOrder, ShelfQuery
from store.unit import UnitOfWork

ARTISTS_KNOWN = 1000


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Filters(_View):
    """What a person asks for; empty does not narrow."""

    artist: str = ""
    genre: str = ""
    status: WorkStatus | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: ShelfOrder = "newest"
    after: tuple[str, str] | None = None
    limit: int = 24


class ShelfItem(_View):
    """A work in the list, with its artist and the release it is on."""

    work: Work
    artist: Artist
    release: Release | None


class ShelfPage(_View):
    """One page, how many works fit in all, and the artists to choose from."""

    items: list[ShelfItem]
    total: int
    artists: list[Artist]
    next: tuple[str, str] | None


class ShelfWork(_View):
    """One work with all that belongs to it."""

    work: Work
    view: WorkView
    artist: Artist
    release: Release | None
    posts: list[Post]


class ShelfService(Service):
    """Reads the shelf in a fixed number of queries, however many works there are."""

    def __init__(self, views: ViewService) -> None:
        super().__init__(views.database, views.clock)
        self.views = views

    async def page(self, actor: Actor, filters: Filters) -> ShelfPage:
        """The works that fit, newest first unless asked otherwise."""
        actor.must_read()
        async with self.database.unit() as unit:
            artists = await unit.artists.page(None, ARTISTS_KNOWN, only=actor.artists)
            query = _query(filters, _narrowed(filters, artists, actor.artists))
            found = await unit.shelf.page(query)
            total = await unit.shelf.count(query.model_copy(update={"after": None}))
            released = await unit.shelf.released_on(found)
            known = await unit.artists.many(work.artist_id for work in found)
        last = found[-1] if len(found) == filters.limit else None
        return ShelfPage(
            items=[
                ShelfItem(work=w, artist=known[w.artist_id], release=released.get(w.id))
                for w in found
            ],
            total=total,
            artists=artists,
            next=(last.title, last.id) if last else None,
        )

    async def work(self, actor: Actor, work_id: str) -> ShelfWork:
        """One work; raises `NotFound`, or `Forbidden` for a work of another's artist."""
        async with self.database.unit() as unit:
            work = await unit.works.get(work_id)
            actor.must_read(work.artist_id)
            return await self._whole(unit, work)

    async def _whole(self, unit: UnitOfWork, work: Work) -> ShelfWork:
        released = await unit.shelf.released_on([work])
        return ShelfWork(
            work=work,
            view=await self.views.work(work),
            artist=await unit.artists.get(work.artist_id),
            release=released.get(work.id),
            posts=await unit.posts.by_run(work.run_id),
        )


def _narrowed(
    filters: Filters, artists: list[Artist], own: Collection[str] | None
) -> Collection[str] | None:
    """Whose works to look at; None for everybody's."""
    if not filters.artist and not filters.genre:
        return own
    return [
        artist.id
        for artist in artists
        if filters.artist in ("", artist.handle) and filters.genre in ("", artist.genre_pack)
    ]


def _query(filters: Filters, artists: Collection[str] | None) -> ShelfQuery:
    plain = filters.model_dump(exclude={"artist", "genre"})
    return ShelfQuery(artists=artists, **plain)
