"""Directives of artists, and how each artist is steered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, Table, func, literal, select, union_all

from domain.directive import Directive, DirectiveKind, DirectiveStatus, Measure
from domain.post import PostStatus
from domain.steering import Steering
from store.mapper import Mapper
from store.repository import Repository, newest_first
from store.tables import audience_events, directives, posts, releases, steerings

_COUNTED: dict[Measure, tuple[Table, ColumnElement[Any], ColumnElement[bool]]] = {
    "songs": (releases, releases.c.live_at, releases.c.live_at.is_not(None)),
    "posts": (posts, posts.c.published_at, posts.c.published_at.is_not(None)),
    "plays": (audience_events, audience_events.c.created_at, audience_events.c.kind == "play"),
    "likes": (audience_events, audience_events.c.created_at, audience_events.c.kind == "like"),
}


class DirectiveRepository(Repository[Directive]):
    """Directives by artist, and those whose time is over."""

    mapper: ClassVar[Mapper[Directive]] = Mapper("directive", Directive, directives)

    async def standing(self, artist_id: str) -> list[Directive]:
        """What counts now, oldest first."""
        return await self._list(self._standing(artist_id).order_by(directives.c.id))

    async def page(
        self,
        artist_id: str,
        after: str | None = None,
        limit: int = 50,
        *,
        kind: DirectiveKind | None = None,
        status: DirectiveStatus | None = None,
    ) -> list[Directive]:
        """One page of the artist's directives, newest first, beginning behind `after`."""
        query = self._all().where(directives.c.artist_id == artist_id)
        if kind is not None:
            query = query.where(directives.c.kind == kind)
        if status is not None:
            query = query.where(directives.c.status == status.value)
        return await self._list(newest_first(query, directives, after, limit))

    async def over(self, now: datetime) -> list[Directive]:
        """Standing ones whose time is over."""
        standing = directives.c.status == DirectiveStatus.STANDING.value
        return await self._list(self._all().where(standing, directives.c.until <= now))

    async def counted(self, wanted: Collection[Directive]) -> dict[str, int]:
        """How near each of these that is measured is, by its id, in one statement.

        Songs that went live, posts that went out, plays or likes that came while it stood.
        """
        parts = [_count(each, each.target.measure) for each in wanted if each.target is not None]
        rows = await self._session.rows(select(union_all(*parts).subquery())) if parts else []
        return {row["id"]: int(row["many"]) for row in rows}

    def _standing(self, artist_id: str) -> Select[Any]:
        return self._all().where(
            directives.c.artist_id == artist_id,
            directives.c.status == DirectiveStatus.STANDING.value,
        )


def _count(directive: Directive, measure: Measure) -> Select[Any]:
    table, when, condition = _COUNTED[measure]
    what = table.c.run_id.distinct() if measure == "posts" else table.c.id
    columns: tuple[Any, ...] = (literal(directive.id).label("id"), func.count(what).label("many"))
    query: Select[Any] = select(*columns).where(
        table.c.artist_id == directive.artist_id, condition, when >= directive.created_at
    )
    return query if directive.ended_at is None else query.where(when <= directive.ended_at)


class SteeringRepository(Repository[Steering]):
    """One row an artist at most."""

    mapper: ClassVar[Mapper[Steering]] = Mapper("steering", Steering, steerings, "artist_id")

    async def of_artist(self, artist_id: str) -> Steering | None:
        """The artist's, if anything was ever set."""
        return await self._first(self._all().where(steerings.c.artist_id == artist_id))

    async def of_artists(self, artist_ids: Iterable[str]) -> dict[str, Steering]:
        """Those of these artists that have one, by artist."""
        wanted = set(artist_ids)
        if not wanted:
            return {}
        found = await self._list(self._all().where(steerings.c.artist_id.in_(wanted)))
        return {each.artist_id: each for each in found}

    async def posted_since(self, artist_id: str, since: datetime) -> int:
        """How many things the artist said since: one run's posts on all channels are one."""
        query = select(func.count(posts.c.run_id.distinct())).where(
            posts.c.artist_id == artist_id,
            posts.c.status == PostStatus.PUBLISHED.value,
            posts.c.published_at >= since,
        )
        return await self._session.count(query)
