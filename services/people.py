"""People of the label as admins see them: who there is, what they may, who is invited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actor import Actor
from domain.errors import Conflict, InvalidInput
from domain.ids import new_id
from domain.rights import RIGHTS, ROLES, Role
from domain.seen import Seen
from domain.user import (
    INVITED_FOR,
    Invitation,
    User,
    UserStatus,
    actor_of,
    check_display_name,
    within,
)
from runtime.passwords import digest, new_secret
from services.people_base import PEOPLE_LOCK, PeopleBase, must_be_within, must_have
from store.unit import UnitOfWork

DAYS_MAX = 30
NOTE_MAX_CHARS = 200


@dataclass(frozen=True)
class NewLink:
    """An invitation with its secret, which is shown this once."""

    invitation: Invitation
    secret: str


@dataclass(frozen=True)
class PersonChange:
    """What is to be different; None leaves it. `all_artists` lifts the limit."""

    role: Role | None = None
    artists: Sequence[str] | None = None
    all_artists: bool = False
    display_name: str | None = None


class PeopleService(PeopleBase):
    """Use cases of admins."""

    async def page(self, actor: Actor, after: str | None = None, limit: int = 50) -> list[User]:
        """People in the order they came."""
        actor.must("administer")
        async with self.database.unit() as unit:
            return await unit.users.page(after, limit)

    async def get(self, actor: Actor, named: str) -> User:
        """One person by name or id: oneself, or anybody for an admin."""
        if named != actor.id:
            actor.must("administer")
        async with self.database.unit() as unit:
            return await self.person(unit, named)

    async def names(self, user_ids: Sequence[str]) -> dict[str, str]:
        """What people are called, for those who see what they did."""
        async with self.database.unit() as unit:
            found = await unit.users.many(user_ids)
        return {user_id: user.display_name for user_id, user in found.items()}

    async def change(
        self, actor: Actor, named: str, change: PersonChange, seen: Seen | None = None
    ) -> User:
        """Give another role, other artists, another name; what they may changes at once.

        Links that they made and could not make any more are withdrawn.
        With `seen` it is refused when somebody else changed the person since.
        """
        async with self.database.unit() as unit:
            before = await self._held(unit, actor, named)
            if seen is not None:
                seen.check("person", before.row_version)
            artists = before.artists
            if change.all_artists:
                artists = None
            elif change.artists is not None:
                artists = await self.artist_ids(unit, change.artists)
            role = change.role or before.role
            _check_role(role)
            shown = before.display_name
            if change.display_name is not None:
                shown = check_display_name(change.display_name, before.name)
            must_have(actor, role, artists)
            after = before.amend(self.clock.now(), role=role, artists=artists, display_name=shown)
            await self.must_not_be_last(unit, before, after)
            saved = await unit.users.save(after)
            await self._withdraw_unbacked(unit, saved)
            await unit.commit()
        return saved

    async def rename(self, actor: Actor, display_name: str) -> User:
        """Be called otherwise."""
        actor.must_be("operator")
        async with self.database.unit() as unit:
            user = await self.person(unit, actor.id)
            shown = check_display_name(display_name, user.name)
            saved = await unit.users.save(user.amend(self.clock.now(), display_name=shown))
            await unit.commit()
        return saved

    async def disable(self, actor: Actor, named: str) -> User:
        """Let somebody in no more: their sessions end, their keys and links stop, at once."""
        async with self.database.unit() as unit:
            before = await self._held(unit, actor, named)
            now = self.clock.now()
            after = before.amend(now, status=UserStatus.DISABLED)
            await self.must_not_be_last(unit, before, after)
            for session in await unit.sessions.open_of(before.id):
                await unit.sessions.save(session.amend(now, ended_at=now))
            saved = await unit.users.save(after) if before.active else before
            await self._withdraw_unbacked(unit, saved)
            await unit.commit()
        return saved

    async def enable(self, actor: Actor, named: str) -> User:
        """Let somebody in again; their keys work as before."""
        async with self.database.unit() as unit:
            before = await self._held(unit, actor, named)
            if before.active:
                return before
            saved = await unit.users.save(before.amend(self.clock.now(), status=UserStatus.ACTIVE))
            await unit.commit()
        return saved

    async def invite(
        self,
        actor: Actor,
        role: Role,
        artists: Sequence[str] | None = None,
        note: str = "",
        days: int = INVITED_FOR.days,
    ) -> NewLink:
        """Make a link into the label; whoever opens it first chooses name and password."""
        actor.must("administer")
        _check(role, note, days)
        async with self.database.unit() as unit:
            ids = await self.artist_ids(unit, artists)
            must_have(actor, role, ids)
            made = new_link(
                self.clock.now(),
                timedelta(days=days),
                role=role,
                artists=ids,
                note=" ".join(note.split()),
                made_by=actor.id,
            )
            await unit.invitations.add(made.invitation)
            await unit.commit()
        return made

    async def reset(self, actor: Actor, named: str) -> NewLink:
        """Make a link with which somebody sets a new password; the old one works until then."""
        async with self.database.unit() as unit:
            user = await self._held(unit, actor, named)
            made = new_link(
                self.clock.now(),
                timedelta(days=1),
                kind="reset",
                role=user.role,
                artists=user.artists,
                note=user.name,
                user_id=user.id,
                made_by=actor.id,
            )
            await unit.invitations.add(made.invitation)
            await unit.commit()
        return made

    async def invitations(
        self, actor: Actor, after: str | None = None, limit: int = 50
    ) -> list[Invitation]:
        """Invitations and links for passwords, newest first."""
        actor.must("administer")
        async with self.database.unit() as unit:
            return await unit.invitations.page(after, limit)

    async def withdraw(self, actor: Actor, invitation_id: str) -> Invitation:
        """Make a link that nobody has used worthless.

        Raises `NotFound`, or `Conflict` for a link that was used, withdrawn or is over.
        """
        actor.must("administer")
        async with self.database.unit() as unit:
            found = await unit.invitations.get(invitation_id)
            must_be_within(actor, found.artists)
            now = self.clock.now()
            if not found.open(now):
                raise Conflict(
                    "this link does not work any more already", remedy="Nothing need be done."
                )
            saved = await unit.invitations.save(found.amend(now, withdrawn_at=now))
            await unit.commit()
        return saved

    async def _withdraw_unbacked(self, unit: UnitOfWork, maker: User) -> None:
        """Make links worthless that `maker` made for more than they may give now."""
        now = self.clock.now()
        unused = [*await unit.invitations.unused("invite"), *await unit.invitations.unused("reset")]
        for link in unused:
            if link.made_by == maker.id and link.open(now) and not _may_give(maker, link):
                await unit.invitations.save(link.amend(now, withdrawn_at=now))

    async def _held(self, unit: UnitOfWork, actor: Actor, named: str) -> User:
        """Somebody whom this admin may change, and nobody else meanwhile."""
        actor.must("administer")
        await unit.lock(PEOPLE_LOCK)
        user = await self.person(unit, named)
        must_have(actor, user.role, user.artists)
        return user


def _may_give(maker: User, link: Invitation) -> bool:
    """Whether somebody may, as they stand now, let in whom the link lets in."""
    has = actor_of(maker)
    given = {"administer", *RIGHTS[link.role]}
    return given <= has.rights and within(link.artists, has.artists)


def new_link(now: datetime, lasts: timedelta, **facts: object) -> NewLink:
    """An invitation and its secret."""
    secret = new_secret()
    invitation = Invitation.model_validate(
        {
            "id": new_id("invitation"),
            "created_at": now,
            "updated_at": now,
            "expires_at": now + lasts,
            "secret_hash": digest(secret),
        }
        | facts
    )
    return NewLink(invitation, secret)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidInput(
            f"there is no role {role!r}", field="role", remedy=f"Choose of {', '.join(ROLES)}."
        )


def _check(role: str, note: str, days: int) -> None:
    _check_role(role)
    if len(note) > NOTE_MAX_CHARS:
        raise InvalidInput(
            f"the note is longer than {NOTE_MAX_CHARS} characters",
            field="note",
            remedy="Shorten it.",
        )
    if not 1 <= days <= DAYS_MAX:
        raise InvalidInput(
            f"an invitation works for 1 to {DAYS_MAX} days", field="days", remedy="Choose of these."
        )
