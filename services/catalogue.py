"""What artists made and said: draft releases and posts, look through them, bind them to digests.

How the dashboard shows works, a page at a time, is the shelf's (`services/shelf.py`).
"""

from __future__ import annotations

import hashlib
import json

from domain.actor import Actor
from domain.approval import Subject
from domain.errors import InvalidInput
from domain.listing import Listing
from domain.plain import plain_text
from domain.post import Payload, Post, PostStatus
from domain.release import AiDisclosure, Release, ReleaseStatus
from domain.work import Credit, Work
from services.base import Service, seen_part
from store.unit import UnitOfWork


class CatalogueService(Service):
    """Use cases of releases and posts before they are approved; lists of works, releases, posts.

    Lists cover all artists that the actor sees, or one of them by handle or id; they raise
    `NotFound` for an unknown artist.
    """

    async def draft_single(
        self,
        actor: Actor,
        release_id: str,
        work: Work,
        credited: tuple[Credit, ...],
        statement: str,
    ) -> Release:
        """Draft the single minted as `release_id`, ready to be decided on."""
        actor.must_be("artist", "system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            for release in await unit.releases.by_run(work.run_id):
                if release.id == release_id:
                    return release
            artist = await unit.artists.get(work.artist_id)
            release = Release(
                id=release_id,
                created_at=now,
                updated_at=now,
                artist_id=work.artist_id,
                run_id=work.run_id,
                title=work.title,
                work_ids=(work.id,),
                credits=credited,
                p_line=f"{now.year} {artist.stage_name}",
                c_line=f"{now.year} {artist.stage_name}",
                disclosure=AiDisclosure(statement=statement),
            ).move_to(ReleaseStatus.READY, now)
            await unit.releases.add(release)
            await self.made(unit, release.run_id, "release_ids", release.id)
            unit.emit(self.release_event(actor, release))
            await unit.commit()
        return release

    async def draft_post(
        self, actor: Actor, post_id: str, artist_id: str, run_id: str, payload: Payload
    ) -> Post:
        """Draft the post minted as `post_id`; the second time gives the first one back."""
        actor.must_be("artist", "system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            for post in await unit.posts.by_run(run_id):
                if post.id == post_id:
                    return post
            post = Post(
                id=post_id,
                created_at=now,
                updated_at=now,
                artist_id=artist_id,
                run_id=run_id,
                payload=payload,
            )
            await unit.posts.add(post)
            await self.made(unit, run_id, "post_ids", post.id)
            unit.emit(self.post_event(actor, post))
            await unit.commit()
        return post

    async def works(self, actor: Actor, wanted: Listing, artist: str | None = None) -> list[Work]:
        """Works that fit."""
        async with self.database.unit() as unit:
            return await unit.works.listed(await seen_part(unit, actor, wanted, artist))

    async def releases(
        self, actor: Actor, wanted: Listing, artist: str | None = None
    ) -> list[Release]:
        """Releases that fit."""
        async with self.database.unit() as unit:
            return await unit.releases.listed(await seen_part(unit, actor, wanted, artist))

    async def posts(self, actor: Actor, wanted: Listing, artist: str | None = None) -> list[Post]:
        """Posts that fit."""
        async with self.database.unit() as unit:
            return await unit.posts.listed(await seen_part(unit, actor, wanted, artist))

    async def release(self, actor: Actor, release_id: str) -> Release:
        """One release; raises `NotFound`, or `Forbidden` for another's artist."""
        actor.must_read()
        async with self.database.unit() as unit:
            release = await unit.releases.get(release_id)
        actor.must_see(release.artist_id)
        return release

    async def of_artist(self, actor: Actor, artist_id: str) -> tuple[list[Release], list[Post]]:
        """An artist's newest releases and posts."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.releases.of_artist(artist_id), await unit.posts.of_artist(artist_id)

    async def posts_of_run(self, actor: Actor, run_id: str) -> list[Post]:
        """What a run has drafted, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.posts.by_run(run_id)
        return [post for post in found if actor.sees(post.artist_id)]

    async def post(self, actor: Actor, post_id: str) -> Post:
        """One post; raises `NotFound`, or `Forbidden` for another's artist."""
        actor.must_read()
        async with self.database.unit() as unit:
            post = await unit.posts.get(post_id)
        actor.must_see(post.artist_id)
        return post


async def subjects_of(
    unit: UnitOfWork, release_ids: tuple[str, ...], post_ids: tuple[str, ...]
) -> tuple[Subject, ...]:
    """Bind releases and posts to the digests of their exact present content."""
    found: list[Subject] = []
    for release_id in release_ids:
        release = await unit.releases.get(release_id)
        kept = await unit.works.many(release.work_ids)
        digest = release_digest(release, [kept[work_id] for work_id in release.work_ids])
        found.append(Subject(kind="release", id=release.id, digest=digest))
    for post_id in post_ids:
        post = await unit.posts.get(post_id)
        found.append(Subject(kind="post", id=post.id, digest=post.payload.digest()))
    return tuple(found)


def release_digest(release: Release, works: list[Work]) -> str:
    """SHA-256 over everything of a release that the public will get, as canonical JSON."""
    content = {
        "release": release.model_dump(
            mode="json",
            include={"title", "kind", "p_line", "c_line", "upc", "disclosure", "credits"},
        ),
        "works": [
            {
                "id": work.id,
                "title": work.title,
                "lyrics": [section.model_dump(mode="json") for section in work.lyrics],
                "assets": sorted([a.role, a.filename, a.sha256] for a in work.assets),
            }
            for work in works
        ],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def editable(post: Post, text: str) -> str:
    """The new words of a post that may still be edited; says what is wrong otherwise."""
    kept = plain_text(text)
    if not kept:
        raise InvalidInput("the post is empty", field="text", remedy="Write a few words.")
    if post.status not in (PostStatus.DRAFT, PostStatus.AWAITING_APPROVAL, PostStatus.APPROVED):
        raise InvalidInput(
            f"the post is {post.status}", field="status", remedy="Only an unpublished post changes."
        )
    return kept
