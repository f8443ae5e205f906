"""What calls under way may still cost, so that calls at the same time pass no limit together."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from domain.ports.model import CallScope, Spent

# A reservation of a process that died is forgotten after this long; no call lasts longer.
FORGOTTEN_AFTER_S = 1800
NOTHING = Spent()
_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Booked:
    """What ended calls have used since the count of this epoch began; it only grows."""

    epoch: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class Account:
    """A run, an artist or the label: what is held for it, and what was booked on it.

    `booked` is None where the bookings of other processes are not known.
    """

    held: Spent = NOTHING
    booked: Booked | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One reservation, and the accounts it stands in, itself included."""

    id: str
    scope: CallScope
    highest: Spent
    run: Account
    artist: Account
    label: Account


class Reservations(Protocol):
    """Adds and removes; what is added counts at once for everybody."""

    async def add(self, scope: CallScope, highest: Spent) -> Held:
        """Reserve the highest that a call may use."""

    async def remove(self, held: Held, used: Spent = NOTHING) -> None:
        """The call has ended, and what it used stands in the ledger."""


class LocalReservations:
    """Calls of one process."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[CallScope, Spent]] = {}
        self._booked: OrderedDict[tuple[str, str | None], Spent] = OrderedDict()
        self._epoch = uuid4().hex

    async def add(self, scope: CallScope, highest: Spent) -> Held:
        """Reserve the highest that a call may use."""
        held_id = uuid4().hex
        self._held[held_id] = (scope, highest)
        return Held(
            id=held_id,
            scope=scope,
            highest=highest,
            run=self._account("run", run_id=scope.run_id) if scope.run_id else Account(),
            artist=(
                self._account("artist", artist_id=scope.artist_id) if scope.artist_id else Account()
            ),
            label=self._account("label"),
        )

    async def remove(self, held: Held, used: Spent = NOTHING) -> None:
        """The call has ended, and what it used stands in the ledger."""
        if self._held.pop(held.id, None) is None:
            return
        scope = held.scope
        for account in (("run", scope.run_id), ("artist", scope.artist_id), ("label", None)):
            before = self._booked.pop(account, NOTHING)
            self._booked[account] = Spent(
                tokens=before.tokens + used.tokens, cost_usd=before.cost_usd + used.cost_usd
            )
        while len(self._booked) > _COUNTED:
            self._booked.popitem(last=False)
            # A count that begins anew must not be taken for the old one.
            self._epoch = uuid4().hex

    def _account(
        self, kind: str, run_id: str | None = None, artist_id: str | None = None
    ) -> Account:
        booked = self._booked.get((kind, run_id or artist_id), NOTHING)
        return Account(self._sum(run_id, artist_id), Booked(self._epoch, booked))

    def _sum(self, run_id: str | None = None, artist_id: str | None = None) -> Spent:
        held = [
            cost
            for scope, cost in self._held.values()
            if run_id in (None, scope.run_id) and artist_id in (None, scope.artist_id)
        ]
        return Spent(
            tokens=sum(cost.tokens for cost in held), cost_usd=sum(cost.cost_usd for cost in held)
        )
