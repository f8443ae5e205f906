"""What was spent, without asking the ledger before every call."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.ports.model import Spent
from runtime.shared.reservations import Booked

READ_AGAIN_S = 5.0
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class _Read:
    """A sum of the ledger, and what had been booked when it was read."""

    spent: Spent
    booked: Spent
    epoch: str
    at: float


class Sums:
    """Sums of the ledger that are kept up with what all workers have booked since.

    What others than the gateway wrote meanwhile, such as a song's price, is seen when the sum is
    read again. Where nothing is known of the other workers' bookings, the ledger is read each time.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._reads: OrderedDict[str, _Read] = OrderedDict()

    async def of(
        self, key: str, booked: Booked | None, read: Callable[[], Awaitable[Spent]], *, fresh: bool
    ) -> Spent:
        """The sum of `key`; `fresh` reads the ledger whatever is known."""
        known = self._reads.get(key)
        if known is not None and booked is not None and not fresh and self._still(known, booked):
            return _plus(known.spent, known.booked, booked.spent)
        spent = await read()
        if booked is not None:
            self._keep(key, _Read(spent, booked.spent, booked.epoch, self._monotonic()))
        return spent

    def _still(self, known: _Read, booked: Booked) -> bool:
        """Whether it was read not long ago, beside the same count of bookings."""
        grown = (
            known.booked.tokens <= booked.spent.tokens
            and known.booked.cost_usd <= booked.spent.cost_usd
        )
        young = self._monotonic() - known.at < READ_AGAIN_S
        return young and grown and known.epoch == booked.epoch

    def _keep(self, key: str, found: _Read) -> None:
        self._reads[key] = found
        self._reads.move_to_end(key)
        while len(self._reads) > _KEPT:
            self._reads.popitem(last=False)


def _plus(spent: Spent, before: Spent, now: Spent) -> Spent:
    return Spent(
        tokens=spent.tokens + now.tokens - before.tokens,
        cost_usd=spent.cost_usd + now.cost_usd - before.cost_usd,
    )
