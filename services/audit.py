"""The audit log: begun before a call is carried out, ended when it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actor import Actor
from domain.audit import AuditEntry, Outcome, outcome_of
from domain.errors import NotFound
from domain.ids import new_id
from services.base import Service
from services.people_base import Place
from store.unit import UnitOfWork


@dataclass(frozen=True)
class Act:
    """What somebody is about to do."""

    user_id: str
    who: str
    operation: str
    what: str
    address: str
    key: str | None = None
    subject: str | None = None
    artist: str | None = None


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to show; None: any."""

    user_id: str | None = None
    artist: str | None = None
    operation: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditService(Service):
    """Writes and shows the log."""

    async def begin(self, act: Act) -> str:
        """Write an act down before it is carried out; returns the entry's id."""
        now = self.clock.now()
        entry = AuditEntry(id=new_id("audit"), created_at=now, updated_at=now, **vars(act))
        await self._add(entry)
        return entry.id

    async def end(self, entry_id: str, status: int) -> None:
        """Write down what came of it."""
        async with self.database.unit() as unit:
            entry = await unit.audit.get(entry_id)
            outcome = outcome_of(status)
            await unit.audit.save(entry.amend(self.clock.now(), outcome=outcome, status=status))
            await unit.commit()

    async def note(
        self, what: str, place: Place, outcome: Outcome, *, who: str, user_id: str | None = None
    ) -> None:
        """Write down what is over already: somebody at the door."""
        now = self.clock.now()
        entry = AuditEntry(
            id=new_id("audit"),
            created_at=now,
            updated_at=now,
            user_id=user_id,
            who=who,
            operation=what.lower(),
            what=what,
            address=place.address,
            outcome=outcome,
        )
        await self._add(entry)

    async def page(
        self,
        actor: Actor,
        after: str | None = None,
        limit: int = 50,
        wanted: AuditFilter | None = None,
    ) -> list[AuditEntry]:
        """Entries, newest first; an admin of some artists sees what concerned these."""
        actor.must("administer")
        wanted = wanted or AuditFilter()
        async with self.database.unit() as unit:
            return await unit.audit.page(
                after,
                limit,
                artists=await self._artists(unit, actor, wanted.artist),
                user_id=wanted.user_id,
                operation=wanted.operation,
                outcome=wanted.outcome,
                since=wanted.since,
                until=wanted.until,
            )

    async def get(self, actor: Actor, entry_id: str) -> AuditEntry:
        """One entry. Raises `NotFound`, also for one that is not the actor's to see."""
        actor.must("administer")
        async with self.database.unit() as unit:
            entry = await unit.audit.get(entry_id)
            seen = await self._artists(unit, actor, None)
        if seen is not None and entry.artist not in seen:
            raise NotFound(f"there is no audit entry {entry_id!r} that you may see")
        return entry

    async def prune(self, actor: Actor, days: int) -> int:
        """Forget entries older than so many days, none for 0; tells how many."""
        actor.must_be("system")
        if not days:
            return 0
        before = self.clock.now() - timedelta(days=days)
        return await self.clear_out(lambda unit, most: unit.audit.prune(before, most))

    async def _artists(
        self, unit: UnitOfWork, actor: Actor, named: str | None
    ) -> frozenset[str] | None:
        """Every name of the artists that are wanted and may be seen; None: no matter which."""
        wanted = None if named is None else await _names_of(unit, named)
        if actor.artists is None:
            return wanted
        mine = await unit.artists.many(actor.artists)
        names = frozenset(n for artist in mine.values() for n in (artist.id, artist.handle))
        return names if wanted is None else names & wanted

    async def _add(self, entry: AuditEntry) -> None:
        async with self.database.unit() as unit:
            await unit.audit.add(entry)
            await unit.commit()


async def _names_of(unit: UnitOfWork, named: str) -> frozenset[str]:
    try:
        artist = await unit.artists.find(named)
    except NotFound:
        return frozenset({named})
    return frozenset({artist.id, artist.handle})
