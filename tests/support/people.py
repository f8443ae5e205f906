"""People of a populated label: invited by the operator, come in, signed in."""

from __future__ import annotations

from collections.abc import Sequence

from domain.actor import OPERATOR, Actor
from domain.rights import Right, Role
from domain.user import actor_of
from services.people_base import Place
from services.people_keys import KeyWish
from services.people_sessions import SignedIn
from tests.support.label import TestLabel

PASSWORD = "four words nobody guesses"
HERE = Place("198.51.100.7", "Firefox on Linux")


async def joined(
    label: TestLabel, role: Role, name: str = "", artists: Sequence[str] | None = None
) -> SignedIn:
    """Somebody of this role, called like it unless you say otherwise."""
    link = await label.people.people.invite(OPERATOR, role, artists)
    return await label.people.joining.accept(link.secret, name or role, PASSWORD, HERE)


async def actor(label: TestLabel, role: Role, artists: Sequence[str] | None = None) -> Actor:
    """The same, as services know them."""
    return actor_of((await joined(label, role, artists=artists)).user)


async def key(label: TestLabel, owner: SignedIn, *scopes: Right) -> str:
    """A key of theirs with these rights."""
    wish = KeyWish("tests", scopes)
    return (await label.people.keys.make(actor_of(owner.user), wish)).secret
