"""Who does something; every service takes the actor first."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import Forbidden
from domain.rights import EVERY_RIGHT, Right

ActorKind = Literal["operator", "artist", "supervisor", "system", "visitor"]
# Parts of the system that read whatever their work needs.
READERS: tuple[ActorKind, ...] = ("artist", "supervisor", "system")


class Lease(BaseModel):
    """The right to move a run: its number rises whenever a worker takes the run up."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    number: int


class Actor(BaseModel):
    """A person or a part of the system, as the event log names it.

    An `operator` is a person of the label, or a program with a person's key: what they may do is
    in `rights`, and for which artists in `artists` (None: all). Parts of the system have no
    rights; services name the kinds that may act. What an actor with a `lease` emits is refused
    once another worker holds the run.
    """

    model_config = ConfigDict(frozen=True)

    kind: ActorKind
    id: str
    lease: Lease | None = None
    rights: frozenset[Right] = frozenset()
    artists: frozenset[str] | None = None
    # The key a program came with, in the name of its owner.
    key_id: str | None = None

    def must_be(self, *kinds: ActorKind) -> None:
        """Raise `Forbidden` unless this actor is of one of `kinds`."""
        if self.kind not in kinds:
            raise Forbidden(
                f"a {self.kind} may not do this",
                remedy=f"Only {', '.join(kinds)} may; sign in as one of these.",
            )

    def must(self, right: Right, *parts: ActorKind, artist_id: str | None = None) -> None:
        """Raise `Forbidden` unless a person with this right acts, or one of these parts.

        With `artist_id` the person must also be allowed that artist.
        """
        if self.kind != "operator":
            self.must_be("operator", *parts)
            return
        if right not in self.rights:
            raise Forbidden(
                f"this needs the right to {right}",
                remedy="Ask an admin of the label for a role that has it.",
            )
        if artist_id is not None:
            self.must_see(artist_id)

    def must_read(self, *artist_ids: str) -> None:
        """Raise `Forbidden` unless a part of the system acts, or a person who may read this."""
        self.must("read", *READERS)
        if artist_ids:
            self.must_see(*artist_ids)

    def must_see(self, *artist_ids: str) -> None:
        """Raise `Forbidden` for a person who is limited to others than these artists."""
        if not any(self.sees(artist_id) for artist_id in artist_ids):
            raise Forbidden(
                "this artist is not among yours",
                remedy="Ask an admin of the label to add it.",
            )

    def must_see_all(self) -> None:
        """Raise `Forbidden` for a person who is limited to some artists: this concerns all."""
        if self.artists is not None:
            raise Forbidden(
                "this concerns every artist of the label, and you see some of them",
                remedy="Ask an admin of the label to do it, or to let you see all artists.",
            )

    def sees(self, artist_id: str) -> bool:
        """Tell whether this actor is not limited to other artists."""
        return self.artists is None or artist_id in self.artists


SYSTEM = Actor(kind="system", id="system")
# The person at this machine, who holds the label's start token.
OPERATOR = Actor(kind="operator", id="local", rights=EVERY_RIGHT)


def artist_actor(artist_id: str, lease: Lease | None = None) -> Actor:
    """The artist itself, acting inside a run."""
    return Actor(kind="artist", id=artist_id, lease=lease)


def visitor_actor(visitor_id: str) -> Actor:
    """Somebody on a public page."""
    return Actor(kind="visitor", id=visitor_id)
