"""What each artist was given to spend, looked up before every model call."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from domain.steering import Budgets
from store.database import Database

# A change of a budget is heeded this soon; model calls take longer.
READ_AGAIN_S = 2.0
_KEPT = 4096


class SqlAllowances:
    """Implements `domain.ports.model.Allowances`."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._known: OrderedDict[str, tuple[float, Budgets]] = OrderedDict()

    async def of(self, artist_id: str) -> Budgets:
        """The artist's own budgets, as they were two seconds ago at most."""
        known = self._known.get(artist_id)
        if known is not None and self._monotonic() - known[0] < READ_AGAIN_S:
            return known[1]
        at = self._monotonic()
        async with self._database.unit() as unit:
            steering = await unit.steerings.of_artist(artist_id)
        budgets = steering.budgets if steering else Budgets()
        self._known[artist_id] = (at, budgets)
        self._known.move_to_end(artist_id)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return budgets
