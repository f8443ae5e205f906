"""The event log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import delete, func, insert, select

from domain.event import Event, EventKind
from domain.run import RunStatus
from store.repository import among
from store.session import Session
from store.tables import events, runs

_LOCK = "greenroom.events"
_KNOWN = get_args(EventKind)


class EventRepository:
    """Reads the log in order; `append` is for the unit of work, at commit."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def after(
        self,
        event_id: int,
        limit: int = 200,
        run_id: str | None = None,
        artist_id: str | None = None,
        only: Collection[str] | None = None,
        without: Collection[EventKind] = (),
    ) -> list[Event]:
        """Events behind `event_id`, oldest first. No event appears later behind a seen one.

        `only` keeps lines about these artists, `without` leaves out kinds. Kinds that only a newer
        release knows are passed over.
        """
        query = select(events).where(events.c.id > event_id, events.c.kind.in_(_KNOWN))
        if run_id is not None:
            query = query.where(events.c.run_id == run_id)
        if artist_id is not None:
            query = query.where(events.c.artist_id == artist_id)
        query = among(query, events, only)
        if without:
            query = query.where(events.c.kind.not_in(without))
        rows = await self._session.rows(query.order_by(events.c.id).limit(limit))
        return [Event.model_validate(dict(row)) for row in rows]

    async def last_id(self) -> int:
        """Id of the newest event; 0 while there is none."""
        row = await self._session.row(select(func.coalesce(func.max(events.c.id), 0).label("id")))
        return 0 if row is None else int(row["id"])

    async def prune(
        self,
        kinds: Sequence[EventKind],
        ended: Sequence[RunStatus],
        ended_before: datetime,
        limit: int,
    ) -> int:
        """Forget lines of these kinds of runs that ended before a moment; tells how many."""
        old = (
            select(events.c.id)
            .join(runs, runs.c.id == events.c.run_id)
            .where(
                events.c.kind.in_(kinds),
                # Such a line is no younger than the end of its run.
                events.c.at < ended_before,
                runs.c.status.in_([status.value for status in ended]),
                runs.c.updated_at < ended_before,
            )
            .limit(limit)
        )
        # Looked for before anything is written: on SQLite others may write meanwhile.
        ids = [row["id"] for row in await self._session.rows(old)]
        if not ids:
            return 0
        return (await self._session.write(delete(events).where(events.c.id.in_(ids)))).rowcount

    async def append(self, pending: Sequence[Event]) -> list[Event]:
        """Write events and return them with their ids.

        The lock makes ids rise in the order of commits; without it a reader that follows the log
        could pass over a slow writer's smaller id.
        """
        await self._session.lock(_LOCK)
        return [await self._append(event) for event in pending]

    async def _append(self, event: Event) -> Event:
        row = event.model_dump(mode="python", exclude={"id", "data"})
        row["data"] = event.model_dump(mode="json", include={"data"})["data"]
        written = await self._session.write(insert(events).values(row).returning(events.c.id))
        return event.model_copy(update={"id": written.scalar_one()})
