"""Hold everything, and let it go on."""

from __future__ import annotations

from datetime import datetime

from domain.actor import Actor
from domain.errors import Held
from domain.hold import HOLD, Hold, Switch
from domain.ids import new_id
from domain.plain import plain_line
from services.base import Service
from store.unit import UnitOfWork


class HoldService(Service):
    """Use cases of the operator's hold. It lies in the database, so every process obeys it."""

    async def hold(self, actor: Actor, why: str = "") -> Hold:
        """Let nothing begin, and what runs stop at its next safe point; again changes the reason.

        People can still decide, edit and talk.
        """
        return _standing(await self._turn(actor, on=True, why=plain_line(why)[:500]))

    async def lift(self, actor: Actor) -> None:
        """Let everything go on; slots that fell into the hold are kept or skipped by their age."""
        await self._turn(actor, on=False, why="")

    async def state(self, actor: Actor) -> Hold | None:
        """The hold that stands, or None."""
        actor.must_read()
        return await self._state()

    async def check(self) -> None:
        """Raise `Held` while a hold stands."""
        if hold := await self._state():
            raise Held(
                f"everything is held{': ' + hold.why if hold.why else ''}",
                remedy="Lift it when the work may go on: greenroom hold --lift",
            )

    async def _state(self) -> Hold | None:
        async with self.database.unit() as unit:
            return await standing_hold(unit)

    async def _turn(self, actor: Actor, *, on: bool, why: str) -> Switch:
        actor.must("operate", "system")
        actor.must_see_all()
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(f"switch:{HOLD}")
            known = await unit.switches.by_name(HOLD)
            if known is not None and known.on == on and known.why == why:
                return known
            by = f"{actor.kind}:{actor.id}"
            if known is None:
                switch = Switch(
                    id=new_id("switch"),
                    created_at=now,
                    updated_at=now,
                    name=HOLD,
                    on=on,
                    why=why,
                    by=by,
                )
                await unit.switches.add(switch)
            else:
                switch = await unit.switches.save(known.amend(now, on=on, why=why, by=by))
            unit.emit(self.event("hold.changed", actor, subject_id=switch.id, on=on, why=why))
            await unit.commit()
        return switch


async def standing_hold(unit: UnitOfWork) -> Hold | None:
    """The hold that stands, read inside a unit."""
    switch = await unit.switches.by_name(HOLD)
    return _standing(switch) if switch is not None and switch.on else None


async def held_since(unit: UnitOfWork, moment: datetime) -> bool:
    """Whether the hold was set or lifted after a moment."""
    switch = await unit.switches.by_name(HOLD)
    return switch is not None and switch.updated_at > moment


def _standing(switch: Switch) -> Hold:
    return Hold(why=switch.why, by=switch.by, since=switch.updated_at)
