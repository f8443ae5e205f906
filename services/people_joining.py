"""Coming in by a link that works once: the first admin, somebody invited, a new password."""

from __future__ import annotations

from datetime import timedelta

from domain.actor import Actor
from domain.audit import Outcome
from domain.errors import Conflict, NotFound, StaleVersion
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.user import (
    Invitation,
    User,
    check_display_name,
    check_name,
    check_password,
)
from runtime.passwords import Passwords, digest
from services.audit import AuditService
from services.people import NewLink, new_link
from services.people_base import PEOPLE_LOCK, PeopleBase, Place
from services.people_sessions import SignedIn, begin_session
from store.database import Database
from store.unit import UnitOfWork

FIRST_LINK_LASTS = timedelta(hours=24)


class JoiningService(PeopleBase):
    """Use cases of people who hold a link."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, audit: AuditService
    ) -> None:
        super().__init__(database, clock)
        self._passwords = passwords
        self._audit = audit

    async def first_link(self, actor: Actor) -> NewLink | None:
        """A link that makes its holder the first admin; None once there is anybody."""
        actor.must_be("system")
        async with self.database.unit() as unit:
            if await unit.users.any():
                return None
            made = new_link(
                self.clock.now(), FIRST_LINK_LASTS, kind="first", role="admin", made_by="system"
            )
            await unit.invitations.add(made.invitation)
            await unit.commit()
        return made

    async def look(self, secret: str) -> Invitation:
        """What a link is for; raises `NotFound` when it does not work, or not any more."""
        async with self.database.unit() as unit:
            return await self._open(unit, secret)

    async def accept(
        self, secret: str, name: str, password: str, place: Place, display_name: str = ""
    ) -> SignedIn:
        """Use a link up: become a person of the label, or get a new password; signed in at once.

        The name of a link for a password is the person's own, whatever is given.
        """
        known = await self.look(secret)
        hashed = await self._hash(known, name, password)
        try:
            async with self.database.unit() as unit:
                await unit.lock(PEOPLE_LOCK)
                link = await self._open(unit, secret)
                if link.kind == "reset":
                    user = await self._renew(unit, link, hashed)
                else:
                    user = await self._join(unit, link, name, display_name, hashed)
                now = self.clock.now()
                await unit.invitations.save(link.amend(now, used_at=now, user_id=user.id))
                made = await begin_session(unit, user, place, now)
                await unit.commit()
        except StaleVersion as error:
            raise _worthless() from error
        what = "Set a new password" if known.kind == "reset" else "Joined the label"
        await self._audit.note(what, place, Outcome.DONE, who=user.name, user_id=user.id)
        return made

    async def _hash(self, link: Invitation, name: str, password: str) -> str:
        """Checked and hashed before anything is locked: it takes a while."""
        plain = link.note if link.kind == "reset" else check_name(name)
        return await self._passwords.hash(check_password(password, plain))

    async def _join(
        self, unit: UnitOfWork, link: Invitation, name: str, display_name: str, hashed: str
    ) -> User:
        if link.kind == "first" and await unit.users.any():
            raise _worthless()
        plain, now = check_name(name), self.clock.now()
        user = User(
            id=new_id("user"),
            created_at=now,
            updated_at=now,
            name=plain,
            display_name=check_display_name(display_name, plain),
            role=link.role,
            artists=link.artists,
            last_seen_at=now,
            password_hash=hashed,
        )
        if await unit.users.by_name(plain) is not None:
            raise Conflict(
                f"somebody is called {plain} already", field="name", remedy="Choose another name."
            )
        return await unit.users.add(user)

    async def _renew(self, unit: UnitOfWork, link: Invitation, hashed: str) -> User:
        user, now = await unit.users.get(link.user_id or ""), self.clock.now()
        if not user.active or (user.role, user.artists) != (link.role, link.artists):
            # Whoever made it may have had less than this person has by now.
            raise _worthless()
        for session in await unit.sessions.open_of(user.id):
            await unit.sessions.save(session.amend(now, ended_at=now))
        return await unit.users.save(user.amend(now, password_hash=hashed))

    async def _open(self, unit: UnitOfWork, secret: str) -> Invitation:
        link = await unit.invitations.by_secret(digest(secret))
        if link is None or not link.open(self.clock.now()):
            raise _worthless()
        if link.kind == "first" and await unit.users.any():
            raise _worthless()
        return link


def _worthless() -> NotFound:
    return NotFound(
        "this link does not work, or not any more",
        field="link",
        remedy="Each works once and for a few days; ask an admin of the label for another.",
    )
