"""Runs as whoever keeps the house going sees them: what runs, what is tried again, what stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, func, select, true

from domain.dead_letters import DeadFilter
from domain.event import Event
from domain.run import Run, RunStatus
from store.mapper import Mapper
from store.repositories.runs import runs_of
from store.repository import Reads, newest_first
from store.tables import events, runs

COUNTED = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.FAILED)


class OperationsRepository(Reads[Run]):
    """Bounded lists by status, and how many there are of each; `only` of some artists."""

    mapper: ClassVar[Mapper[Run]] = Mapper("run", Run, runs)

    async def counts(self, only: Collection[str] | None = None) -> dict[RunStatus, int]:
        """How many runs are in each state that may still change."""
        query = (
            select(runs.c.status, func.count().label("many"))
            .where(runs.c.status.in_([s.value for s in COUNTED]), _of(only))
            .group_by(runs.c.status)
        )
        found = {row["status"]: row["many"] for row in await self._session.rows(query)}
        return {status: found.get(status.value, 0) for status in COUNTED}

    async def running(self, limit: int, only: Collection[str] | None = None) -> list[Run]:
        """Runs that a worker holds, oldest first."""
        query = self._in(RunStatus.RUNNING).where(_of(only))
        return await self._list(query.order_by(runs.c.id).limit(limit))

    async def queued_ids(
        self, settled_before: datetime, limit: int, only: Collection[str] | None = None
    ) -> list[str]:
        """Runs that are queued and unchanged since a moment, oldest first."""
        query = select(runs.c.id).where(
            runs.c.status == RunStatus.QUEUED.value, runs.c.updated_at <= settled_before, _of(only)
        )
        rows = await self._session.rows(query.order_by(runs.c.id).limit(limit))
        return [row["id"] for row in rows]

    async def retrying(self, limit: int, only: Collection[str] | None = None) -> list[Run]:
        """Runs that failed in passing and wait for their next try, oldest first."""
        waits = runs.c.body["retry_at"].as_string().is_not(None)
        query = self._in(RunStatus.QUEUED).where(waits, _of(only))
        return await self._list(query.order_by(runs.c.id).limit(limit))

    async def dead(self, wanted: DeadFilter, after: str | None, limit: int) -> list[Run]:
        """Failed runs that fit, newest first, beginning behind `after`."""
        return await self._list(newest_first(self._dead(wanted), runs, after, limit))

    async def count_dead(self, wanted: DeadFilter) -> int:
        """How many failed runs fit."""
        query = select(func.count()).select_from(self._dead(wanted).subquery())
        return await self._session.count(query)

    async def dead_kinds(self, only: Collection[str] | None = None) -> list[tuple[str, int]]:
        """Codes of failures with how many runs have each, the most frequent first."""
        code = runs.c.body["failure"]["code"].as_string().label("code")
        many = func.count().label("many")
        failed = runs.c.status == RunStatus.FAILED.value
        query = select(code, many).where(failed, _of(only)).group_by(code)
        rows = await self._session.rows(query.order_by(many.desc(), code))
        return [(row["code"] or "", row["many"]) for row in rows]

    async def last_events(self, run_ids: Iterable[str]) -> dict[str, Event]:
        """The newest line of the log of each run that has one, in one query."""
        wanted = list(run_ids)
        if not wanted:
            return {}
        newest = (
            select(func.max(events.c.id))
            .where(events.c.run_id.in_(wanted))
            .group_by(events.c.run_id)
        )
        rows = await self._session.rows(select(events).where(events.c.id.in_(newest)))
        found = [Event.model_validate(dict(row)) for row in rows]
        return {event.run_id: event for event in found if event.run_id is not None}

    def _in(self, status: RunStatus) -> Select[Any]:
        return self._all().where(runs.c.status == status.value)

    def _dead(self, wanted: DeadFilter) -> Select[Any]:
        query = self._in(RunStatus.FAILED).where(_of(wanted.artists))
        failure = runs.c.body["failure"]
        if wanted.artist_id is not None:
            query = query.where(_of([wanted.artist_id]))
        if wanted.code is not None:
            query = query.where(failure["code"].as_string() == wanted.code)
        if wanted.step is not None:
            query = query.where(failure["step"].as_string() == wanted.step)
        return query


def _of(artist_ids: Collection[str] | None) -> ColumnElement[bool]:
    """Runs that these artists take part in; None: all runs."""
    return true() if artist_ids is None else runs.c.id.in_(runs_of(artist_ids))
