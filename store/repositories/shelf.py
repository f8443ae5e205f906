"""The catalogue: works of all artists, filtered and in order, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Select, and_, func, or_, select

from domain.release import Release
from domain.work import Work, WorkStatus
from store.repositories.works import ReleaseRepository, WorkRepository
from store.session import Session
from store.tables import releases, search_entries, works

ShelfOrder = Literal["newest", "oldest", "title"]


class ShelfQuery(BaseModel):
    """What to show; None does not narrow. `after` is the last work seen, with its title."""

    model_config = ConfigDict(frozen=True)

    artists: frozenset[str] | None = None
    status: WorkStatus | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    order: ShelfOrder = "newest"
    after: tuple[str, str] | None = None
    limit: int = 24


class ShelfRepository:
    """Pages over an index, however many works there are."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def page(self, wanted: ShelfQuery) -> list[Work]:
        """The works that fit, in the order asked for."""
        query = _ordered(_fitting(select(works), wanted), wanted).limit(wanted.limit)
        return [WorkRepository.mapper.to_entity(row) for row in await self._session.rows(query)]

    async def count(self, wanted: ShelfQuery) -> int:
        """How many works fit."""
        return await self._session.count(_fitting(select(func.count(works.c.id)), wanted))

    async def released_on(self, found: Collection[Work]) -> dict[str, Release]:
        """The release of each of these works that is on one, by the work's id."""
        runs = {work.run_id for work in found}
        if not runs:
            return {}
        rows = await self._session.rows(select(releases).where(releases.c.run_id.in_(runs)))
        made = [ReleaseRepository.mapper.to_entity(row) for row in rows]
        return {work_id: release for release in made for work_id in release.work_ids}


def _fitting(query: Select[Any], wanted: ShelfQuery) -> Select[Any]:
    if wanted.artists is not None:
        query = query.where(works.c.artist_id.in_(wanted.artists))
    if wanted.status is not None:
        query = query.where(works.c.status == wanted.status.value)
    if wanted.since is not None:
        query = query.where(works.c.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(works.c.created_at < wanted.until)
    return query


def _ordered(query: Select[Any], wanted: ShelfQuery) -> Select[Any]:
    """By id, which rises with time; by title through the index of words, which keeps it apart."""
    if wanted.order == "title":
        called = and_(search_entries.c.kind == "work", search_entries.c.subject_id == works.c.id)
        query = query.join(search_entries, called)
        if wanted.after is not None:
            title, last = wanted.after
            later = and_(search_entries.c.title == title, works.c.id > last)
            query = query.where(or_(search_entries.c.title > title, later))
        return query.order_by(search_entries.c.title, works.c.id)
    if wanted.after is not None:
        behind = works.c.id < wanted.after[1] if wanted.order == "newest" else None
        query = query.where(works.c.id > wanted.after[1] if behind is None else behind)
    return query.order_by(works.c.id.desc() if wanted.order == "newest" else works.c.id)
