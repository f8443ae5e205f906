"""Schedules of artists, and the switches of the whole label."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, delete, func, select

from domain.approval import ApprovalStatus
from domain.artist import ArtistStatus
from domain.hold import Switch
from domain.run import RunStatus
from domain.schedule import Schedule
from store.mapper import Mapper
from store.repository import Repository, among
from store.tables import approvals, artists, runs, schedules, switches


class ScheduleRepository(Repository[Schedule]):
    """Schedules by artist, and those whose slot has come."""

    mapper: ClassVar[Mapper[Schedule]] = Mapper("schedule", Schedule, schedules)

    async def due(self, now: datetime, limit: int) -> list[Schedule]:
        """Schedules whose slot has come, longest due first."""
        query = self._all().where(schedules.c.next_at <= now)
        return await self._list(query.order_by(schedules.c.next_at, schedules.c.id).limit(limit))

    async def moved_after(self, moment: datetime, limit: int) -> list[Schedule]:
        """Schedules with a next slot that were written after `moment`."""
        written = schedules.c.updated_at > moment
        query = self._all().where(schedules.c.next_at.is_not(None), written)
        return await self._list(query.order_by(schedules.c.id).limit(limit))

    async def of_artist(self, artist_id: str) -> list[Schedule]:
        """The artist's schedules, oldest first."""
        query = self._all().where(schedules.c.artist_id == artist_id)
        return await self._list(query.order_by(schedules.c.id))

    async def having(self, artist_ids: Collection[str]) -> set[str]:
        """Those of these artists that have any schedule."""
        query = select(schedules.c.artist_id).where(schedules.c.artist_id.in_(artist_ids))
        return {str(row["artist_id"]) for row in await self._session.rows(query.distinct())}

    async def soonest(self, limit: int, only: Collection[str] | None = None) -> list[Schedule]:
        """Schedules that have a next slot, soonest first; `only` of these artists."""
        query = among(self._all().where(schedules.c.next_at.is_not(None)), schedules, only)
        return await self._list(query.order_by(schedules.c.next_at, schedules.c.id).limit(limit))

    async def coming(self, limit: int, only: Collection[str] | None = None) -> dict[str, datetime]:
        """The next slot of each active artist that has any, of those whose slots come first."""
        soonest = func.min(schedules.c.next_at).label("next_at")
        query: Select[Any] = (
            select(schedules.c.artist_id, soonest)
            .join(artists, artists.c.id == schedules.c.artist_id)
            .where(schedules.c.next_at.is_not(None), artists.c.status == ArtistStatus.ACTIVE.value)
            .group_by(schedules.c.artist_id)
        )
        query = among(query, schedules, only).order_by(soonest, schedules.c.artist_id).limit(limit)
        return {row["artist_id"]: row["next_at"] for row in await self._session.rows(query)}

    async def page(
        self, after: str | None = None, limit: int = 50, only: Collection[str] | None = None
    ) -> list[Schedule]:
        """One page of all schedules, oldest first, beginning behind `after`."""
        query = among(self._all(), schedules, only).order_by(schedules.c.id).limit(limit)
        if after is not None:
            query = query.where(schedules.c.id > after)
        return await self._list(query)

    async def unfinished_runs(self, schedule_ids: Iterable[str]) -> dict[str, list[RunStatus]]:
        """How far those runs of these schedules are that are queued or running."""
        unfinished = [RunStatus.QUEUED.value, RunStatus.RUNNING.value]
        query = select(runs.c.schedule_id, runs.c.status).where(
            runs.c.schedule_id.in_(list(schedule_ids)), runs.c.status.in_(unfinished)
        )
        found: dict[str, list[RunStatus]] = {}
        for row in await self._session.rows(query):
            found.setdefault(row["schedule_id"], []).append(RunStatus(row["status"]))
        return found

    async def begun_slots(self, slot_keys: Iterable[str]) -> set[str]:
        """Those slots that have a run already."""
        query = select(runs.c.slot_key).where(runs.c.slot_key.in_(list(slot_keys)))
        return {str(row["slot_key"]) for row in await self._session.rows(query)}

    async def approvals_waiting(self, artist_ids: Iterable[str]) -> dict[str, int]:
        """How many approvals wait of each of these artists that has any."""
        query = (
            select(approvals.c.artist_id, func.count().label("many"))
            .where(
                approvals.c.status == ApprovalStatus.WAITING.value,
                approvals.c.artist_id.in_(set(artist_ids)),
            )
            .group_by(approvals.c.artist_id)
        )
        return {row["artist_id"]: int(row["many"]) for row in await self._session.rows(query)}

    async def runs_so_far(self, schedule_id: str) -> int:
        """How many runs the schedule has started."""
        query = select(func.count()).where(runs.c.schedule_id == schedule_id)
        return await self._session.count(query)

    async def remove(self, schedule_id: str) -> None:
        """Delete a schedule; runs that it started stay."""
        await self._session.write(delete(schedules).where(schedules.c.id == schedule_id))


class SwitchRepository(Repository[Switch]):
    """Switches by name."""

    mapper: ClassVar[Mapper[Switch]] = Mapper("switch", Switch, switches, unique="name")

    async def by_name(self, name: str) -> Switch | None:
        """The switch, if it was ever set."""
        return await self._first(self._all().where(switches.c.name == name))
