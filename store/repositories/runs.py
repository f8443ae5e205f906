"""Runs, the artists that take part, and what each step saw and said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Select, and_, case, delete, insert, or_, select

from domain.approval import ApprovalStatus
from domain.run import RUN_STATES, Run, RunStatus, StepRecord
from store.mapper import Mapper
from store.repository import Repository, newest_first, one_of
from store.tables import approvals, run_artists, runs, steps

# Nobody lets a run settle for so long, and hosts' clocks differ by less.
AHEAD = timedelta(minutes=10)
ACTIVE = [s for s in RunStatus if not RUN_STATES.final(s) and s is not RunStatus.FAILED]

BUSY_FIRST = (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.QUEUED)


class RunRepository(Repository[Run]):
    """Runs by artist and status; every artist of a run finds it."""

    mapper: ClassVar[Mapper[Run]] = Mapper("run", Run, runs)

    async def add(self, entity: Run) -> Run:
        """Store a new run and link its artists."""
        added = await super().add(entity)
        await self._link(entity)
        return added

    async def save(self, entity: Run) -> Run:
        """Store a changed run and its set of artists."""
        saved = await super().save(entity)
        await self._session.write(delete(run_artists).where(run_artists.c.run_id == entity.id))
        await self._link(entity)
        return saved

    async def of_artist(self, artist_id: str, limit: int = 50) -> list[Run]:
        """The artist's runs, newest first."""
        return await self.page(None, limit, artist_id=artist_id)

    async def active(self, artist_id: str | None = None) -> list[Run]:
        """Runs that are queued, running or waiting, oldest first."""
        query = one_of(self._of(artist_id), runs, ACTIVE)
        return await self._list(query.order_by(runs.c.id))

    async def busiest(self, limit: int, only: Collection[str] | None = None) -> list[Run]:
        """Active runs: those that run, then those that wait, then those that are queued."""
        query = one_of(self._all(), runs, ACTIVE)
        if only is not None:
            query = query.where(runs.c.id.in_(runs_of(only)))
        rank = case({status.value: n for n, status in enumerate(BUSY_FIRST)}, value=runs.c.status)
        return await self._list(query.order_by(rank, runs.c.id).limit(limit))

    async def of_slot(self, slot_key: str) -> Run | None:
        """The run that a schedule's slot started."""
        return await self._first(self._all().where(runs.c.slot_key == slot_key))

    async def lease_number(self, run_id: str) -> int | None:
        """Number of the run's present lease, which nobody changes until this unit ends."""
        query = select(runs.c.lease).where(runs.c.id == run_id).with_for_update(read=True)
        row = await self._session.row(query)
        return None if row is None else int(row["lease"])

    async def without_job(self, settled_before: datetime) -> list[Run]:
        """Runs that should go on, unchanged since a moment: queued, running, or decided upon.

        So are those that were changed while the clock was ahead: it never was that late.
        """
        undecided = select(approvals.c.run_id).where(
            approvals.c.status == ApprovalStatus.WAITING.value
        )
        asked = select(approvals.c.run_id)
        decided = and_(
            runs.c.status == RunStatus.WAITING.value,
            runs.c.id.in_(asked),
            runs.c.id.not_in(undecided),
        )
        at_work = runs.c.status.in_([RunStatus.QUEUED.value, RunStatus.RUNNING.value])
        changed = runs.c.updated_at
        settled = or_(changed <= settled_before, changed > settled_before + AHEAD)
        query = self._all().where(or_(at_work, decided), settled)
        return await self._list(query.order_by(runs.c.id))

    async def page(
        self,
        after: str | None = None,
        limit: int = 50,
        status: RunStatus | None = None,
        artist_id: str | None = None,
        only: Collection[str] | None = None,
    ) -> list[Run]:
        """One page of runs, newest first, beginning behind `after`; `only` of these artists."""
        query = one_of(self._of(artist_id), runs, None if status is None else [status])
        if only is not None:
            query = query.where(runs.c.id.in_(runs_of(only)))
        return await self._list(newest_first(query, runs, after, limit))

    def _of(self, artist_id: str | None) -> Select[Any]:
        if artist_id is None:
            return self._all()
        mine = select(run_artists.c.run_id).where(run_artists.c.artist_id == artist_id)
        return self._all().where(runs.c.id.in_(mine))

    async def _link(self, run: Run) -> None:
        links = [{"run_id": run.id, "artist_id": a} for a in dict.fromkeys(run.artist_ids)]
        await self._session.write(insert(run_artists).values(links), self.mapper.noun)


def runs_of(artist_ids: Collection[str]) -> Select[Any]:
    """Ids of the runs that these artists take part in."""
    return select(run_artists.c.run_id).where(run_artists.c.artist_id.in_(artist_ids))


class StepRepository(Repository[StepRecord]):
    """Steps in the order they were added."""

    mapper: ClassVar[Mapper[StepRecord]] = Mapper("step", StepRecord, steps)

    async def of_run(self, run_id: str) -> list[StepRecord]:
        """The run's steps in order."""
        return await self._list(self._all().where(steps.c.run_id == run_id).order_by(steps.c.seq))
