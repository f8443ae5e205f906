"""People look at what an artist remembers, correct it, and make it forget."""

from __future__ import annotations

from collections.abc import Sequence

from domain.actor import Actor
from domain.artist import Artist
from domain.errors import InvalidInput, NotFound
from domain.ids import new_id
from domain.memory import MEMORY_KINDS, MEMORY_MAX_CHARS, MemoryKind, MemoryRecord, hash_text
from domain.plain import plain_text
from domain.ports.clock import Clock
from domain.ports.memory import Memory, MemoryRecords
from domain.seen import Seen
from services.base import Service
from store.database import Database

BY_A_PERSON = "operator"


class MemoryService(Service):
    """Use cases of memories."""

    def __init__(
        self, database: Database, clock: Clock, records: MemoryRecords, memory: Memory
    ) -> None:
        super().__init__(database, clock)
        self._records = records
        self._memory = memory

    async def page(
        self,
        actor: Actor,
        artist: str,
        kind: MemoryKind | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[MemoryRecord]:
        """What the artist remembers, last stored first; superseded memories are left out."""
        found = await self._artist(actor, artist)
        return await self._records.page(found.id, _kinds(kind), after, limit)

    async def search(
        self, actor: Actor, artist: str, query: str, kind: MemoryKind | None = None, limit: int = 50
    ) -> list[MemoryRecord]:
        """What the artist would remember at these words, the most useful first."""
        found = await self._artist(actor, artist)
        now = self.clock.now()
        recalled = await self._memory.recall(found.id, _kinds(kind), query, now=now, limit=limit)
        return [one.record for one in recalled]

    async def get(self, actor: Actor, artist: str, memory_id: str) -> MemoryRecord:
        """One memory; raises `NotFound` for one that is forgotten or superseded."""
        return await self._one(await self._artist(actor, artist), memory_id)

    async def correct(
        self, actor: Actor, artist: str, memory_id: str, text: str, *, seen: Seen
    ) -> MemoryRecord:
        """Say how it really was: a new memory supersedes the old one, which stays as history.

        Raises `StaleVersion` when somebody changed or forgot it since it was read.
        """
        found = await self._artist(actor, artist)
        actor.must("steer", artist_id=found.id)
        old = await self._found(found, memory_id)
        seen.check("memory", None if old is None else old.row_version)
        if old is None:
            raise _gone(memory_id)
        words = _checked(text)
        if words == old.text:
            return old
        now = self.clock.now()
        changes = {
            "id": new_id("memory"),
            "row_version": 1,
            "text": words,
            "text_sha256": hash_text(words),
            # A person vouches for it.
            "source": BY_A_PERSON,
            "untrusted": False,
            "created_at": now,
            "updated_at": now,
        }
        fresh = MemoryRecord.model_validate(old.model_dump() | changes)
        stored = await self._memory.supersede(found.id, memory_id, fresh)
        await self._tell(actor, found, stored.id, "corrected")
        return stored

    async def forget(self, actor: Actor, artist: str, memory_id: str) -> MemoryRecord:
        """Delete one memory for good; gives back what it was."""
        found = await self._artist(actor, artist)
        actor.must("steer", artist_id=found.id)
        old = await self._one(found, memory_id)
        await self._memory.forget(found.id, [memory_id])
        await self._tell(actor, found, memory_id, "forgotten")
        return old

    async def _artist(self, actor: Actor, artist: str) -> Artist:
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.artists.find(artist)
        actor.must_see(found.id)
        return found

    async def _found(self, artist: Artist, memory_id: str) -> MemoryRecord | None:
        known = await self._records.get(artist.id, [memory_id])
        return known[0] if known else None

    async def _one(self, artist: Artist, memory_id: str) -> MemoryRecord:
        found = await self._found(artist, memory_id)
        if found is None:
            raise _gone(memory_id)
        return found

    async def _tell(self, actor: Actor, artist: Artist, memory_id: str, deed: str) -> None:
        async with self.database.unit() as unit:
            unit.emit(
                self.event(
                    "memory.changed", actor, artist_id=artist.id, subject_id=memory_id, deed=deed
                )
            )
            await unit.commit()


def _kinds(kind: MemoryKind | None) -> Sequence[MemoryKind]:
    return MEMORY_KINDS if kind is None else (kind,)


def _gone(memory_id: str) -> NotFound:
    return NotFound(
        f"there is no memory {memory_id!r}",
        remedy="Read the list again; it was forgotten or corrected.",
    )


def _checked(text: str) -> str:
    words = plain_text(text)
    if not words or len(words) > MEMORY_MAX_CHARS:
        raise InvalidInput(
            f"a memory has 1 to {MEMORY_MAX_CHARS} characters",
            field="text",
            remedy="Say it in a sentence or two.",
        )
    return words
