"""Move one slot of an artist's schedule to another time, and say what stands close to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist, ArtistStatus
from domain.errors import NotFound
from domain.moving import move_slot
from domain.schedule import DEFAULT_NAME, Schedule
from domain.slots import slots
from services.firing import Firing, lock_schedules
from store.unit import UnitOfWork

# Slots of one artist nearer than this are told of: the later one may find the first still at work.
CLOSE = timedelta(hours=1)


class Moved(BaseModel):
    """A slot that was moved; `warnings` tell what a person may not have thought of."""

    model_config = ConfigDict(frozen=True)

    schedule: Schedule
    slot_at: datetime
    to_at: datetime
    warnings: tuple[str, ...] = ()


class SlotMoves(Firing):
    """The use case of moving a slot."""

    async def move(
        self,
        actor: Actor,
        artist: str,
        slot_at: datetime,
        to_at: datetime,
        name: str = DEFAULT_NAME,
    ) -> Moved:
        """Let the artist act at `to_at` instead of at `slot_at`, this once.

        Raises `NotFound` for a slot that is not to come, `InvalidInput` or `Conflict` where it
        cannot go there. The same move the other way round undoes it.
        """
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must("steer", "supervisor", "system", artist_id=found.id)
            await lock_schedules(unit, found.id)
            known = await unit.schedules.of_artist(found.id)
            schedule = next((s for s in known if s.name == name), None)
            if schedule is None:
                raise NotFound(f"{found.handle} has no schedule {name!r}", field="name")
            moved = move_slot(schedule, slot_at, to_at, self.clock.now())
            if moved != schedule:
                moved = await unit.schedules.save(moved)
                self._tell(unit, actor, moved, slot_at, to_at)
                await unit.commit()
        others = [moved if s.id == moved.id else s for s in known]
        told = tuple(_warnings(found, others, moved, to_at))
        return Moved(schedule=moved, slot_at=slot_at, to_at=to_at, warnings=told)

    def _tell(
        self, unit: UnitOfWork, actor: Actor, moved: Schedule, slot_at: datetime, to_at: datetime
    ) -> None:
        unit.emit(
            self.event(
                "schedule.changed",
                actor,
                artist_id=moved.artist_id,
                subject_id=moved.id,
                name=moved.name,
                deed="moved",
                slot=slot_at.isoformat(),
                to=to_at.isoformat(),
                next_at=moved.next_at.isoformat() if moved.next_at else None,
            )
        )


def _warnings(
    artist: Artist, schedules: list[Schedule], moved: Schedule, to_at: datetime
) -> Iterable[str]:
    if artist.status is not ArtistStatus.ACTIVE:
        yield f"{artist.stage_name} is {artist.status}: the slot is skipped while that lasts."
    for schedule in schedules:
        for slot in _around(schedule, to_at):
            if slot != to_at or schedule.id != moved.id:
                minutes = int(abs(slot - to_at).total_seconds() // 60)
                which = f"“{schedule.name}”"
                yield f"{minutes} minutes from another slot of {artist.stage_name}, {which}."


def _around(schedule: Schedule, moment: datetime) -> Iterable[datetime]:
    near = takewhile(lambda slot: slot < moment + CLOSE, slots(schedule, moment - CLOSE))
    return (slot for slot in near if slot > moment - CLOSE)
