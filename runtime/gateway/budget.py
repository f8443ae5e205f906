"""Hard budgets: asked before every call, counting calls that are still under way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

from domain.errors import BudgetExceeded
from domain.ports.clock import Clock
from domain.ports.model import Allowances, CallScope, Spent, UsageLedger
from domain.steering import Budgets
from runtime.gateway.sums import Sums
from runtime.shared.reservations import Account, Held, LocalReservations, Reservations

_DAY = timedelta(hours=24)
# From this share of a limit on, the ledger itself is asked.
NEAR = 0.8
NOTHING_SET = Budgets()


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent."""

    run_tokens: int
    artist_tokens_day: int
    artist_usd_day: float
    label_usd_day: float


class Reserved:
    """A call's reservation; what it used is told before it ends."""

    __slots__ = ("used",)

    def __init__(self) -> None:
        self.used = Spent()


class BudgetGuard:
    """Refuses a call whose highest cost would pass a limit.

    Calls under way are reserved at their highest cost, so that calls made at the same time
    cannot pass a limit together. Far from its limit a sum that was read a moment ago and kept up
    with what was booked since is good enough; near it the ledger is asked before every call.
    """

    def __init__(
        self,
        limits: Limits,
        ledger: UsageLedger,
        clock: Clock,
        reservations: Reservations | None = None,
        allowances: Allowances | None = None,
    ) -> None:
        self._limits = limits
        self._ledger = ledger
        self._clock = clock
        self._reservations = reservations or LocalReservations()
        self._allowances = allowances
        self._sums = Sums()

    @asynccontextmanager
    async def reserve(self, scope: CallScope, highest: Spent) -> AsyncIterator[Reserved]:
        """Keep `highest` reserved for the block; raises `BudgetExceeded` where it is too much."""
        held = await self._reservations.add(scope, highest)
        reserved = Reserved()
        try:
            for fresh in (False, True):
                wishes = await self._wishes(held, fresh=fresh)
                if all(wish.share <= NEAR for wish in wishes):
                    break
            for wish in wishes:
                wish.check()
            yield reserved
        finally:
            await self._reservations.remove(held, reserved.used)

    async def _wishes(self, held: Held, *, fresh: bool) -> list[_Wish]:
        """What each limit that concerns the call would see."""
        since = self._clock.now() - _DAY
        scope, costs_money = held.scope, held.highest.cost_usd > 0
        limits, wishes = self._limits, list[_Wish]()
        own = await self._own(scope.artist_id)
        if (run_id := scope.run_id) is not None:
            read = partial(self._ledger.spent_by_run, run_id)
            total = await self._total(f"run {run_id}", held.run, read, fresh=fresh)
            wishes.append(_Wish("budget_run_tokens", total.tokens, limits.run_tokens))
            wishes += _own_wishes(own, total, "run", costs_money=costs_money)
        if (artist_id := scope.artist_id) is not None:
            read = partial(self._ledger.spent_by_artist, artist_id, since)
            total = await self._total(f"artist {artist_id}", held.artist, read, fresh=fresh)
            day = _Wish("budget_artist_tokens_day", total.tokens, limits.artist_tokens_day)
            wishes.append(day)
            wishes += _own_wishes(own, total, "day", costs_money=costs_money)
            if costs_money:
                money = _Wish("budget_artist_usd_day", total.cost_usd, limits.artist_usd_day)
                wishes.append(money)
        if costs_money:
            read = partial(self._ledger.spent_by_label, since)
            total = await self._total("label", held.label, read, fresh=fresh)
            wishes.append(_Wish("budget_label_usd_day", total.cost_usd, limits.label_usd_day))
        return wishes

    async def _own(self, artist_id: str | None) -> Budgets:
        """What the artist was given by its operator."""
        if self._allowances is None or artist_id is None:
            return NOTHING_SET
        return await self._allowances.of(artist_id)

    async def _total(
        self, key: str, account: Account, read: Callable[[], Awaitable[Spent]], *, fresh: bool
    ) -> Spent:
        """Spent and held."""
        spent = await self._sums.of(key, account.booked, read, fresh=fresh)
        return Spent(
            tokens=spent.tokens + account.held.tokens,
            cost_usd=spent.cost_usd + account.held.cost_usd,
        )


@dataclass(frozen=True, slots=True)
class _Wish:
    """Where a call could bring what a setting limits, or what the artist's own budget does."""

    setting: str
    would_be: float
    limit: float
    own: bool = False

    @property
    def share(self) -> float:
        """Of the limit; a limit of nothing is always near."""
        return self.would_be / self.limit if self.limit > 0 else 1.0

    def check(self) -> None:
        """Raise `BudgetExceeded` where it is too much."""
        if self.would_be <= self.limit:
            return
        (_refuse_own if self.own else _refuse)(self.setting, self.would_be, self.limit)


def _own_wishes(
    own: Budgets, total: Spent, window: Literal["run", "day"], *, costs_money: bool
) -> list[_Wish]:
    tokens, usd = f"tokens_{window}", f"usd_{window}"
    wishes = [_Wish(tokens, total.tokens, getattr(own, tokens), own=True)]
    if costs_money:
        wishes.append(_Wish(usd, total.cost_usd, getattr(own, usd), own=True))
    return [wish for wish in wishes if wish.limit is not None]


def _refuse_own(budget: str, would_be: float, limit: float) -> None:
    unit = "tokens" if budget.startswith("tokens") else "US dollars"
    per_run = budget.endswith("_run")
    window = "in one run" if per_run else "within 24 hours"
    flag = f"greenroom artist budget HANDLE --{budget.replace('_', '-')} N"
    then = "and resume the run" if per_run else "or wait until the window has moved on"
    raise BudgetExceeded(
        f"The next call could bring spending to {would_be:g} {unit}; "
        f"this artist's own budget allows {limit:g} {window}.",
        field=f"budgets.{budget}",
        remedy=f"Raise it on the artist's Steering page or by `{flag}`, {then}.",
        limit=limit,
        would_be=would_be,
    )


def _refuse(setting: str, would_be: float, limit: float) -> None:
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
