"""Talks with artists, and their turns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from sqlalchemy import and_, or_

from domain.talk import Talk, Turn, TurnStatus
from store.mapper import Mapper
from store.repository import Repository, among
from store.tables import talks, turns


class TalkRepository(Repository[Talk]):
    """Talks by artist and person, the lately used first."""

    mapper: ClassVar[Mapper[Talk]] = Mapper("talk", Talk, talks)

    async def page(
        self,
        artist_id: str | None = None,
        *,
        person: str | None = None,
        only: Collection[str] | None = None,
        before: tuple[datetime, str] | None = None,
        limit: int = 30,
    ) -> list[Talk]:
        """One page, beginning behind the talk that was used last at `before` and has that id;
        `only` of these artists."""
        query = among(self._all(), talks, only)
        if artist_id is not None:
            query = query.where(talks.c.artist_id == artist_id)
        if person is not None:
            query = query.where(talks.c.person == person)
        if before is not None:
            at, talk_id = before
            later = and_(talks.c.last_at == at, talks.c.id < talk_id)
            query = query.where(or_(talks.c.last_at < at, later))
        return await self._list(
            query.order_by(talks.c.last_at.desc(), talks.c.id.desc()).limit(limit)
        )


class TurnRepository(Repository[Turn]):
    """Turns by their talk, oldest first."""

    mapper: ClassVar[Mapper[Turn]] = Mapper("turn", Turn, turns, unique="number")

    async def of_talk(
        self, talk_id: str, *, before: int | None = None, limit: int = 100
    ) -> list[Turn]:
        """The last turns of a talk, or the last ones before a number, oldest first."""
        query = self._all().where(turns.c.talk_id == talk_id)
        if before is not None:
            query = query.where(turns.c.number < before)
        found = await self._list(query.order_by(turns.c.number.desc()).limit(limit))
        return found[::-1]

    async def by_key(self, talk_id: str, key: str) -> Turn | None:
        """The turn that was sent under this key."""
        query = self._all().where(turns.c.talk_id == talk_id, turns.c.key == key)
        return await self._first(query)

    async def last(self, talk_id: str) -> Turn | None:
        """The talk's last turn."""
        query = self._all().where(turns.c.talk_id == talk_id)
        return await self._first(query.order_by(turns.c.number.desc()))

    async def unfinished(self, limit: int = 100) -> list[Turn]:
        """Answers that are not whole yet, and those with an act agreed to but not done."""
        answering = turns.c.status == TurnStatus.ANSWERING.value
        query = self._all().where(or_(answering, turns.c.pending.is_(True)))
        return await self._list(query.order_by(turns.c.id).limit(limit))
