"""Give artists rhythms, change them, see what comes next, run now."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.artist import Artist
from domain.errors import Conflict, InvalidInput, NotFound
from domain.ids import new_id
from domain.moving import without_gone
from domain.rhythm import AfterRelease, AnyRhythm, Window
from domain.run import Run
from domain.schedule import DEFAULT_NAME, Overlap, Pending, Schedule, check_schedule
from domain.seen import Seen
from domain.slots import next_slot, slots, upcoming
from services.firing import lock_schedules, overlap
from services.slot_moves import SlotMoves
from store.unit import UnitOfWork

PREVIEWED = 5
MOST_PER_ARTIST = 20
MOST_AT_ONCE = 1000
# What a schedule's slots come of.
SHAPING = ("rhythm", "tz", "quiet", "jitter_minutes")
Deed = Literal["created", "changed", "removed", "paused", "resumed"]


class ScheduleChange(BaseModel):
    """What to set; what is left out stays as it is, or takes its default in a new schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rhythm: AnyRhythm | None = None
    tz: str | None = None
    quiet: Window | Literal["none"] | None = None
    jitter_minutes: int | None = None
    approve: Literal["ask", "auto", "level"] | None = None
    overlap: Overlap | None = None
    catch_up: bool | None = None


class Upcoming(BaseModel):
    """One slot that comes."""

    model_config = ConfigDict(frozen=True)

    slot_at: datetime
    schedule: Schedule
    artist: Artist


class ScheduleService(SlotMoves):
    """Use cases of schedules."""

    async def put(
        self,
        actor: Actor,
        artist: str,
        change: ScheduleChange,
        name: str = DEFAULT_NAME,
        *,
        seen: Seen | None = None,
    ) -> Schedule:
        """Create the artist's schedule of this name, or change it; slots gone by never fire.

        Raises `InvalidInput` naming the field that cannot be kept to, `StaleVersion` when the
        schedule is not the one that was `seen`.
        """
        actor.must("steer", "supervisor", "system")
        if change.approve == "auto":
            actor.must("approve", "supervisor", "system")
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must_see(found.id)
            await lock_schedules(unit, found.id)
            known = await unit.schedules.of_artist(found.id)
            old = next((s for s in known if s.name == name), None)
            if seen is not None:
                seen.check("schedule", None if old is None else old.row_version)
            if old is None and len(known) >= MOST_PER_ARTIST:
                raise Conflict(
                    f"{found.handle} has {len(known)} schedules already",
                    field="name",
                    remedy="Change or remove one of them.",
                )
            new = self._changed_by(change, found.id, name, old)
            if old is None:
                return await self._keep(unit, actor, await unit.schedules.add(new), "created")
            return await self._keep(unit, actor, await unit.schedules.save(new), "changed")

    async def preview(
        self,
        actor: Actor,
        artist: str,
        change: ScheduleChange,
        name: str = DEFAULT_NAME,
        count: int = PREVIEWED,
    ) -> tuple[Schedule, list[datetime]]:
        """What `put` would save, and the next slots it has, or would have when resumed."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must_see(found.id)
            known = await unit.schedules.of_artist(found.id)
        old = next((s for s in known if s.name == name), None)
        new = self._changed_by(change, found.id, name, old)
        now = self.clock.now()
        return new, upcoming(new.amend(now, enabled=True), now, count)

    async def pause(self, actor: Actor, artist: str, name: str = DEFAULT_NAME) -> Schedule:
        """Switch one schedule off; the artist's others go on."""
        return await self._switch(actor, artist, name, on=False)

    async def resume(self, actor: Actor, artist: str, name: str = DEFAULT_NAME) -> Schedule:
        """Switch a schedule on again, from now."""
        return await self._switch(actor, artist, name, on=True)

    async def remove(self, actor: Actor, artist: str, name: str = DEFAULT_NAME) -> Schedule:
        """Forget a schedule; runs that it started stay. Returns what was removed."""
        actor.must("steer", "supervisor", "system")
        async with self.database.unit() as unit:
            schedule = await self._locked(unit, actor, artist, name)
            await unit.schedules.remove(schedule.id)
            return await self._keep(unit, actor, schedule.amend(self.clock.now()), "removed")

    async def run_now(self, actor: Actor, artist: str, name: str = DEFAULT_NAME) -> Run:
        """Start what the schedule would start, at once; two clicks at a time start one run.

        Raises `Conflict` when its run before has not ended or the artist's status forbids it.
        """
        actor.must("steer", "supervisor", "system")
        async with self.database.unit() as unit:
            schedule = await self._locked(unit, actor, artist, name)
            unfinished = await unit.schedules.unfinished_runs([schedule.id])
            why = overlap(schedule, unfinished.get(schedule.id, []))
            number = await unit.schedules.runs_so_far(schedule.id)
        if why:
            raise Conflict(
                f"schedule {schedule.name} starts no run now: {why}",
                field="overlap",
                remedy="Wait for that run, or start one beside the schedule: "
                "greenroom artist run HANDLE",
            )
        return await self.runs.start(
            actor,
            schedule.artist_id,
            approve=schedule.own,
            cause="operator",
            schedule_id=schedule.id,
            slot_key=f"{schedule.id}:now:{number}",
        )

    async def of_artist(self, actor: Actor, artist: str) -> list[Schedule]:
        """The artist's schedules, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must_see(found.id)
            return await unit.schedules.of_artist(found.id)

    async def find(self, actor: Actor, artist: str, name: str = DEFAULT_NAME) -> Schedule:
        """One schedule of the artist; raises `NotFound`."""
        known = await self.of_artist(actor, artist)
        return _named(known, artist, name)

    async def page(
        self, actor: Actor, after: str | None = None, limit: int = 50
    ) -> list[tuple[Schedule, Artist]]:
        """The schedules of all artists that the actor sees, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.schedules.page(after, limit, only=actor.artists)
            artists = await unit.artists.many(s.artist_id for s in found)
        return [(s, artists[s.artist_id]) for s in found]

    async def having(self, actor: Actor, artist_ids: Collection[str]) -> set[str]:
        """Those of these artists that have any schedule."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.schedules.having([one for one in artist_ids if actor.sees(one)])

    async def upcoming(
        self, actor: Actor, count: int = 50, artist: str | None = None
    ) -> list[Upcoming]:
        """The next slots of all artists or of one, soonest first; those overdue stand in front."""
        actor.must_read()
        async with self.database.unit() as unit:
            if artist is None:
                found = await unit.schedules.soonest(count, only=actor.artists)
            else:
                of = await unit.artists.find(artist)
                actor.must_see(of.id)
                found = await unit.schedules.of_artist(of.id)
            artists = await unit.artists.many(s.artist_id for s in found)
        lines = [_line(schedule) for schedule in found if schedule.next_at is not None]
        merged = heapq.merge(*lines, key=lambda pair: (pair[0], pair[1].id))
        return [
            Upcoming(slot_at=slot, schedule=schedule, artist=artists[schedule.artist_id])
            for slot, schedule in islice(merged, count)
        ]

    async def next_by_artist(self, actor: Actor) -> dict[str, datetime]:
        """When each artist that has a slot acts next, by its id."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.schedules.soonest(MOST_AT_ONCE, only=actor.artists)
        soonest: dict[str, datetime] = {}
        for schedule in found:
            if schedule.next_at is not None:
                soonest.setdefault(schedule.artist_id, schedule.next_at)
        return soonest

    def _changed_by(
        self, change: ScheduleChange, artist_id: str, name: str, old: Schedule | None
    ) -> Schedule:
        """The schedule as the change wants it, checked, with its next slot from now on."""
        now = self.clock.now()
        wanted = change.model_dump(exclude_none=True, exclude={"rhythm", "quiet", "approve"})
        if change.approve is not None or old is None:
            by_level = change.approve in (None, "level")
            wanted |= {"by_level": by_level, "approve": "ask" if by_level else change.approve}
        if change.quiet is not None:
            wanted["quiet"] = None if change.quiet == "none" else change.quiet
        if change.rhythm is not None:
            wanted |= {"rhythm": change.rhythm}
            if old is None or old.rhythm != change.rhythm:
                wanted |= {"anchor_at": now}
        if old is not None:
            schedule = old.amend(now, **wanted)
            if any(getattr(schedule, name) != getattr(old, name) for name in SHAPING):
                # Other slots now: what was moved is none of them.
                schedule = schedule.amend(now, shifts=())
        elif change.rhythm is None:
            raise InvalidInput(
                f"there is no schedule {name!r} yet, and no rhythm is given",
                field="rhythm",
                remedy="Say how often, such as “twice a week” or “daily at 18:30”.",
            )
        else:
            times = {"created_at": now, "updated_at": now}
            whole = {"id": new_id("schedule"), "artist_id": artist_id, "name": name} | times
            schedule = Schedule.model_validate(whole | wanted)
        check_schedule(schedule)
        return self._from_now(schedule)

    def _from_now(self, schedule: Schedule) -> Schedule:
        """The schedule with the slot that comes next from now on."""
        now = self.clock.now()
        pending: tuple[Pending, ...] = ()
        if isinstance(schedule.rhythm, AfterRelease):
            pending = schedule.pending
        shifts = without_gone(schedule, now)
        settled = schedule.amend(now, pending=pending, shifts=shifts)
        return settled.amend(now, next_at=next_slot(settled, now))

    async def _switch(self, actor: Actor, artist: str, name: str, *, on: bool) -> Schedule:
        actor.must("steer", "supervisor", "system")
        async with self.database.unit() as unit:
            schedule = await self._locked(unit, actor, artist, name)
            if schedule.enabled == on:
                return schedule
            switched = self._from_now(schedule.amend(self.clock.now(), enabled=on))
            saved = await unit.schedules.save(switched)
            return await self._keep(unit, actor, saved, "resumed" if on else "paused")

    async def _locked(self, unit: UnitOfWork, actor: Actor, artist: str, name: str) -> Schedule:
        found = await unit.artists.find(artist)
        actor.must_see(found.id)
        await lock_schedules(unit, found.id)
        return _named(await unit.schedules.of_artist(found.id), found.handle, name)

    async def _keep(
        self, unit: UnitOfWork, actor: Actor, schedule: Schedule, deed: Deed
    ) -> Schedule:
        unit.emit(
            self.event(
                "schedule.changed",
                actor,
                artist_id=schedule.artist_id,
                subject_id=schedule.id,
                name=schedule.name,
                deed=deed,
                next_at=schedule.next_at.isoformat() if schedule.next_at else None,
            )
        )
        await unit.commit()
        return schedule


def _line(schedule: Schedule) -> Iterator[tuple[datetime, Schedule]]:
    """The slot kept with the schedule, which may be overdue, and those that follow it."""
    assert schedule.next_at is not None
    if not isinstance(schedule.rhythm, AfterRelease):
        yield schedule.next_at, schedule
    for slot in slots(schedule, schedule.next_at):
        yield slot, schedule


def _named(schedules: list[Schedule], artist: str, name: str) -> Schedule:
    found = next((s for s in schedules if s.name == name), None)
    if found is None:
        names = ", ".join(s.name for s in schedules)
        raise NotFound(
            f"{artist} has no schedule {name!r}",
            field="name",
            remedy=f"It has: {names}."
            if names
            else f"Give it one: greenroom schedule set {artist} “twice a week”",
        )
    return found
