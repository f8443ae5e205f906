"""Servers of other people: one question at a time each, several at once, the dead ones rarely."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

from domain.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from runtime.shared.breakers import Breakers, Outcome

Item = TypeVar("Item")
Result = TypeVar("Result")
AT_ONCE = 8
# What a server has not been asked after so long waits for the next round.
ROUND_S = 20.0


async def by_server(
    items: Mapping[str, Iterable[Item]], work: Callable[[Item], Awaitable[Result]]
) -> list[Result]:
    """Work through each server's items one after another, through several servers at once.

    An error ends the round of its server only, and is raised when all have ended.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(its: Iterable[Item]) -> list[Result]:
        done = []
        async with gate:
            until = time.monotonic() + ROUND_S
            for item in its:
                if time.monotonic() >= until:
                    break
                done.append(await work(item))
        return done

    rounds = await asyncio.gather(*map(one, items.values()), return_exceptions=True)
    found: list[Result] = []
    for each in rounds:
        if isinstance(each, BaseException):
            raise each
        found += each
    return found


class Circuits:
    """Leaves a server alone for a while that failed repeatedly; without breakers never."""

    def __init__(self, breakers: Breakers | None = None) -> None:
        self._breakers = breakers

    @asynccontextmanager
    async def to(self, server: str) -> AsyncIterator[None]:
        """Around calls to a server; raises `ProviderUnavailable` while it is left alone.

        That error carries the fact `unsent`: nothing was tried.
        """
        if self._breakers is None:
            yield
            return
        breaker = self._breakers.of(f"network {server}")
        admission = await breaker.admit()
        if not admission.admitted:
            raise ProviderUnavailable(
                f"{server} failed repeatedly and is left alone for a while",
                remedy="It is tried again by itself.",
                retry_after_s=admission.retry_after_s,
                unsent=True,
            )
        outcome: Outcome = "neutral"
        try:
            yield
            outcome = "ok"
        except ProviderError as error:
            outcome = _outcome(error)
            raise
        finally:
            await breaker.report(admission, outcome)


def _outcome(error: ProviderError) -> Outcome:
    """What an error says of the server: a refusal is an answer, what we found out ourselves none.

    An answer that cannot be read may be one account's alone.
    """
    if error.facts.get("ours") or error.facts.get("unreadable"):
        return "neutral"
    if isinstance(error, ProviderUnavailable | ProviderTimeout):
        return "ill"
    return "ok" if "status" in error.facts else "neutral"
