"""Works, and the releases they go out on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from sqlalchemy import func, select

from domain.listing import Listing
from domain.release import Release, ReleaseStatus
from domain.work import Work, WorkStatus
from store.listing import listed
from store.mapper import Mapper
from store.repository import Repository, among, newest_first, one_of
from store.tables import releases, works


class WorkRepository(Repository[Work]):
    """Works by run and by artist."""

    mapper: ClassVar[Mapper[Work]] = Mapper("work", Work, works)

    async def by_run(self, run_id: str) -> list[Work]:
        """The run's works, oldest first."""
        return await self._list(self._all().where(works.c.run_id == run_id).order_by(works.c.id))

    async def of_artist(
        self, artist_id: str, statuses: Sequence[WorkStatus] | None = None, limit: int = 50
    ) -> list[Work]:
        """The artist's works, newest first."""
        query = one_of(self._all().where(works.c.artist_id == artist_id), works, statuses)
        return await self._list(newest_first(query, works, None, limit))

    async def has_file(self, sha256: str, only: Collection[str]) -> bool:
        """Whether a work of these artists has a file of this hash."""
        kept = works.c.body["assets"].as_string().contains(sha256, autoescape=True)
        return await self._first(among(self._all().where(kept), works, only)) is not None

    async def listed(self, wanted: Listing) -> list[Work]:
        """One page of works that fit."""
        return await self._list(listed(self._all(), works, wanted))


class ReleaseRepository(Repository[Release]):
    """Releases by run and by artist."""

    mapper: ClassVar[Mapper[Release]] = Mapper("release", Release, releases)

    async def by_run(self, run_id: str) -> list[Release]:
        """The run's releases, oldest first."""
        query = self._all().where(releases.c.run_id == run_id)
        return await self._list(query.order_by(releases.c.id))

    async def of_artist(
        self, artist_id: str, statuses: Sequence[ReleaseStatus] | None = None, limit: int = 200
    ) -> list[Release]:
        """The artist's releases, newest first."""
        query = one_of(self._all().where(releases.c.artist_id == artist_id), releases, statuses)
        return await self._list(newest_first(query, releases, None, limit))

    async def listed(self, wanted: Listing) -> list[Release]:
        """One page of releases that fit."""
        return await self._list(listed(self._all(), releases, wanted))

    async def newest_live(self, artist_ids: Collection[str]) -> dict[str, tuple[Release, int]]:
        """Of each of these artists that has any, the release last gone live, and how many are."""
        live = (releases.c.artist_id.in_(artist_ids), releases.c.status == ReleaseStatus.LIVE.value)
        last = (
            select(
                releases.c.artist_id,
                func.max(releases.c.live_at).label("at"),
                func.count().label("many"),
            )
            .where(*live)
            .group_by(releases.c.artist_id)
            .subquery()
        )
        its = (releases.c.artist_id == last.c.artist_id) & (releases.c.live_at == last.c.at)
        query = self._all().add_columns(last.c.many).join(last, its).where(*live)
        rows = await self._session.rows(query.order_by(releases.c.id))
        return {r["artist_id"]: (self.mapper.to_entity(r), int(r["many"])) for r in rows}

    async def live(self, artist_id: str, limit: int = 200) -> list[Release]:
        """What the public hears of the artist, last gone live first."""
        query = self._all().where(
            releases.c.artist_id == artist_id, releases.c.status == ReleaseStatus.LIVE.value
        )
        order = (releases.c.live_at.desc(), releases.c.id.desc())
        return await self._list(query.order_by(*order).limit(limit))

    async def count_live(self, artist_id: str) -> int:
        """How many releases of the artist the public hears."""
        query = select(func.count(releases.c.id)).where(
            releases.c.artist_id == artist_id, releases.c.status == ReleaseStatus.LIVE.value
        )
        return await self._session.count(query)
