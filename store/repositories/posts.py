"""Posts, the approvals they wait for, and the attempts to send them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, func, select

from domain.approval import Approval, ApprovalStatus
from domain.attempt import Attempt
from domain.listing import Listing
from domain.post import Post, PostStatus
from store.listing import listed
from store.mapper import Mapper
from store.repository import Repository, among, newest_first, one_of
from store.tables import approvals, attempts, posts


class PostRepository(Repository[Post]):
    """Posts by run and by artist."""

    mapper: ClassVar[Mapper[Post]] = Mapper("post", Post, posts)

    async def by_run(self, run_id: str) -> list[Post]:
        """The run's posts, oldest first."""
        return await self._list(self._all().where(posts.c.run_id == run_id).order_by(posts.c.id))

    async def of_artist(
        self, artist_id: str, statuses: Sequence[PostStatus] | None = None, limit: int = 50
    ) -> list[Post]:
        """The artist's posts, newest first."""
        query = one_of(self._all().where(posts.c.artist_id == artist_id), posts, statuses)
        return await self._list(newest_first(query, posts, None, limit))

    async def in_status(
        self, statuses: Sequence[PostStatus], limit: int = 500, after: str = ""
    ) -> list[Post]:
        """Posts of all artists that stand so, oldest first, beginning behind `after`."""
        query = one_of(self._all(), posts, statuses).where(posts.c.id > after)
        return await self._list(query.order_by(posts.c.id).limit(limit))

    async def listed(self, wanted: Listing) -> list[Post]:
        """One page of posts that fit."""
        return await self._list(listed(self._all(), posts, wanted))

    async def published(self, artist_id: str, limit: int = 200) -> list[Post]:
        """The artist's feed, last published first."""
        query = self._all().where(
            posts.c.artist_id == artist_id, posts.c.status == PostStatus.PUBLISHED.value
        )
        order = (posts.c.published_at.desc(), posts.c.id.desc())
        return await self._list(query.order_by(*order).limit(limit))

    async def about_release(self, artist_id: str, release_id: str) -> Post | None:
        """What the artist published last about a release of its own."""
        query = self._all().where(
            posts.c.artist_id == artist_id,
            posts.c.status == PostStatus.PUBLISHED.value,
            posts.c.body["payload"]["release_id"].as_string() == release_id,
        )
        return await self._first(query.order_by(posts.c.published_at.desc(), posts.c.id.desc()))

    async def published_since(
        self, artist_id: str, channel: str, since: datetime, limit: int
    ) -> list[Post]:
        """What the artist published on a channel after a moment, the last first."""
        query = self._all().where(*_public(artist_id, channel), posts.c.published_at > since)
        return await self._list(query.order_by(posts.c.published_at.desc()).limit(limit))

    async def by_remote_ids(
        self, artist_id: str, channel: str, remote_ids: Iterable[str]
    ) -> list[Post]:
        """The artist's posts on a channel that the network calls so."""
        wanted = set(remote_ids)
        if not wanted:
            return []
        called = posts.c.body["remote_id"].as_string().in_(wanted)
        return await self._list(self._all().where(*_public(artist_id, channel), called))

    async def sent_since(
        self, artist_id: str, channel: str, account: str | None, since: datetime
    ) -> tuple[int, datetime | None]:
        """How many posts an account published after a moment, and when the first of them."""
        by = posts.c.body["payload"]["account"].as_string()
        figures: list[ColumnElement[Any]] = [
            func.count().label("sent"),
            func.min(posts.c.published_at).label("first"),
        ]
        query = select(*figures).where(
            *_public(artist_id, channel),
            posts.c.published_at > since,
            by.is_(None) if account is None else by == account,
        )
        row = await self._session.row(query)
        return (0, None) if row is None else (row["sent"], row["first"])


def _public(artist_id: str, channel: str) -> tuple[ColumnElement[bool], ...]:
    return (
        posts.c.artist_id == artist_id,
        posts.c.status == PostStatus.PUBLISHED.value,
        posts.c.body["payload"]["channel"].as_string() == channel,
    )


class ApprovalRepository(Repository[Approval]):
    """Approvals that wait, and what became of the others."""

    mapper: ClassVar[Mapper[Approval]] = Mapper("approval", Approval, approvals)

    async def waiting(
        self, artist_id: str | None = None, only: Collection[str] | None = None
    ) -> list[Approval]:
        """Undecided approvals, oldest first; those past their time stand here until closed."""
        query = self._all().where(approvals.c.status == ApprovalStatus.WAITING.value)
        if artist_id is not None:
            query = query.where(approvals.c.artist_id == artist_id)
        return await self._list(among(query, approvals, only).order_by(approvals.c.id))

    async def waiting_page(
        self, after: str | None, limit: int, only: Collection[str] | None = None
    ) -> list[Approval]:
        """One page of undecided approvals, oldest first, beginning behind `after`."""
        query = self._all().where(approvals.c.status == ApprovalStatus.WAITING.value)
        if after is not None:
            query = query.where(approvals.c.id > after)
        return await self._list(among(query, approvals, only).order_by(approvals.c.id).limit(limit))

    async def closed_page(self, limit: int, only: Collection[str] | None = None) -> list[Approval]:
        """Approvals that a person decided or time closed, the newest first."""
        closed = (ApprovalStatus.APPROVED, ApprovalStatus.REJECTED, ApprovalStatus.EXPIRED)
        query = among(one_of(self._all(), approvals, closed), approvals, only)
        return await self._list(newest_first(query, approvals, None, limit))

    async def due(self, now: datetime) -> list[Approval]:
        """Undecided approvals whose time is over, first due first."""
        query = self._all().where(
            approvals.c.status == ApprovalStatus.WAITING.value, approvals.c.expires_at <= now
        )
        return await self._list(query.order_by(approvals.c.expires_at, approvals.c.id))

    async def auto_due(self, now: datetime) -> list[Approval]:
        """Undecided approvals whose veto window is over, first due first."""
        query = self._all().where(
            approvals.c.status == ApprovalStatus.WAITING.value, approvals.c.auto_approve_at <= now
        )
        return await self._list(query.order_by(approvals.c.auto_approve_at, approvals.c.id))

    async def of_run(self, run_id: str) -> list[Approval]:
        """The run's approvals, oldest first."""
        query = self._all().where(approvals.c.run_id == run_id)
        return await self._list(query.order_by(approvals.c.id))

    async def page(
        self,
        after: str | None = None,
        limit: int = 50,
        status: ApprovalStatus | None = None,
        artist_id: str | None = None,
        only: Collection[str] | None = None,
    ) -> list[Approval]:
        """One page of approvals, newest first, beginning behind `after`."""
        query = one_of(self._all(), approvals, None if status is None else [status])
        if artist_id is not None:
            query = query.where(approvals.c.artist_id == artist_id)
        query = among(query, approvals, only)
        return await self._list(newest_first(query, approvals, after, limit))


class AttemptRepository(Repository[Attempt]):
    """Side effects by their key; the key is unique."""

    mapper: ClassVar[Mapper[Attempt]] = Mapper("attempt", Attempt, attempts, unique="key")

    async def by_key(self, key: str) -> Attempt | None:
        """The attempt under this key, if it was ever planned."""
        return await self._first(self._all().where(attempts.c.key == key))
