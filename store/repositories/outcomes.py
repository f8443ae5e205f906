"""What came of things by day, in UTC: decisions on approvals, ends of runs, what was heard."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, Table, case, func, select

from domain.approval import ApprovalStatus
from domain.run import RunStatus
from store.columns import utc_day
from store.session import Session
from store.tables import approvals, audience_events, run_artists, runs

DECIDED = (ApprovalStatus.APPROVED.value, ApprovalStatus.REJECTED.value)
# A cancelled run was a person's wish, and one whose work was refused did what it should.
ENDED = (RunStatus.SUCCEEDED.value, RunStatus.REJECTED.value, RunStatus.FAILED.value)


class DayOutcomes(BaseModel):
    """How many of a day's trials came out the one way."""

    model_config = ConfigDict(frozen=True)

    day: date
    good: int
    trials: int


class DayArtistHeard(BaseModel):
    """How often somebody played something of an artist's on one day."""

    model_config = ConfigDict(frozen=True)

    day: date
    artist_id: str
    times: int


class OutcomeRepository:
    """Counts by day, oldest first; `artist_ids` None: of all artists."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def approved(
        self, since: datetime, artist_ids: Collection[str] | None
    ) -> list[DayOutcomes]:
        """Decisions of people and policies, and how many approved; expired ones are neither."""
        query = self._of(approvals, ApprovalStatus.APPROVED.value, DECIDED, since)
        if artist_ids is not None:
            query = query.where(approvals.c.artist_id.in_(artist_ids))
        return await self._outcomes(query)

    async def failed(
        self, since: datetime, artist_ids: Collection[str] | None
    ) -> list[DayOutcomes]:
        """Runs that ended, and how many of them failed."""
        query = self._of(runs, RunStatus.FAILED.value, ENDED, since)
        if artist_ids is not None:
            mine = select(run_artists.c.run_id).where(run_artists.c.artist_id.in_(artist_ids))
            query = query.where(runs.c.id.in_(mine))
        return await self._outcomes(query)

    async def played(
        self, since: datetime, artist_ids: Collection[str] | None
    ) -> list[DayArtistHeard]:
        """Plays of each artist on each day that had any."""
        table = audience_events
        day = utc_day(table.c.created_at, self._session.dialect).label("day")
        query = (
            select(day, table.c.artist_id, func.count().label("times"))
            .where(table.c.created_at >= since, table.c.kind == "play")
            .group_by(day, table.c.artist_id)
            .order_by(day, table.c.artist_id)
        )
        if artist_ids is not None:
            query = query.where(table.c.artist_id.in_(artist_ids))
        rows = await self._session.rows(query)
        return [DayArtistHeard.model_validate(dict(row)) for row in rows]

    def _of(
        self, table: Table, good: str, counted: Sequence[str], since: datetime
    ) -> Select[Any, Any, Any]:
        # Nothing changes once it has ended, so the last change is its end.
        day = utc_day(table.c.updated_at, self._session.dialect).label("day")
        hits = func.sum(case((table.c.status == good, 1), else_=0)).label("good")
        return (
            select(day, hits, func.count().label("trials"))
            .where(table.c.updated_at >= since, table.c.status.in_(counted))
            .group_by(day)
            .order_by(day)
        )

    async def _outcomes(self, query: Select[Any, Any, Any]) -> list[DayOutcomes]:
        return [DayOutcomes.model_validate(dict(row)) for row in await self._session.rows(query)]
