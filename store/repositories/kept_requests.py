"""Requests under a key of their sender's, and their answers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import delete

from domain.kept_request import KeptRequest
from store.mapper import Mapper
from store.repository import Repository
from store.tables import kept_requests as table


class KeptRequestRepository(Repository[KeptRequest]):
    """Requests by the digest of their key."""

    mapper: ClassVar[Mapper[KeptRequest]] = Mapper(
        "kept request", KeptRequest, table, unique="key_digest"
    )

    async def begin(self, request: KeptRequest) -> KeptRequest | None:
        """Store it unless its key is known; gives the one that is known."""
        if await self._session.insert_new(table, self.mapper.to_row(request), self.mapper.noun):
            return None
        known = self._all().where(table.c.key_digest == request.key_digest)
        return self._required(await self._first(known), request.key_digest)

    async def forget(self, request_id: str) -> None:
        """Delete one."""
        await self._session.write(delete(table).where(table.c.id == request_id))

    async def prune(self, before: datetime) -> int:
        """Delete those that came before a moment; tells how many."""
        return (
            await self._session.write(delete(table).where(table.c.created_at < before))
        ).rowcount
