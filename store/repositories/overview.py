"""What the dashboard counts: a few statements over indexes, however much there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    ColumnElement,
    Label,
    Select,
    Table,
    and_,
    func,
    literal,
    select,
    union_all,
)

from domain.alert import AlertStatus
from domain.approval import ApprovalStatus
from domain.run import RunStatus
from store.columns import utc_day
from store.session import Session
from store.tables import (
    alerts,
    approvals,
    audience_events,
    events,
    generation_jobs,
    run_artists,
    runs,
    usage_records,
)


class FrameFigures(BaseModel):
    """The numbers in the frame around every page."""

    model_config = ConfigDict(frozen=True)

    approvals: int = 0
    alerts: int = 0
    running: int = 0


class DaySpent(BaseModel):
    """What models and generators used on one day, in UTC."""

    model_config = ConfigDict(frozen=True)

    day: date
    tokens: int
    cost_usd: float


class ArtistSpent(BaseModel):
    """What one artist used; None: the label itself."""

    model_config = ConfigDict(frozen=True)

    artist_id: str | None
    tokens: int
    cost_usd: float


class DayHeard(BaseModel):
    """How often something of the audience's happened on one day, in UTC."""

    model_config = ConfigDict(frozen=True)

    day: date
    kind: str
    times: int


class OverviewRepository:
    """Counts for people; `artist_ids` None: of all artists."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def frame(self, artist_ids: Collection[str] | None) -> FrameFigures:
        """What waits, what is wrong and what runs, in one statement."""
        row = await self._session.row(
            select(
                _count("approvals", approvals, *_waiting(artist_ids)),
                _count("alerts", alerts, alerts.c.status == AlertStatus.OPEN.value),
                _count("running", runs, *_running(artist_ids)),
            )
        )
        assert row is not None
        return FrameFigures.model_validate(dict(row))

    async def spent_by_day(
        self, since: datetime, artist_ids: Collection[str] | None
    ) -> list[DaySpent]:
        """Tokens and money of each day that used any, oldest first."""
        bills = _bills(since, artist_ids).subquery()
        day = utc_day(bills.c.at, self._session.dialect).label("day")
        query = _summed(bills, day).group_by(day).order_by(day)
        rows = await self._session.rows(query)
        return [DaySpent.model_validate(dict(row)) for row in rows]

    async def spent_by_artist(
        self, since: datetime, artist_ids: Collection[str] | None, limit: int
    ) -> list[ArtistSpent]:
        """Who used most, by money and then by tokens."""
        bills = _bills(since, artist_ids).subquery()
        query = _summed(bills, bills.c.artist_id).group_by(bills.c.artist_id)
        order = (func.sum(bills.c.cost_usd).desc(), func.sum(bills.c.tokens).desc())
        rows = await self._session.rows(query.order_by(*order).limit(limit))
        return [ArtistSpent.model_validate(dict(row)) for row in rows]

    async def heard_by_day(
        self, since: datetime, artist_ids: Collection[str] | None
    ) -> list[DayHeard]:
        """What the audience did on each day, oldest first, hidden words left out."""
        table = audience_events
        day = utc_day(table.c.created_at, self._session.dialect).label("day")
        query = (
            select(day, table.c.kind, func.count().label("times"))
            .where(table.c.created_at >= since, table.c.hidden.is_(False))
            .group_by(day, table.c.kind)
            .order_by(day)
        )
        if artist_ids is not None:
            query = query.where(table.c.artist_id.in_(artist_ids))
        return [DayHeard.model_validate(dict(row)) for row in await self._session.rows(query)]

    async def progress(self, run_ids: Sequence[str]) -> dict[str, tuple[str, float | None]]:
        """The newest stage and share of each of these runs that has told any."""
        newest = (
            select(func.max(events.c.id))
            .where(events.c.run_id.in_(run_ids), events.c.kind == "run.progress")
            .group_by(events.c.run_id)
        )
        query = select(events.c.run_id, events.c.data).where(events.c.id.in_(newest))
        rows = await self._session.rows(query) if run_ids else []
        return {row["run_id"]: (row["data"]["stage"], row["data"]["fraction"]) for row in rows}


def _waiting(artist_ids: Collection[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [approvals.c.status == ApprovalStatus.WAITING.value]
    if artist_ids is not None:
        found.append(approvals.c.artist_id.in_(artist_ids))
    return found


def _running(artist_ids: Collection[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [runs.c.status == RunStatus.RUNNING.value]
    if artist_ids is not None:
        mine = select(run_artists.c.run_id).where(run_artists.c.artist_id.in_(artist_ids))
        found.append(runs.c.id.in_(mine))
    return found


def _count(name: str, table: Table, *conditions: ColumnElement[bool]) -> Label[Any]:
    query = select(func.count()).select_from(table).where(and_(*conditions))
    return query.scalar_subquery().label(name)


def _bills(since: datetime, artist_ids: Collection[str] | None) -> Any:
    """Calls of models and generated songs, in one shape."""
    calls: Select[Any] = select(
        usage_records.c.at,
        usage_records.c.artist_id,
        (usage_records.c.prompt_tokens + usage_records.c.completion_tokens).label("tokens"),
        usage_records.c.cost_usd,
    ).where(usage_records.c.at >= since)
    songs: Select[Any] = select(
        generation_jobs.c.created_at.label("at"),
        generation_jobs.c.artist_id,
        literal(0).label("tokens"),
        generation_jobs.c.cost_usd,
    ).where(generation_jobs.c.created_at >= since)
    if artist_ids is not None:
        calls = calls.where(usage_records.c.artist_id.in_(artist_ids))
        songs = songs.where(generation_jobs.c.artist_id.in_(artist_ids))
    return union_all(calls, songs)


def _summed(bills: Any, by: ColumnElement[Any]) -> Select[Any]:
    tokens = func.coalesce(func.sum(bills.c.tokens), 0).label("tokens")
    cost = func.coalesce(func.sum(bills.c.cost_usd), 0.0).label("cost_usd")
    return select(by, tokens, cost).select_from(bills)
