"""What the services of people share: finding somebody; nobody gives more than they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.actor import Actor
from domain.audit import LOCAL
from domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from domain.rights import RIGHTS, Role
from domain.user import User, within
from services.base import Service
from store.unit import UnitOfWork

# Whoever changes who may come in waits for others who do.
PEOPLE_LOCK = "people"


@dataclass(frozen=True)
class Place:
    """From where somebody comes: an address, and what their browser calls itself."""

    address: str
    browser: str = ""


class PeopleBase(Service):
    """Ways to name people and artists, and what an admin may give."""

    async def person(self, unit: UnitOfWork, named: str) -> User:
        """Somebody by name or id, or `NotFound`."""
        found = await unit.users.by_name(named.strip().lower())
        if found is None and named == LOCAL:
            raise NotFound(
                "whoever holds the start token is no person with a name",
                remedy="Name a person; “greenroom user list” shows them.",
            )
        return found or await unit.users.get(named)

    async def artist_ids(
        self, unit: UnitOfWork, named: Sequence[str] | None
    ) -> tuple[str, ...] | None:
        """The ids of artists that are named by handle or id; None stays None: all.

        Raises `InvalidInput` naming `artists` for one that nobody knows.
        """
        if named is None:
            return None
        try:
            found = [await unit.artists.find(each) for each in dict.fromkeys(named)]
        except NotFound as error:
            raise InvalidInput(error.message, field="artists", remedy=error.remedy) from error
        return tuple(sorted(artist.id for artist in found))

    async def must_not_be_last(self, unit: UnitOfWork, before: User, after: User) -> None:
        """Raise `Conflict` where nobody would be left who looks after people."""
        if not before.is_admin or after.is_admin:
            return
        if not any(a.is_admin and a.id != before.id for a in await unit.users.admins()):
            raise Conflict(
                f"{before.name} is the last admin of all artists",
                field="role",
                remedy="Make somebody else an admin first.",
            )


def must_look_after(actor: Actor, person: User) -> None:
    """Raise `Forbidden` unless this is oneself, or somebody whom an admin of these artists may
    let in, or not."""
    if person.id != actor.id:
        actor.must("administer")
        must_be_within(actor, person.artists)


def must_have(actor: Actor, role: Role, artists: Sequence[str] | None) -> None:
    """Raise `Forbidden` unless the actor has all that somebody of this role has."""
    if not RIGHTS[role] <= actor.rights:
        raise Forbidden(
            f"you do not have all rights of the role {role}",
            remedy="Ask an admin of the label.",
        )
    must_be_within(actor, artists)


def must_be_within(actor: Actor, artists: Sequence[str] | None) -> None:
    """Raise `Forbidden` where this concerns more artists than the actor sees."""
    if not within(artists, actor.artists):
        raise Forbidden(
            "you are limited to some artists, and this goes beyond them",
            field="artists",
            remedy="Name artists of yours, or ask an admin of the label.",
        )
