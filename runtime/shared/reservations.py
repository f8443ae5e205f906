"""What calls under way may still cost, so that calls at the same time pass no limit together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from domain.ports.model import CallScope, Spent

# A reservation of a process that died is forgotten after this long; no call lasts longer.
FORGOTTEN_AFTER_S = 1800
NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Held:
    """One reservation, and everything that is held for its run, artist and label with it."""

    id: str
    scope: CallScope
    highest: Spent
    run: Spent
    artist: Spent
    label: Spent


class Reservations(Protocol):
    """Adds and removes; what is added counts at once for everybody."""

    async def add(self, scope: CallScope, highest: Spent) -> Held:
        """Reserve the highest that a call may use."""

    async def remove(self, held: Held) -> None:
        """The call has ended and is booked."""


class LocalReservations:
    """Calls of one process."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[CallScope, Spent]] = {}

    async def add(self, scope: CallScope, highest: Spent) -> Held:
        """Reserve the highest that a call may use."""
        return self.hold(uuid4().hex, scope, highest)

    async def remove(self, held: Held) -> None:
        """The call has ended and is booked."""
        self._held.pop(held.id, None)

    def hold(self, held_id: str, scope: CallScope, highest: Spent) -> Held:
        """Reserve under a given name."""
        self._held[held_id] = (scope, highest)
        return Held(
            id=held_id,
            scope=scope,
            highest=highest,
            run=self._sum(run_id=scope.run_id) if scope.run_id else NOTHING,
            artist=self._sum(artist_id=scope.artist_id) if scope.artist_id else NOTHING,
            label=self._sum(),
        )

    def _sum(self, run_id: str | None = None, artist_id: str | None = None) -> Spent:
        held = [
            cost
            for scope, cost in self._held.values()
            if run_id in (None, scope.run_id) and artist_id in (None, scope.artist_id)
        ]
        return Spent(
            tokens=sum(cost.tokens for cost in held), cost_usd=sum(cost.cost_usd for cost in held)
        )
