"""Artists and the versions of who they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, func, or_, select

from domain.artist import Artist, ArtistStatus
from domain.profile import ProfileVersion
from store.mapper import Mapper
from store.repository import Appends, Repository, newest_first
from store.tables import artists, profile_versions, run_artists


class ArtistRepository(Repository[Artist]):
    """Artists by id and by handle."""

    mapper: ClassVar[Mapper[Artist]] = Mapper("artist", Artist, artists, unique="handle")

    async def by_handle(self, handle: str) -> Artist:
        """The artist with this handle, or `NotFound`."""
        return self._required(
            await self._first(self._all().where(artists.c.handle == handle)), handle
        )

    async def find(self, handle_or_id: str) -> Artist:
        """The artist a person means by handle or id, or `NotFound`."""
        named = or_(artists.c.handle == handle_or_id, artists.c.id == handle_or_id)
        return self._required(await self._first(self._all().where(named)), handle_or_id)

    async def without_run(self, status: ArtistStatus, made_before: datetime) -> list[Artist]:
        """Artists of a status, made before a moment, that no run was ever begun for."""
        ran = select(run_artists.c.artist_id)
        query = self._all().where(
            artists.c.status == status.value,
            artists.c.created_at <= made_before,
            artists.c.id.not_in(ran),
        )
        return await self._list(query.order_by(artists.c.id))

    async def count(self, only: Collection[str] | None = None) -> int:
        """How many artists there are, or are of `only` these."""
        query = select(func.count(artists.c.id))
        if only is not None:
            query = query.where(artists.c.id.in_(only))
        return await self._session.count(query)

    async def with_page(self, before_id: str | None, limit: int) -> list[Artist]:
        """Artists that have a profile and so a page, the newest first, older than `before_id`."""
        query = self._all().where(artists.c.body["profile_number"].as_integer() > 0)
        return await self._list(newest_first(query, artists, before_id, limit))

    async def page(
        self,
        after_id: str | None = None,
        limit: int = 50,
        status: ArtistStatus | None = None,
        only: Collection[str] | None = None,
    ) -> list[Artist]:
        """One page of the label's artists, or `only` of these, oldest first, behind `after_id`."""
        query = self._all().order_by(artists.c.id).limit(limit)
        if after_id is not None:
            query = query.where(artists.c.id > after_id)
        if status is not None:
            query = query.where(artists.c.status == status.value)
        if only is not None:
            query = query.where(artists.c.id.in_(only))
        return await self._list(query)


class ProfileRepository(Appends[ProfileVersion]):
    """Profile versions; they are only ever added."""

    mapper: ClassVar[Mapper[ProfileVersion]] = Mapper(
        "profile version", ProfileVersion, profile_versions, unique="number"
    )

    async def latest(self, artist_id: str) -> ProfileVersion | None:
        """The newest version, if the artist has one."""
        return await self._first(self._of(artist_id).order_by(profile_versions.c.number.desc()))

    async def latest_of(self, artist_ids: Iterable[str]) -> dict[str, ProfileVersion]:
        """The newest version of each of these artists that has one, in one query."""
        newest = (
            select(
                profile_versions.c.artist_id, func.max(profile_versions.c.number).label("number")
            )
            .where(profile_versions.c.artist_id.in_(set(artist_ids)))
            .group_by(profile_versions.c.artist_id)
            .subquery()
        )
        query = self._all().join(
            newest,
            (profile_versions.c.artist_id == newest.c.artist_id)
            & (profile_versions.c.number == newest.c.number),
        )
        return {version.artist_id: version for version in await self._list(query)}

    async def number(self, artist_id: str, number: int) -> ProfileVersion:
        """The artist's version of this number, or `NotFound`."""
        query = self._of(artist_id).where(profile_versions.c.number == number)
        return self._required(await self._first(query), str(number))

    async def history(self, artist_id: str) -> list[ProfileVersion]:
        """All versions of the artist, oldest first."""
        return await self._list(self._of(artist_id).order_by(profile_versions.c.number))

    async def newest(
        self, artist_id: str, limit: int, below: int | None = None
    ) -> list[ProfileVersion]:
        """So many versions of the artist, newest first, from below a number on."""
        query = self._of(artist_id)
        if below is not None:
            query = query.where(profile_versions.c.number < below)
        return await self._list(query.order_by(profile_versions.c.number.desc()).limit(limit))

    def _of(self, artist_id: str) -> Select[Any]:
        return self._all().where(profile_versions.c.artist_id == artist_id)
