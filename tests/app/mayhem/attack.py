"""The attack: a crowd at work while blows fall, and the measure of every recovery."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.app.mayhem.bluesky import Bluesky, Kept, judge_bluesky
from tests.app.mayhem.crowd import Crowd, Operator, all_ended, open_database
from tests.app.mayhem.grounds import Ground, Strike
from tests.app.mayhem.plan import blows
from tests.app.mayhem.verdict import Verdict, judge

RECOVERY_LIMIT_S = 120.0
# What was cut off again and again waits for up to twice as long each time.
SETTLE_LIMIT_S = 900.0
LOOK_EVERY_S = 0.25
# Blows that take no run from a worker, nor the database from all of them.
BESIDE = ("kill api", "kill scheduler", "restart redis", "restart chroma")


@dataclass(frozen=True)
class Order:
    """How much there is to do, and how hard the blows fall."""

    seed: int = 1
    runs: int = 200
    artists: int = 40
    minutes: float = 0.0
    pause_s: tuple[float, float] = (5.0, 15.0)


@dataclass
class Outcome:
    """All that came of it."""

    seed: int
    strikes: Counter[str] = field(default_factory=Counter)
    recoveries_s: list[float] = field(default_factory=list)
    overlapped_s: list[float] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    replayed: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0
    loads: list[float] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    bluesky: Kept | None = None


class Attack:
    """One attack on one ground."""

    def __init__(self, ground: Ground, order: Order, far: Bluesky | None = None) -> None:
        self._ground = ground
        self._far = far
        self._order = order
        self._began = time.monotonic()
        self._struck: list[Strike] = []
        self._watching: set[asyncio.Task[None]] = set()
        self._crowd: Crowd | None = None
        self.outcome = Outcome(order.seed)

    async def run(self) -> Outcome:
        """Let the crowd live under blows until enough is done, then count."""
        order = self._order
        async with AsyncExitStack() as stack:
            operator = await stack.enter_async_context(Operator(self._ground.apis, order.seed))
            database = await open_database(stack, self._ground.database_url)
            crowd = self._crowd = Crowd(
                operator, self._ground.books, database, self._goes_on, self._far
            )
            side = [asyncio.create_task(crowd.decide()), asyncio.create_task(self._strike_on())]
            try:
                lives = [crowd.live(n, order.seed * 1000 + n) for n in range(order.artists)]
                await _together(lives, side)
                await self._settle()
            finally:
                await _cancel([*side, *self._watching])
            self.outcome.replayed = crowd.replayed
        self.outcome.took_s = time.monotonic() - self._began
        self.outcome.verdict = await judge(self._ground.books, self._ground.recorder)
        if self._far is not None:
            self.outcome.bluesky = await judge_bluesky(self._ground.books, self._far)
            self.outcome.verdict.wrong += self.outcome.bluesky.wrong
        return self.outcome

    def _goes_on(self) -> bool:
        """Whether the crowd begins another run."""
        assert self._crowd is not None
        early = time.monotonic() - self._began < 60 * self._order.minutes
        return early or self._crowd.begun < self._order.runs

    async def _strike_on(self) -> None:
        ground, order = self._ground, self._order
        for blow in blows(order.seed, ground.kinds, ground.dead_s, order.pause_s):
            await asyncio.sleep(blow.pause_s)
            if not self._goes_on():
                continue  # Its time is over: what was begun is let come to its end.
            self.outcome.loads.append(os.getloadavg()[0])
            strike = await ground.strike(blow)
            if strike is None:
                continue
            self.outcome.strikes[strike.kind] += 1
            self._struck.append(strike)
            for run_id in strike.held:
                task = asyncio.create_task(self._watch(strike, run_id))
                self._watching.add(task)
                task.add_done_callback(self._watching.discard)

    async def _watch(self, strike: Strike, run_id: str) -> None:
        """Measure from the blow to the run's next step."""
        try:
            while (moment := await self._ground.books.went_on(run_id, strike.at)) is None:
                await asyncio.sleep(LOOK_EVERY_S)
        except asyncio.CancelledError:
            self.outcome.never.append(f"{run_id} after {strike.kind} {strike.victim}")
            raise
        self._measured(strike, moment)

    def _measured(self, strike: Strike, moment: datetime) -> None:
        seconds = (moment - strike.at).total_seconds()
        between = [s for s in self._struck if strike.at < s.at < moment and s.kind not in BESIDE]
        (self.outcome.overlapped_s if between else self.outcome.recoveries_s).append(seconds)

    async def _settle(self) -> None:
        """Wait, in peace, for what the crowd did not begin itself and for posts cut off before."""
        if self._far is not None:
            self._far.wire.at_random(self._order.seed, 0.0)
        deadline = time.monotonic() + SETTLE_LIMIT_S
        while not await all_ended(self._ground.books) and time.monotonic() < deadline:
            await asyncio.sleep(2 * LOOK_EVERY_S)
        if self._watching:
            await asyncio.wait(self._watching, timeout=RECOVERY_LIMIT_S)


async def _together(
    lives: Sequence[Coroutine[Any, Any, None]], side: Sequence[asyncio.Task[None]]
) -> None:
    """Live all lives; a side task that breaks ends the attack."""
    gathered = asyncio.ensure_future(asyncio.gather(*lives))
    waited: set[asyncio.Future[Any]] = {gathered, *side}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    for task in side:
        if task.done():
            gathered.cancel()
            await task
    await gathered


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
