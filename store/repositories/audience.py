"""What visitors did: plays, likes, comments; what the artist has taken in of it, and totals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, func, or_, select, update

from domain.audience import AudienceEvent, AudienceKind
from store.mapper import Mapper
from store.repository import Repository
from store.tables import audience_events as table

NOTHING = {"plays": 0, "likes": 0, "comments": 0}
_WORD = {"play": "plays", "like": "likes", "comment": "comments"}


class AudienceRepository(Repository[AudienceEvent]):
    """Audience events in the order they came."""

    mapper: ClassVar[Mapper[AudienceEvent]] = Mapper("audience event", AudienceEvent, table)

    async def unperceived(self, artist_id: str, limit: int = 200) -> list[AudienceEvent]:
        """What no run of the artist has perceived yet, oldest first, hidden ones left out."""
        query = self._all().where(
            table.c.artist_id == artist_id,
            table.c.perceived_in_run.is_(None),
            table.c.hidden.is_(False),
        )
        return await self._list(query.order_by(table.c.seq).limit(limit))

    async def perceived_by(self, run_id: str) -> list[AudienceEvent]:
        """What a run has perceived, oldest first."""
        query = self._all().where(table.c.perceived_in_run == run_id)
        return await self._list(query.order_by(table.c.seq))

    async def mark_perceived(self, ids: Sequence[str], run_id: str, now: datetime) -> int:
        """Note the run that perceived them; those perceived already keep theirs."""
        if not ids:
            return 0
        statement = (
            update(table)
            .where(table.c.id.in_(list(ids)), table.c.perceived_in_run.is_(None))
            .values(perceived_in_run=run_id, updated_at=now, row_version=table.c.row_version + 1)
        )
        return (await self._session.write(statement, self.mapper.noun)).rowcount

    async def comments(
        self,
        release_id: str | None = None,
        post_id: str | None = None,
        artist_id: str | None = None,
        limit: int = 100,
        hidden: bool = False,
    ) -> list[AudienceEvent]:
        """Comments on what is named, newest first; `hidden=True` shows hidden ones as well."""
        query = self._all().where(table.c.kind == "comment")
        for column, wanted in (
            (table.c.release_id, release_id),
            (table.c.post_id, post_id),
            (table.c.artist_id, artist_id),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        if not hidden:
            query = query.where(table.c.hidden.is_(False))
        return await self._list(query.order_by(table.c.seq.desc()).limit(limit))

    async def of_releases(
        self, artist_id: str, release_ids: Collection[str]
    ) -> dict[str, list[AudienceEvent]]:
        """Everything that was done with each of these releases, in the order it came."""
        wanted = set(release_ids)
        query = self._all().where(table.c.artist_id == artist_id, table.c.release_id.in_(wanted))
        found: dict[str, list[AudienceEvent]] = {release_id: [] for release_id in wanted}
        for event in await self._list(query.order_by(table.c.seq)):
            if event.release_id is not None:
                found[event.release_id].append(event)
        return found

    async def totals(self, artist_id: str, release_id: str | None = None) -> dict[str, int]:
        """Plays, standing likes and shown comments of the artist or of one release."""
        counted = _counted(artist_id)
        if release_id is not None:
            counted = counted.where(table.c.release_id == release_id)
        part = counted.subquery()
        query = select(part.c.kind, func.count().label("n")).group_by(part.c.kind)
        rows = await self._session.rows(query)
        return NOTHING | {_WORD[row["kind"]]: row["n"] for row in rows}

    async def totals_by_release(
        self, artist_id: str, release_ids: Iterable[str]
    ) -> dict[str, dict[str, int]]:
        """The totals of each of these releases, in one query."""
        wanted = set(release_ids)
        part = _counted(artist_id).where(table.c.release_id.in_(wanted)).subquery()
        query = select(part.c.release_id, part.c.kind, func.count().label("n")).group_by(
            part.c.release_id, part.c.kind
        )
        totals = {release_id: dict(NOTHING) for release_id in wanted}
        for row in await self._session.rows(query):
            totals[row["release_id"]][_WORD[row["kind"]]] = row["n"]
        return totals

    async def plays_of(self, artist_ids: Collection[str]) -> dict[str, int]:
        """How often each of these artists was played, if ever."""
        query = (
            select(table.c.artist_id, func.count().label("n"))
            .where(table.c.artist_id.in_(artist_ids), table.c.kind == "play")
            .group_by(table.c.artist_id)
        )
        return {row["artist_id"]: int(row["n"]) for row in await self._session.rows(query)}

    async def liked(self, visitor_id: str, release_ids: Collection[str]) -> set[str]:
        """Those of these releases on which the visitor's last word was a like."""
        last = (
            select(func.max(table.c.seq))
            .where(
                table.c.visitor_id == visitor_id,
                table.c.release_id.in_(release_ids),
                table.c.kind.in_(["like", "unlike"]),
            )
            .group_by(table.c.release_id)
        )
        query = select(table.c.release_id).where(table.c.seq.in_(last), table.c.kind == "like")
        return {row["release_id"] for row in await self._session.rows(query)}

    async def recent_count(
        self, visitor_id: str, since: datetime, kind: AudienceKind | None = None
    ) -> int:
        """How much the visitor did since `since`, for throttling."""
        query = select(func.count()).where(
            table.c.visitor_id == visitor_id, table.c.created_at >= since
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        return await self._session.count(query)


def _counted(artist_id: str) -> Select[Any]:
    """What counts: plays, shown comments, and a visitor's last like unless taken back."""
    last_word = (
        select(func.max(table.c.seq))
        .where(table.c.artist_id == artist_id, table.c.kind.in_(["like", "unlike"]))
        .group_by(table.c.visitor_id, table.c.release_id, table.c.post_id)
    )
    return select(table.c.kind, table.c.release_id).where(
        table.c.artist_id == artist_id,
        table.c.hidden.is_(False),
        or_(
            table.c.kind.in_(["play", "comment"]),
            (table.c.kind == "like") & table.c.seq.in_(last_word),
        ),
    )
