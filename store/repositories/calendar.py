"""What has its place in a calendar: what went out, and what waits until a moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, or_, select

from domain.approval import Approval, ApprovalStatus
from store.repositories.posts import ApprovalRepository
from store.repository import among
from store.session import Session
from store.tables import approvals, posts, releases

# Of each kind in one stretch: a label of 200 artists posts half as much in a month.
MOST = 5000


@dataclass(frozen=True)
class Happened:
    """What went out: when, whose, which, and what a person calls it."""

    at: datetime
    artist_id: str
    id: str
    run_id: str
    status: str
    text: str


class CalendarRepository:
    """Each kind by the moment that places it, from `begin` up to `end`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def posts(
        self, begin: datetime, end: datetime, artists: Collection[str] | None
    ) -> list[Happened]:
        """Posts that went out, with their words."""
        said = posts.c.body["payload"]["text"].as_string()
        return await self._happened(posts, posts.c.published_at, said, begin, end, artists)

    async def releases(
        self, begin: datetime, end: datetime, artists: Collection[str] | None
    ) -> list[Happened]:
        """Releases that went live, with their titles."""
        called = releases.c.body["title"].as_string()
        return await self._happened(releases, releases.c.live_at, called, begin, end, artists)

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

    async def _happened(
        self,
        table: Table,
        moment: Column[Any],
        text: ColumnElement[str],
        begin: datetime,
        end: datetime,
        artists: Collection[str] | None,
    ) -> list[Happened]:
        """Only what a calendar shows: whole posts and releases of a month take long to read."""
        shown = (moment.label("at"), table.c.artist_id, table.c.id, table.c.run_id, table.c.status)
        query = select(*shown, text.label("text")).where(moment >= begin, moment < end)
        query = among(query, table, artists).order_by(moment).limit(MOST)
        return [Happened(**row) for row in await self._session.rows(query)]
