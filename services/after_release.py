"""Schedules that act after releases: told in the transaction in which a release goes live."""

from __future__ import annotations

from datetime import datetime

from domain.release import Release
from domain.rhythm import AfterRelease
from domain.schedule import Pending
from domain.slots import after_release, next_slot
from services.firing import lock_schedules
from store.unit import UnitOfWork


async def note_release(unit: UnitOfWork, release: Release, now: datetime) -> None:
    """Give the artist's schedules that wait for releases a slot for this one, once."""
    await lock_schedules(unit, release.artist_id)
    for schedule in await unit.schedules.of_artist(release.artist_id):
        waits = schedule.enabled and isinstance(schedule.rhythm, AfterRelease)
        if not waits or any(p.release_id == release.id for p in schedule.pending):
            continue
        due_at = after_release(schedule, release.live_at or now)
        pending = (*schedule.pending, Pending(release_id=release.id, due_at=due_at))
        noted = schedule.amend(now, pending=pending)
        await unit.schedules.save(noted.amend(now, next_at=next_slot(noted, now)))
