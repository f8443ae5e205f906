"""Fire the slots of schedules: each starts one run at most, however often it is tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.actor import Actor
from domain.artist import Artist, ArtistStatus
from domain.errors import Conflict, EnvironmentProblem, InvalidInput, NotFound
from domain.moving import without_gone
from domain.ports.clock import Clock
from domain.rhythm import AfterRelease
from domain.run import Run, RunStatus
from domain.schedule import LastSlot, Schedule, SkipReason
from domain.slots import next_slot, slots
from services.base import Service
from services.holds import standing_hold
from services.runs import RunService
from store.database import Database
from store.unit import UnitOfWork

# A slot this late is still on time: the lead may have just moved to another process.
PUNCTUAL_S = 60.0
FIRED_AT_ONCE = 100
# Hosts' clocks differ by less; a row written later than this from now is of a clock set back since.
AHEAD = timedelta(minutes=5)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Skipped:
    """Why a slot starts no run; `for_good` when no later one can either."""

    reason: SkipReason
    why: str
    for_good: bool = False


@dataclass(frozen=True)
class Due:
    """The slot of a schedule that counts now, and how many before it went by unheeded."""

    schedule: Schedule
    slot_at: datetime
    passed: int
    late_s: float

    @property
    def slot_key(self) -> str:
        """The key under which the slot's run stands."""
        return self.schedule.slot_key(self.slot_at)


@dataclass(frozen=True)
class Scene:
    """What stands around the slots that are due, read at once for all of them."""

    artists: Mapping[str, Artist]
    begun: Set[str]
    unfinished: Mapping[str, Sequence[RunStatus]]
    waiting: Mapping[str, int]


class Firing(Service):
    """What the scheduler's leader does with slots that have come.

    The run is started first, under the slot's key; then the schedule moves on. A leader that dies
    in between leaves a slot whose run is found by its key, by the next leader or by itself.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        runs: RunService,
        grace_s: float = 3600.0,
        approvals_waiting_max: int = 5,
    ) -> None:
        super().__init__(database, clock)
        self.runs = runs
        self.grace_s = grace_s
        self.approvals_waiting_max = approvals_waiting_max

    async def fire_due(self, actor: Actor, limit: int = FIRED_AT_ONCE) -> list[Run]:
        """Start a run for every schedule whose slot has come, longest due first.

        Call it every second: with nothing due it costs one query by an index. While everything is
        held nothing fires. Returns the runs that were started. A schedule that breaks stops no
        other: what broke it is raised when all have had their turn.
        """
        actor.must_be("system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.schedules.due(now, limit)
            if not found or await standing_hold(unit) is not None:
                return []
            due, broken = self._read(found, now)
            scene = await _look_around(unit, due)
        for schedule, error in broken:
            # Such as a time zone that this machine does not know: the others still fire.
            await self._switch_off(actor, schedule, error)
        return await self._fire_each(actor, due, scene)

    async def set_right(self, actor: Actor) -> list[Schedule]:
        """Give schedules their next slot from now on that moved while the clock was ahead.

        They would else be silent until that time really comes. Slots that had their run in it
        start no second one. Returns the schedules that were set right.
        """
        actor.must_be("system")
        async with self.database.unit() as unit:
            ahead = await unit.schedules.moved_after(self.clock.now() + AHEAD, FIRED_AT_ONCE)
        return [kept for one in ahead if (kept := await self._set_right(actor, one)) is not None]

    async def _fire_each(self, actor: Actor, due: Sequence[Due], scene: Scene) -> list[Run]:
        fired: list[Run] = []
        broke: Exception | None = None
        for one in due:
            try:
                run = await self._fire(actor, one, scene)
            except EnvironmentProblem:
                raise  # The others would meet the same.
            except Exception as error:  # noqa: BLE001 - one schedule's defect must not stop the others
                error.add_note(f"schedule {one.schedule.id}")
                broke = broke or error
                continue
            fired += [run] if run is not None else []
        if broke is not None:
            raise broke
        return fired

    async def _set_right(self, actor: Actor, seen: Schedule) -> Schedule | None:
        async with self.database.unit() as unit:
            schedule = await _standing(unit, seen)
            if schedule is None:
                return None
            now = self.clock.now()
            right = schedule.amend(now, shifts=without_gone(schedule, now))
            right = right.amend(now, next_at=next_slot(right, now))
            # The moment that it was written at has not come: it is written now.
            right = await unit.schedules.save(right.model_copy(update={"updated_at": now}))
            unit.emit(
                self.event(
                    "schedule.changed",
                    actor,
                    artist_id=right.artist_id,
                    subject_id=right.id,
                    name=right.name,
                    deed="changed",
                    next_at=right.next_at.isoformat() if right.next_at else None,
                )
            )
            await unit.commit()
        _log.warning("schedule set right after a clock that was ahead", schedule_id=right.id)
        return right

    def _read(
        self, found: Sequence[Schedule], now: datetime
    ) -> tuple[list[Due], list[tuple[Schedule, InvalidInput]]]:
        """What is due, and the schedules that cannot be read any more."""
        due, broken = [], []
        for schedule in found:
            try:
                due.append(_due(schedule, now, self.grace_s))
            except InvalidInput as error:
                broken.append((schedule, error))
        return due, broken

    async def _fire(self, actor: Actor, due: Due, scene: Scene) -> Run | None:
        run, obstacle = None, self._obstacle(due, scene)
        if obstacle is None:
            try:
                run = await self.runs.start(
                    actor,
                    due.schedule.artist_id,
                    approve=due.schedule.own,
                    cause="schedule",
                    schedule_id=due.schedule.id,
                    slot_key=due.slot_key,
                )
            except Conflict as error:
                obstacle = Skipped("status", error.message)
        await self._moved_on(actor, due, run, obstacle)
        return run

    def _obstacle(self, due: Due, scene: Scene) -> Skipped | None:
        """Why the slot starts no run; one whose run a dead leader has started stands by it."""
        if due.slot_key in scene.begun:
            return None
        if due.late_s > self.grace_s:
            return Skipped("late", f"nobody kept time for {_span(due.late_s)}")
        if not due.schedule.catch_up and due.late_s > PUNCTUAL_S:
            return Skipped("late", f"it is {_span(due.late_s)} late and is not caught up")
        artist = scene.artists[due.schedule.artist_id]
        if artist.status is not ArtistStatus.ACTIVE:
            retired = artist.status is ArtistStatus.RETIRED
            return Skipped("status", f"{artist.handle} is {artist.status}", for_good=retired)
        if why := overlap(due.schedule, scene.unfinished.get(due.schedule.id, [])):
            return Skipped("overlap", why)
        waiting = scene.waiting.get(artist.id, 0)
        if waiting >= self.approvals_waiting_max:
            return Skipped("approvals", f"{waiting} approvals of {artist.handle} wait")
        return None

    async def _moved_on(
        self, actor: Actor, due: Due, run: Run | None, skipped: Skipped | None
    ) -> None:
        """Move the schedule to its next slot, unless somebody changed or moved it meanwhile."""
        async with self.database.unit() as unit:
            schedule = await _standing(unit, due.schedule)
            if schedule is None:
                return
            last = LastSlot(
                slot_at=due.slot_at,
                run_id=run.id if run else None,
                reason=skipped.reason if skipped else None,
                why=skipped.why if skipped else "",
            )
            behind = _behind(schedule, due.slot_at, self.clock.now(), last)
            if skipped is not None and skipped.for_good:
                behind = behind.amend(self.clock.now(), enabled=False, next_at=None)
            await unit.schedules.save(behind)
            facts = {"slot": due.slot_at.isoformat(), "passed": due.passed, "name": schedule.name}
            unit.emit(
                self.event(
                    "schedule.skipped" if skipped else "schedule.fired",
                    actor,
                    artist_id=schedule.artist_id,
                    run_id=run.id if run else None,
                    subject_id=schedule.id,
                    late_s=round(due.late_s, 1),
                    reason=skipped.reason if skipped else None,
                    why=skipped.why if skipped else "",
                    **facts,
                )
            )
            await unit.commit()

    async def _switch_off(self, actor: Actor, schedule: Schedule, error: InvalidInput) -> None:
        _log.error("schedule switched off", schedule_id=schedule.id, why=error.message)
        async with self.database.unit() as unit:
            found = await _standing(unit, schedule)
            if found is None or found.next_at is None:
                return
            last = LastSlot(slot_at=found.next_at, reason="broken", why=error.message)
            off = found.amend(self.clock.now(), enabled=False, next_at=None, last=last)
            await unit.schedules.save(off)
            unit.emit(
                self.event(
                    "schedule.skipped",
                    actor,
                    artist_id=found.artist_id,
                    subject_id=found.id,
                    slot=found.next_at.isoformat(),
                    reason="broken",
                    why=error.message,
                )
            )
            await unit.commit()


async def lock_schedules(unit: UnitOfWork, artist_id: str) -> None:
    """Everybody who changes an artist's schedules takes this first."""
    await unit.lock(f"schedules:{artist_id}")


def overlap(schedule: Schedule, unfinished: Sequence[RunStatus]) -> str | None:
    """Why another run of the schedule would be one too many; None when it is welcome."""
    if schedule.overlap == "skip" and unfinished:
        return "the run before has not ended"
    if RunStatus.QUEUED in unfinished:
        return "another run waits already"
    return None


async def _look_around(unit: UnitOfWork, due: Sequence[Due]) -> Scene:
    artist_ids = [one.schedule.artist_id for one in due]
    return Scene(
        artists=await unit.artists.many(artist_ids),
        begun=await unit.schedules.begun_slots(one.slot_key for one in due),
        unfinished=await unit.schedules.unfinished_runs(one.schedule.id for one in due),
        waiting=await unit.schedules.approvals_waiting(artist_ids),
    )


async def _standing(unit: UnitOfWork, seen: Schedule) -> Schedule | None:
    """The schedule under its lock; None when it no longer is where it was seen."""
    await lock_schedules(unit, seen.artist_id)
    try:
        found = await unit.schedules.get(seen.id)
    except NotFound:
        return None
    return found if found.next_at == seen.next_at else None


def _due(schedule: Schedule, now: datetime, grace_s: float) -> Due:
    """The newest slot that has come: after an outage one run makes up for all that were missed."""
    assert schedule.next_at is not None
    slot, passed = schedule.next_at, 0
    if not isinstance(schedule.rhythm, AfterRelease):
        for later in slots(schedule, max(slot, now - timedelta(seconds=grace_s))):
            if later > now:
                break
            slot, passed = later, passed + 1
    return Due(schedule, slot, passed, (now - slot).total_seconds())


def _behind(schedule: Schedule, slot_at: datetime, now: datetime, last: LastSlot) -> Schedule:
    """The schedule once a slot is done with."""
    done = next((p for p in schedule.pending if p.due_at == slot_at), None)
    pending = tuple(p for p in schedule.pending if p is not done)
    shifts = without_gone(schedule, max(now, slot_at))
    moved = schedule.amend(now, pending=pending, shifts=shifts, last=last)
    return moved.amend(now, next_at=next_slot(moved, max(now, slot_at)))


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
