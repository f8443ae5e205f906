"""Hard budgets: asked before every call, counting calls that are still under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from domain.errors import BudgetExceeded
from domain.ports.clock import Clock
from domain.ports.model import CallScope, Spent, UsageLedger
from runtime.shared.reservations import Held, LocalReservations, Reservations

_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent."""

    run_tokens: int
    artist_tokens_day: int
    artist_usd_day: float
    label_usd_day: float


class BudgetGuard:
    """Refuses a call whose highest cost would pass a limit.

    Calls under way are reserved at their highest cost, so that calls made at the same time
    cannot pass a limit together.
    """

    def __init__(
        self,
        limits: Limits,
        ledger: UsageLedger,
        clock: Clock,
        reservations: Reservations | None = None,
    ) -> None:
        self._limits = limits
        self._ledger = ledger
        self._clock = clock
        self._reservations = reservations or LocalReservations()

    @asynccontextmanager
    async def reserve(self, scope: CallScope, highest: Spent) -> AsyncIterator[None]:
        """Keep `highest` reserved for the block; raises `BudgetExceeded` where it is too much."""
        held = await self._reservations.add(scope, highest)
        try:
            await self._check(held)
            yield
        finally:
            await self._reservations.remove(held)

    async def _check(self, held: Held) -> None:
        since = self._clock.now() - _DAY
        scope, costs_money = held.scope, held.highest.cost_usd > 0
        if scope.run_id is not None:
            spent = await self._ledger.spent_by_run(scope.run_id)
            _refuse("budget_run_tokens", spent.tokens + held.run.tokens, self._limits.run_tokens)
        if scope.artist_id is not None:
            spent = await self._ledger.spent_by_artist(scope.artist_id, since)
            tokens = spent.tokens + held.artist.tokens
            _refuse("budget_artist_tokens_day", tokens, self._limits.artist_tokens_day)
            if costs_money:
                cost_usd = spent.cost_usd + held.artist.cost_usd
                _refuse("budget_artist_usd_day", cost_usd, self._limits.artist_usd_day)
        if costs_money:
            spent = await self._ledger.spent_by_label(since)
            cost_usd = spent.cost_usd + held.label.cost_usd
            _refuse("budget_label_usd_day", cost_usd, self._limits.label_usd_day)


def _refuse(setting: str, would_be: float, limit: float) -> None:
    if would_be <= limit:
        return
    window = "for this run" if setting == "budget_run_tokens" else "within 24 hours"
    unit = "tokens" if "tokens" in setting else "US dollars"
    raise BudgetExceeded(
        f"The next call could bring spending to {would_be:g} {unit}; "
        f"{limit:g} are allowed {window}.",
        field=setting,
        remedy=f"Raise GREENROOM_{setting.upper()} or wait until the window has moved on."
        if setting != "budget_run_tokens"
        else f"Raise GREENROOM_{setting.upper()} and resume the run.",
        limit=limit,
        would_be=would_be,
    )
