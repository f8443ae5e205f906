"""What the dashboard counts: a few statements over indexes, however much there is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Label, Table, and_, func, select

from domain.alert import AlertStatus
from domain.approval import ApprovalStatus
from domain.run import RunStatus
from store.session import Session
from store.tables import alerts, approvals, run_artists, runs


class FrameFigures(BaseModel):
    """The numbers in the frame around every page."""

    model_config = ConfigDict(frozen=True)

    approvals: int = 0
    alerts: int = 0
    running: int = 0


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
