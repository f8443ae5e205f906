"""What has its place in a calendar: what went out, and what waits until a moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Table, and_, case, func, literal, not_, or_, select

from domain.approval import ApprovalStatus
from domain.post import PostStatus
from store.repository import among
from store.session import Session
from store.tables import approvals, posts, releases

PlacedKind = Literal["release", "post", "veto", "expires"]


@dataclass(frozen=True)
class Placed:
    """What stands where: when, whose, which, and what a person calls it.

    `day` is the stretch it lies in, and `many` how many of its kind lie there.
    """

    at: datetime
    artist_id: str
    id: str
    run_id: str
    text: str
    day: int
    many: int


@dataclass(frozen=True)
class Stretches:
    """Which part of the calendar: from each of `edges` up to the next one, so many of each."""

    edges: Sequence[datetime]
    most: int
    artists: Collection[str] | None = None


@dataclass(frozen=True)
class _Kind:
    table: Table
    moment: Column[Any]
    text: ColumnElement[str]
    only: ColumnElement[bool]


_WAITS = approvals.c.status == ApprovalStatus.WAITING.value
_KINDS: dict[PlacedKind, _Kind] = {
    "release": _Kind(
        releases,
        releases.c.live_at,
        releases.c.body["title"].as_string(),
        releases.c.live_at.is_not(None),
    ),
    "post": _Kind(
        posts,
        posts.c.published_at,
        posts.c.body["payload"]["text"].as_string(),
        posts.c.status == PostStatus.PUBLISHED.value,
    ),
    "veto": _Kind(approvals, approvals.c.auto_approve_at, literal(""), _WAITS),
    "expires": _Kind(
        approvals,
        approvals.c.expires_at,
        literal(""),
        and_(_WAITS, approvals.c.auto_approve_at.is_(None)),
    ),
}


class CalendarRepository:
    """Each kind by the moment that places it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def placed(
        self, kind: PlacedKind, stretches: Stretches, last_id: str | None = ""
    ) -> list[Placed]:
        """The first of each stretch, in order; how many there are is counted, not read.

        At the very first edge only what comes behind `last_id` belongs to it; nothing for None.
        """
        of, edges = _KINDS[kind], stretches.edges
        moment, thing = of.moment, of.table.c.id
        begins = moment == edges[0]
        day = case(*((moment < edge, n) for n, edge in enumerate(edges[1:])), else_=len(edges))
        there = select(thing.label("id"), moment.label("at"), day.label("day")).where(
            of.only,
            moment >= edges[0],
            moment < edges[-1],
            not_(begins) if last_id is None else or_(not_(begins), thing > last_id),
        )
        # The day is found once for each, and only then do windows look at it.
        dated = among(there, of.table, stretches.artists).subquery().c
        number = func.row_number().over(partition_by=dated.day, order_by=(dated.at, dated.id))
        many = func.count().over(partition_by=dated.day)
        first = select(dated.id, dated.day, number.label("number"), many.label("many")).subquery()
        shown = (moment.label("at"), of.table.c.artist_id, thing, of.table.c.run_id)
        query = (
            select(*shown, of.text.label("text"), first.c.day, first.c.many)
            .join(first, first.c.id == thing)
            .where(first.c.number <= stretches.most)
            .order_by(moment, thing)
        )
        return [Placed(**row) for row in await self._session.rows(query)]
