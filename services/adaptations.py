"""The adaptation ledger: the only place where a learnt value comes into force or goes."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from domain.actor import Actor
from domain.adaptation import (
    IN_FORCE,
    Adaptation,
    AdaptationStatus,
    Effect,
    Proposal,
    Scope,
    check_before,
    check_proposal,
    check_reversal,
    effective_value,
    in_force,
    moved,
    opened,
    with_effect,
)
from domain.ids import new_id
from domain.plain import plain_line
from services.base import Service
from store.unit import UnitOfWork

REASON_MAX_CHARS = 500


class AdaptationService(Service):
    """Use cases of the ledger. What concerns one artist is for those who may see it."""

    async def propose(self, actor: Actor, proposal: Proposal) -> Adaptation:
        """Take the parameter for this tuner and write down what it wants to change.

        Raises `Conflict` while another entry holds the parameter or it rests, `StaleVersion`
        where the value in force is another one than the proposal's `before`.
        """
        async with self.database.unit() as unit:
            entry = await self.propose_in(unit, actor, proposal)
            await unit.commit()
        return entry

    async def propose_in(self, unit: UnitOfWork, actor: Actor, proposal: Proposal) -> Adaptation:
        """The same as part of something larger, which commits."""
        self.must_tune(actor, proposal.scope)
        entries = await _held(unit, proposal.change.parameter)
        check_proposal(entries, proposal, self.clock.now())
        fresh = opened(new_id("adaptation"), proposal, _name(actor), self.clock.now())
        entry = await unit.adaptations.add(fresh)
        self._tell(unit, actor, entry)
        return entry

    async def apply(self, actor: Actor, adaptation_id: str, why: str = "") -> Adaptation:
        """Bring a proposal into force."""
        return await self._move(actor, adaptation_id, AdaptationStatus.ACTIVE, why)

    async def confirm(self, actor: Actor, adaptation_id: str, why: str = "") -> Adaptation:
        """Keep what proved itself; the parameter is free again after its rest."""
        return await self._move(actor, adaptation_id, AdaptationStatus.CONFIRMED, why)

    async def reject(self, actor: Actor, adaptation_id: str, reason: str) -> Adaptation:
        """Drop a proposal."""
        return await self._move(actor, adaptation_id, AdaptationStatus.REJECTED, reason)

    async def revert(self, actor: Actor, adaptation_id: str, reason: str) -> Adaptation:
        """Put back exactly what was before; raises `Conflict` where a newer entry lies above."""
        return await self._move(actor, adaptation_id, AdaptationStatus.REVERTED, reason)

    async def observe(self, actor: Actor, adaptation_id: str, effect: Effect) -> Adaptation:
        """Write down what came of it."""
        async with self.database.unit() as unit:
            entry, _ = await self._mine(unit, actor, adaptation_id)
            seen = with_effect(entry, effect, _name(actor), self.clock.now())
            seen = await unit.adaptations.save(seen)
            self._tell(unit, actor, seen)
            await unit.commit()
        return seen

    async def revert_latest(
        self, actor: Actor, scope: Scope, reason: str, before: datetime | None = None
    ) -> Adaptation | None:
        """Revert the entry that came into force last for anybody in scope; None without one.

        What is still being observed goes first; else what was confirmed, for the audience that
        confirmed it may be another one now. `before`: only what was in force by then.
        """
        self.must_tune(actor, scope)
        async with self.database.unit() as unit:
            held = [
                entry
                for status in IN_FORCE
                for entry in await unit.adaptations.page(status=status, limit=500)
                if entry.scope.overlaps(scope)
                and (before is None or entry.applied_at < before)
                and in_force(
                    await unit.adaptations.of_parameter(entry.parameter),
                    entry.parameter,
                    entry.scope,
                )
                == entry
            ]
        latest = max(
            held,
            key=lambda e: (e.status is AdaptationStatus.ACTIVE, e.applied_at, e.id),
            default=None,
        )
        return None if latest is None else await self.revert(actor, latest.id, reason)

    async def reverted_at(self, actor: Actor, scope: Scope) -> datetime | None:
        """When anything in force for anybody in scope was last reverted."""
        _must_read(actor, scope.artist_id)
        async with self.database.unit() as unit:
            entries = await unit.adaptations.page(status=AdaptationStatus.REVERTED, limit=500)
        ends = [entry.settled_at for entry in entries if entry.scope.overlaps(scope)]
        return max(ends, default=None)

    async def value(self, actor: Actor, parameter: str, scope: Scope) -> JsonValue:
        """What counts in this scope; None for what is shipped."""
        _must_read(actor, scope.artist_id)
        async with self.database.unit() as unit:
            entries = await unit.adaptations.of_parameter(parameter)
        return effective_value(entries, parameter, scope)

    async def live(self, actor: Actor, parameter: str, scope: Scope) -> Adaptation | None:
        """The entry in force for exactly this scope."""
        _must_read(actor, scope.artist_id)
        async with self.database.unit() as unit:
            return in_force(await unit.adaptations.of_parameter(parameter), parameter, scope)

    async def get(self, actor: Actor, adaptation_id: str) -> Adaptation:
        """One entry."""
        actor.must_read()
        async with self.database.unit() as unit:
            entry = await unit.adaptations.get(adaptation_id)
        _must_read(actor, entry.artist_id)
        return entry

    async def page(
        self,
        actor: Actor,
        artist: str | None = None,
        status: AdaptationStatus | None = None,
        parameter: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[Adaptation]:
        """Entries that the actor may see, newest first; of an artist by its handle or id."""
        actor.must_read()
        async with self.database.unit() as unit:
            only = actor.artists
            if artist is not None:
                found = await unit.artists.find(artist)
                actor.must_see(found.id)
                only = frozenset((found.id,))
            return await unit.adaptations.page(
                status=status, parameter=parameter, only=only, after=after, limit=limit
            )

    async def _move(
        self, actor: Actor, adaptation_id: str, status: AdaptationStatus, why: str
    ) -> Adaptation:
        async with self.database.unit() as unit:
            after = await self.move_in(unit, actor, adaptation_id, status, why)
            await unit.commit()
        return after

    async def move_in(
        self,
        unit: UnitOfWork,
        actor: Actor,
        adaptation_id: str,
        status: AdaptationStatus,
        why: str,
    ) -> Adaptation:
        """Bring an entry to its next state as part of something larger, which commits."""
        entry, entries = await self._mine(unit, actor, adaptation_id)
        if status is AdaptationStatus.REVERTED:
            check_reversal(entries, entry)
        if status is AdaptationStatus.ACTIVE:
            # What it starts from may have been reverted since it was proposed.
            check_before(entries, entry.proposal)
        words = plain_line(why)[:REASON_MAX_CHARS]
        after = moved(entry, status, _name(actor), self.clock.now(), words)
        after = await unit.adaptations.save(after)
        self._tell(unit, actor, after)
        return after

    async def _mine(
        self, unit: UnitOfWork, actor: Actor, adaptation_id: str
    ) -> tuple[Adaptation, list[Adaptation]]:
        """The entry and all others of its parameter, which nobody changes until the unit ends."""
        parameter = (await unit.adaptations.get(adaptation_id)).parameter
        entries = await _held(unit, parameter)
        entry = next(e for e in entries if e.id == adaptation_id)
        self.must_tune(actor, entry.scope)
        return entry, entries

    def must_tune(self, actor: Actor, scope: Scope) -> None:
        """Raise `Forbidden` unless the actor may change what this scope learns."""
        actor.must("evaluate", "system", artist_id=scope.artist_id)
        if scope.artist_id is None:
            actor.must_see_all()

    def _tell(self, unit: UnitOfWork, actor: Actor, entry: Adaptation) -> None:
        last = entry.history[-1]
        unit.emit(
            self.event(
                "adaptation.changed",
                actor,
                artist_id=entry.artist_id,
                subject_id=entry.id,
                parameter=entry.parameter,
                owner=entry.proposal.owner,
                status=entry.status.value,
                why=last.why,
            )
        )


async def _held(unit: UnitOfWork, parameter: str) -> list[Adaptation]:
    """All entries of a parameter; two tuners at once look one after the other."""
    await unit.lock(f"adaptation:{parameter}")
    return await unit.adaptations.of_parameter(parameter)


def _must_read(actor: Actor, artist_id: str | None) -> None:
    actor.must_read(*(() if artist_id is None else (artist_id,)))


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"
