"""People, their invitations, sessions and keys, and what they did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, delete, or_, select, update

from domain.audit import AuditEntry, Outcome
from domain.user import ApiKey, Invitation, User, UserSession, UserStatus
from store.mapper import E, Mapper
from store.repository import Repository, newest_first
from store.session import Session
from store.tables import api_keys, audit_entries, invitations, user_sessions, users


class UserRepository(Repository[User]):
    """People by the name they sign in with."""

    mapper: ClassVar[Mapper[User]] = Mapper("person", User, users, unique="name")

    async def by_name(self, name: str) -> User | None:
        """The person of this name."""
        return await self._first(self._all().where(users.c.name == name))

    async def page(self, after: str | None = None, limit: int = 50) -> list[User]:
        """One page, in the order they came."""
        query = self._all().order_by(users.c.id).limit(limit)
        return await self._list(query if after is None else query.where(users.c.id > after))

    async def any(self) -> bool:
        """Whether there is anybody."""
        return await self._session.row(select(users.c.id).limit(1)) is not None

    async def admins(self) -> list[User]:
        """Active people who look after people."""
        query = self._all().where(
            users.c.role == "admin", users.c.status == UserStatus.ACTIVE.value
        )
        return await self._list(query)

    async def seen(self, user_id: str, at: datetime) -> None:
        """Note a sign of them; whoever edits the person meanwhile is not disturbed."""
        change = update(users).where(users.c.id == user_id)
        await self._session.write(change.values(last_seen_at=at))


class _Secret(Repository[E]):
    """Nouns that are found by the digest of their secret."""

    async def by_secret(self, secret_hash: str) -> E | None:
        """The one with this secret, whether or not it still counts."""
        return await self._first(self._all().where(self._table.c.secret_hash == secret_hash))


class InvitationRepository(_Secret[Invitation]):
    """Invitations, used and unused."""

    mapper: ClassVar[Mapper[Invitation]] = Mapper("invitation", Invitation, invitations)

    async def page(self, after: str | None = None, limit: int = 50) -> list[Invitation]:
        """One page, newest first; those of the first start are not among them."""
        query = self._all().where(invitations.c.kind != "first")
        return await self._list(newest_first(query, invitations, after, limit))

    async def unused(self, kind: str) -> list[Invitation]:
        """Those of a kind that nobody has used."""
        query = self._all().where(invitations.c.kind == kind, invitations.c.used_at.is_(None))
        return await self._list(query.order_by(invitations.c.id))


class SessionRepository(_Secret[UserSession]):
    """Sessions by person."""

    mapper: ClassVar[Mapper[UserSession]] = Mapper("session", UserSession, user_sessions)

    async def open_of(self, user_id: str) -> list[UserSession]:
        """Those of a person that were not ended, newest first; some may be too old."""
        query = self._all().where(
            user_sessions.c.user_id == user_id, user_sessions.c.ended_at.is_(None)
        )
        return await self._list(query.order_by(user_sessions.c.id.desc()))

    async def seen(self, session_id: str, at: datetime) -> None:
        """Note a sign of it."""
        await _touch(self._session, user_sessions, session_id, "seen_at", at)


class KeyRepository(_Secret[ApiKey]):
    """Keys by owner."""

    mapper: ClassVar[Mapper[ApiKey]] = Mapper("key", ApiKey, api_keys)

    async def page(
        self, user_id: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[ApiKey]:
        """One page, newest first, of one owner or of all."""
        query = self._all()
        if user_id is not None:
            query = query.where(api_keys.c.user_id == user_id)
        return await self._list(newest_first(query, api_keys, after, limit))

    async def used(self, key_id: str, at: datetime) -> None:
        """Note that it was used."""
        await _touch(self._session, api_keys, key_id, "last_used_at", at)


class AuditRepository(Repository[AuditEntry]):
    """What people did, newest first."""

    mapper: ClassVar[Mapper[AuditEntry]] = Mapper("audit entry", AuditEntry, audit_entries)

    async def page(
        self,
        after: str | None = None,
        limit: int = 50,
        *,
        user_id: str | None = None,
        artists: Iterable[str] | None = None,
        operation: str | None = None,
        outcome: Outcome | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[AuditEntry]:
        """One page; `operation` is a part of it, `artists` any of these names."""
        lines = audit_entries.c
        wanted = [
            None if user_id is None else lines.user_id == user_id,
            None if artists is None else lines.artist.in_(list(artists)),
            None if outcome is None else lines.outcome == outcome.value,
            None if operation is None else lines.operation.contains(operation, autoescape=True),
            None if since is None else lines.created_at >= since,
            None if until is None else lines.created_at < until,
        ]
        query = self._all().where(*[each for each in wanted if each is not None])
        return await self._list(newest_first(query, audit_entries, after, limit))

    async def prune(self, before: datetime, limit: int) -> int:
        """Forget those of the `limit` oldest that are from before a moment; tells how many."""
        lines = audit_entries.c
        # Ids sort by birth: the oldest are found without reading the others.
        oldest = select(lines.id, lines.created_at).order_by(lines.id).limit(limit).subquery()
        old = select(oldest.c.id).where(oldest.c.created_at < before)
        gone = delete(audit_entries).where(lines.id.in_(old))
        return (await self._session.write(gone, self.mapper.noun)).rowcount


async def _touch(session: Session, table: Table, entity_id: str, column: str, at: datetime) -> None:
    """Set one moment where it is unset or older; row versions stay, for nobody edits this."""
    older = or_(table.c[column].is_(None), table.c[column] < at)
    change = update(table).where(table.c.id == entity_id, older)
    await session.write(change.values({column: at}))
