"""Who does something; every service takes the actor first."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import Forbidden

ActorKind = Literal["operator", "artist", "supervisor", "system", "visitor"]


class Lease(BaseModel):
    """The right to move a run: its number rises whenever a worker takes the run up."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    number: int


class Actor(BaseModel):
    """A person or a part of the system, as the event log names it.

    What an actor with a `lease` emits is refused once another worker holds the run.
    """

    model_config = ConfigDict(frozen=True)

    kind: ActorKind
    id: str
    lease: Lease | None = None

    def must_be(self, *kinds: ActorKind) -> None:
        """Raise `Forbidden` unless this actor is of one of `kinds`."""
        if self.kind not in kinds:
            raise Forbidden(
                f"a {self.kind} may not do this",
                remedy=f"Only {', '.join(kinds)} may; sign in as one of these.",
            )


SYSTEM = Actor(kind="system", id="system")
OPERATOR = Actor(kind="operator", id="local")


def artist_actor(artist_id: str, lease: Lease | None = None) -> Actor:
    """The artist itself, acting inside a run."""
    return Actor(kind="artist", id=artist_id, lease=lease)


def visitor_actor(visitor_id: str) -> Actor:
    """Somebody on a public page."""
    return Actor(kind="visitor", id=visitor_id)
