"""Signing in and out: sessions of browsers, tries counted, passwords changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actor import Actor
from domain.audit import Outcome
from domain.errors import Forbidden, LimitReached, NotFound, Unauthenticated
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.user import NAME_MAX_CHARS, PASSWORD_MAX_CHARS, User, UserSession, check_password
from runtime.passwords import Passwords, digest, new_secret
from runtime.shared.windows import Windows
from services.audit import AuditService
from services.people_base import PeopleBase, Place, must_look_after
from store.database import Database
from store.unit import UnitOfWork

# So many tries within the window; who is let in has used one as well.
TRIES_ADDRESS = 30
TRIES_NAME = 20
TRIES_WINDOW = timedelta(minutes=10)
# Signs of a session are written down this seldom.
NOTED_EVERY = timedelta(minutes=5)
BROWSER_MAX_CHARS = 200


@dataclass(frozen=True)
class SignedIn:
    """A session that has just begun, with its secret for the cookie."""

    user: User
    session: UserSession
    secret: str


class SignInService(PeopleBase):
    """Use cases of people at the door."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        passwords: Passwords,
        windows: Windows,
        audit: AuditService,
    ) -> None:
        super().__init__(database, clock)
        self._passwords = passwords
        self._windows = windows
        self._audit = audit

    async def sign_in(self, name: str, password: str, place: Place) -> SignedIn:
        """Begin a session; `Unauthenticated` tells nobody which of the two was wrong."""
        plain = name.strip().lower()[:NAME_MAX_CHARS]
        await self._count(plain, place)
        async with self.database.unit() as unit:
            user = await unit.users.by_name(plain)
        kept = user.password_hash if user is not None and user.active else None
        fits = await self._passwords.fits(password[: PASSWORD_MAX_CHARS + 1], kept)
        if user is None or not fits:
            await self._audit.note("Sign in", place, Outcome.REFUSED, who=plain or "–")
            raise Unauthenticated(
                "this name and password do not belong together",
                field="password",
                remedy="Try again, or ask an admin of the label for a link to a new password.",
            )
        anew = self._passwords.outdated(user.password_hash)
        # It takes a while, so nothing is open meanwhile.
        hashed = await self._passwords.hash(password) if anew else user.password_hash
        async with self.database.unit() as unit:
            now = self.clock.now()
            if anew:
                user = await unit.users.save(user.amend(now, password_hash=hashed))
            made = await begin_session(unit, user, place, now)
            await unit.users.seen(user.id, now)
            await unit.commit()
        await self._audit.note("Sign in", place, Outcome.DONE, who=user.name, user_id=user.id)
        return made

    async def by_secret(self, secret: str) -> tuple[User, UserSession] | None:
        """Whose session this is; None when it has ended, or its person may not come in."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            session = await unit.sessions.by_secret(digest(secret))
            found = await self._standing(unit, session)
            if found is not None and now - found[1].seen_at >= NOTED_EVERY:
                await unit.sessions.seen(found[1].id, now)
                await unit.users.seen(found[0].id, now)
                await unit.commit()
        return found

    async def standing(self, session_id: str) -> tuple[User, UserSession] | None:
        """The same by the session's id, which is no sign of its person."""
        async with self.database.unit() as unit:
            known = await unit.sessions.many([session_id])
            return await self._standing(unit, known.get(session_id))

    async def sessions(self, actor: Actor, user_id: str | None = None) -> list[UserSession]:
        """Sessions that count, newest first: one's own, or anybody's for an admin."""
        who = self._whose(actor, user_id)
        now = self.clock.now()
        async with self.database.unit() as unit:
            return [s for s in await unit.sessions.open_of(who) if s.live(now)]

    async def end(self, actor: Actor, session_id: str) -> UserSession:
        """Sign one browser out. Raises `NotFound`, also for a session of somebody else's."""
        async with self.database.unit() as unit:
            session = await unit.sessions.get(session_id)
            if session.user_id != actor.id and "administer" not in actor.rights:
                raise NotFound(f"there is no session {session_id!r} of yours", field="session_id")
            await self._must_look_after(unit, actor, session.user_id)
            now = self.clock.now()
            if session.ended_at is None:
                session = await unit.sessions.save(session.amend(now, ended_at=now))
            await unit.commit()
        return session

    async def end_all(
        self, actor: Actor, user_id: str | None = None, *, but: str | None = None
    ) -> int:
        """Sign somebody out everywhere, or everywhere `but` here; returns how many ended."""
        who = self._whose(actor, user_id)
        async with self.database.unit() as unit:
            await self._must_look_after(unit, actor, who)
            ended = await self._end_all(unit, who, but)
            await unit.commit()
        return ended

    async def change_password(
        self, actor: Actor, session: UserSession | None, current: str, new: str, place: Place
    ) -> User:
        """Set another password; every other session ends. Only a person at a browser may.

        Raises `Forbidden` for anybody else, or naming `current` where that is not the present
        password; `InvalidInput` for a weak new one.
        """
        if session is None or session.user_id != actor.id:
            raise Forbidden(
                "a password is changed by its person, signed in with it",
                remedy="Sign in with a browser and change it under My account.",
            )
        async with self.database.unit() as unit:
            user = await unit.users.get(actor.id)
        await self._count(user.name, place)
        if not await self._passwords.fits(current, user.password_hash):
            raise Forbidden(
                "the present password is not right", field="current", remedy="Type it again."
            )
        hashed = await self._passwords.hash(check_password(new, user.name))
        async with self.database.unit() as unit:
            now = self.clock.now()
            user = await unit.users.save(user.amend(now, password_hash=hashed))
            await self._end_all(unit, user.id, session.id)
            await unit.commit()
        return user

    async def _standing(
        self, unit: UnitOfWork, session: UserSession | None
    ) -> tuple[User, UserSession] | None:
        if session is None or not session.live(self.clock.now()):
            return None
        user = await unit.users.get(session.user_id)
        return (user, session) if user.active else None

    async def _end_all(self, unit: UnitOfWork, user_id: str, but: str | None) -> int:
        now, ended = self.clock.now(), 0
        for session in await unit.sessions.open_of(user_id):
            if session.id != but:
                await unit.sessions.save(session.amend(now, ended_at=now))
                ended += 1
        return ended

    async def _count(self, name: str, place: Place) -> None:
        seconds = TRIES_WINDOW.total_seconds()
        here = await self._windows.count(f"sign-in at {place.address}", TRIES_ADDRESS, seconds)
        if not here or not await self._windows.count(f"sign-in as {name}", TRIES_NAME, seconds):
            await self._audit.note("Sign in", place, Outcome.REFUSED, who=name or "–")
            raise LimitReached(
                "too many tries to sign in",
                field="password",
                remedy="Wait ten minutes and try again.",
            )

    async def _must_look_after(self, unit: UnitOfWork, actor: Actor, user_id: str) -> None:
        """The start token is nobody with a name, and has no session."""
        if user_id == actor.id:
            actor.must_be("operator")
        else:
            must_look_after(actor, await unit.users.get(user_id))

    def _whose(self, actor: Actor, user_id: str | None) -> str:
        if user_id is not None and user_id != actor.id:
            actor.must("administer")
            return user_id
        actor.must_be("operator")
        return actor.id


async def begin_session(unit: UnitOfWork, user: User, place: Place, now: datetime) -> SignedIn:
    """Let a browser in."""
    secret = new_secret()
    session = UserSession(
        id=new_id("session"),
        created_at=now,
        updated_at=now,
        user_id=user.id,
        address=place.address,
        browser=place.browser[:BROWSER_MAX_CHARS],
        seen_at=now,
        secret_hash=digest(secret),
    )
    await unit.sessions.add(session)
    return SignedIn(user, session, secret)
