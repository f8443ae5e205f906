"""What has its place in a calendar: what went out, and what waits until a moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, Table, and_, or_, select

from domain.approval import Approval, ApprovalStatus
from domain.post import Post
from domain.release import Release
from store.repositories.posts import ApprovalRepository, PostRepository
from store.repositories.works import ReleaseRepository
from store.repository import among
from store.session import Session
from store.tables import approvals, posts, releases

MOST = 1000


class CalendarRepository:
    """Each kind by the moment that places it, from `begin` up to `end`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def posts(
        self, begin: datetime, end: datetime, artists: Collection[str] | None
    ) -> list[Post]:
        """Posts that went out."""
        rows = await self._session.rows(_between(posts, posts.c.published_at, begin, end, artists))
        return [PostRepository.mapper.to_entity(row) for row in rows]

    async def releases(
        self, begin: datetime, end: datetime, artists: Collection[str] | None
    ) -> list[Release]:
        """Releases that went live."""
        rows = await self._session.rows(_between(releases, releases.c.live_at, begin, end, artists))
        return [ReleaseRepository.mapper.to_entity(row) for row in rows]

    async def waiting(
        self, begin: datetime, end: datetime, artists: Collection[str] | None
    ) -> list[Approval]:
        """Approvals that wait, and expire or go out by themselves unless somebody decides."""
        waits = approvals.c.status == ApprovalStatus.WAITING.value
        places = (approvals.c.expires_at, approvals.c.auto_approve_at)
        falls = or_(*(and_(place >= begin, place < end) for place in places))
        query = among(select(approvals).where(waits, falls), approvals, artists)
        rows = await self._session.rows(query.order_by(approvals.c.id).limit(MOST))
        return [ApprovalRepository.mapper.to_entity(row) for row in rows]


def _between(
    table: Table,
    moment: Column[Any],
    begin: datetime,
    end: datetime,
    artists: Collection[str] | None,
) -> Select[Any]:
    query = select(table).where(moment >= begin, moment < end)
    return among(query, table, artists).order_by(moment).limit(MOST)
