"""Steer an artist: its level of autonomy, quiet hours, budgets; stop it at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.actor import SYSTEM, Actor
from domain.approval import Approval
from domain.artist import Artist, ArtistStatus
from domain.errors import IllegalTransition
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.model import Spent, UsageLedger
from domain.run import Run
from domain.seen import Seen
from domain.steering import Budgets, Steering, check_steering, ruling
from services.artists import ArtistService
from services.base import Service
from services.runs import RunService
from services.steering_change import SteeringChange, loosens
from services.steering_read import goes_out_at, steering_of, unset
from store.database import Database
from store.unit import UnitOfWork

A_DAY = timedelta(hours=24)


class Stop(BaseModel):
    """What stopping an artist ended."""

    model_config = ConfigDict(frozen=True)

    artist: Artist
    runs: tuple[Run, ...]


class SteeringView(BaseModel):
    """How an artist is steered, and how near its limits it is.

    `limits` are those that count: the artist's own where it has one, else the label's. `asking`
    names rhythms that ask a person although the artist is on autopilot.
    """

    model_config = ConfigDict(frozen=True)

    steering: Steering
    limits: Budgets
    spent_day: Spent
    posted_today: int
    next_out: datetime
    asking: tuple[str, ...] = ()
    leaving: tuple[Approval, ...] = ()


class SteeringService(Service):
    """Use cases of steering. `label` are the label's limits for each of its artists."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        runs: RunService,
        artists: ArtistService,
        ledger: UsageLedger,
        label: Budgets | None = None,
    ) -> None:
        super().__init__(database, clock)
        self.runs = runs
        self.artists = artists
        self.ledger = ledger
        self.label = label or Budgets()

    async def of(self, actor: Actor, artist: str) -> Steering:
        """How an artist is steered; its version is 0 where nobody set anything."""
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must_read(found.id)
            return await steering_of(unit, found.id)

    async def view(self, actor: Actor, artist: str) -> SteeringView:
        """The same with what is spent and posted, and what leaves by itself."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must_read(found.id)
            steering = await steering_of(unit, found.id)
            posted = await unit.steerings.posted_since(found.id, steering.day_began(now))
            schedules = await unit.schedules.of_artist(found.id)
            waiting = await unit.approvals.waiting(found.id)
        spent = await self.ledger.spent_by_artist(found.id, now - A_DAY)
        asks = [s.name for s in schedules if s.enabled and ruling(steering, s.own).asked]
        return SteeringView(
            steering=steering,
            limits=tighter(self.label, steering.budgets),
            spent_day=spent,
            posted_today=posted,
            next_out=steering.may_go_out(now, posted),
            asking=tuple(asks) if steering.level == "autopilot" else (),
            leaving=tuple(a for a in waiting if a.auto_approve_at is not None),
        )

    async def put(
        self, actor: Actor, artist: str, change: SteeringChange, *, seen: Seen | None = None
    ) -> Steering:
        """Set what is given and leave the rest.

        What waits for its veto window is asked of a person once the artist is not on autopilot
        any more. To let more go out by itself takes the right to approve. A change of
        what is not as it was `seen` raises `StaleVersion`; raises `InvalidInput` naming the
        field that cannot be kept to.
        """
        now = self.clock.now()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
            actor.must("steer", artist_id=found.id)
            await unit.lock(f"steering:{found.id}")
            known = await unit.steerings.of_artist(found.id)
            old = known or unset(found.id)
            if seen is not None:
                seen.check("steering", old.row_version)
            new = change.applied(old, now, by=f"{actor.kind}:{actor.id}")
            if loosens(old, new):
                actor.must("approve", artist_id=found.id)
            check_steering(new)
            if known is None:
                new = await unit.steerings.add(
                    new.model_copy(
                        update={"id": new_id("steering"), "row_version": 1, "created_at": now}
                    )
                )
            else:
                new = await unit.steerings.save(new)
            await self._call_back(unit, new)
            unit.emit(self._changed(actor, new, change))
            await unit.commit()
        await self._wake(found.id)
        return new

    async def stop(self, actor: Actor, artist: str, why: str = "", *, pause: bool = True) -> Stop:
        """End at once everything the artist is at, so that nothing of it becomes public any more.

        Unless `pause` is false the artist is paused first, so that nothing begins meanwhile.
        """
        found = await self.artists.find(actor, artist)
        actor.must("steer", artist_id=found.id)
        if pause and found.status in (ArtistStatus.ACTIVE, ArtistStatus.EVOLVING):
            found = await self.artists.pause(actor, found.id)
        async with self.database.unit() as unit:
            active = await unit.runs.active(found.id)
        ended = []
        for run in active:
            try:
                ended.append(await self.runs.cancel(actor, run.id, why))
            except IllegalTransition:
                continue  # It came to its end by itself in this moment.
        await self.runs.hold_back(actor, found.id)
        return Stop(artist=found, runs=tuple(ended))

    async def day_is_full(self, artist_id: str) -> str | None:
        """Why nothing more may go out today; None while there is room."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            steering = await steering_of(unit, artist_id)
            if steering.posts_day is None:
                return None
            posted = await unit.steerings.posted_since(artist_id, steering.day_began(now))
        if posted < steering.posts_day:
            return None
        return f"{posted} of at most {steering.posts_day} posts went out today"

    async def held_back_until(self, artist_id: str) -> datetime | None:
        """When something of the artist may become public, where that is not now."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            steering = await steering_of(unit, artist_id)
            at = await goes_out_at(unit, steering, now)
        return at if at > now else None

    async def _call_back(self, unit: UnitOfWork, steering: Steering) -> None:
        """A new level counts for what waits already: it leaves later, or not by itself."""
        for approval in await unit.approvals.waiting(steering.artist_id):
            if approval.auto_approve_at is None:
                continue
            run = await unit.runs.get(approval.run_id)
            rule = ruling(steering, run.own)
            if rule.asked:
                at = None
            else:
                at = await goes_out_at(unit, steering, approval.created_at + rule.veto)
            if at != approval.auto_approve_at:
                now = self.clock.now()
                expires = max(approval.expires_at, at + A_DAY) if at else approval.expires_at
                moved = approval.amend(now, auto_approve_at=at, expires_at=expires)
                await unit.approvals.save(moved)

    async def _wake(self, artist_id: str) -> None:
        """Approved things that were held back look again whether they may leave."""
        async with self.database.unit() as unit:
            held = [r for r in await unit.runs.active(artist_id) if r.held_back]
        for run in held:
            await self.runs.wake(SYSTEM, run.id)

    def _changed(self, actor: Actor, steering: Steering, change: SteeringChange) -> Any:
        return self.event(
            "steering.changed",
            actor,
            artist_id=steering.artist_id,
            subject_id=steering.id,
            level=steering.level,
            veto_hours=steering.veto_hours,
            version=steering.row_version,
            changed=sorted(change.model_fields_set),
        )


def tighter(label: Budgets, own: Budgets) -> Budgets:
    """The lower of two limits, each by itself."""
    found = {}
    for name in Budgets.model_fields:
        given = [v for v in (getattr(label, name), getattr(own, name)) if v is not None]
        found[name] = min(given) if given else None
    return Budgets.model_validate(found)
