"""Look through what the label's artists made and said; writes nothing."""

from __future__ import annotations

from domain.actor import Actor
from domain.listing import Listing
from domain.post import Post
from domain.release import Release
from domain.work import Work
from services.base import Service
from store.unit import UnitOfWork


class OutputService(Service):
    """Lists over all artists that an actor sees, and single things of them."""

    async def works(self, actor: Actor, wanted: Listing, artist: str | None = None) -> list[Work]:
        """Works that fit, of one artist or of all; raises `NotFound` for an unknown artist."""
        async with self.database.unit() as unit:
            return await unit.works.listed(await _seen(unit, actor, wanted, artist))

    async def releases(
        self, actor: Actor, wanted: Listing, artist: str | None = None
    ) -> list[Release]:
        """Releases that fit."""
        async with self.database.unit() as unit:
            return await unit.releases.listed(await _seen(unit, actor, wanted, artist))

    async def posts(self, actor: Actor, wanted: Listing, artist: str | None = None) -> list[Post]:
        """Posts that fit."""
        async with self.database.unit() as unit:
            return await unit.posts.listed(await _seen(unit, actor, wanted, artist))

    async def release(self, actor: Actor, release_id: str) -> Release:
        """One release; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            release = await unit.releases.get(release_id)
        actor.must_see(release.artist_id)
        return release

    async def post(self, actor: Actor, post_id: str) -> Post:
        """One post; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
        actor.must_see(post.artist_id)
        return post


async def _seen(unit: UnitOfWork, actor: Actor, wanted: Listing, artist: str | None) -> Listing:
    actor.must_read()
    if artist is None:
        return wanted.model_copy(update={"artist_ids": actor.artists})
    found = await unit.artists.find(artist)
    actor.must_see(found.id)
    return wanted.model_copy(update={"artist_ids": frozenset((found.id,))})
