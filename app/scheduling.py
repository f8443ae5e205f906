"""Duties that come round by the clock: done by one process at a time, the one that leads."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from domain.errors import GreenroomError

TICK_S = 1.0
_log = structlog.get_logger(__name__)


class Lead(Protocol):
    """Who leads the label's processes."""

    async def held(self) -> bool:
        """Whether this process leads now; asking also renews or seeks the lead."""


@dataclass(frozen=True)
class Duty:
    """Something that the leader does every so often."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]


async def keep_time(lead: Lead, duties: Sequence[Duty], tick_s: float = TICK_S) -> None:
    """Do each duty in its rhythm while this process leads; runs until cancelled.

    Every duty has a pace of its own: a slow one does not keep the others waiting, and is not
    begun again before it has ended. What fails is told and tried again at its next turn.
    """
    asked = _Asked(lead, tick_s)
    async with asyncio.TaskGroup() as group:
        for duty in duties:
            group.create_task(_keep(asked, duty, tick_s), name=f"duty {duty.name}")


class _Asked:
    """Asks who leads once a tick for all duties; a process that was frozen asks anew."""

    def __init__(self, lead: Lead, fresh_s: float) -> None:
        self._lead = lead
        self._fresh_s = fresh_s
        self._asking = asyncio.Lock()
        self._at = -math.inf
        self._held = False

    async def held(self) -> bool:
        """Whether this process leads, by an answer no older than a tick."""
        now = asyncio.get_running_loop().time
        async with self._asking:
            if now() - self._at >= self._fresh_s:
                before, self._held = self._held, False
                self._held = await self._lead.held()
                if self._held != before:
                    _log.info("this process leads" if self._held else "this process leads no more")
                self._at = now()
            return self._held


async def _keep(lead: Lead, duty: Duty, tick_s: float) -> None:
    now = asyncio.get_running_loop().time
    failing = False
    while True:
        begun = now()
        led = False
        try:
            led = await lead.held()
            if led:
                await duty.work()
            failing = False
        except Exception as error:  # noqa: BLE001 - one duty's failure must not end the others
            # A database that restarts and a full disk pass: they are told when they begin.
            if not failing:
                expected = isinstance(error, (GreenroomError, OSError))
                _log.warning("duty not done", duty=duty.name, why=str(error), exc_info=not expected)
            failing = True
        pause = duty.every_s if led else min(duty.every_s, tick_s)
        await asyncio.sleep(max(pause - (now() - begun), 0.0))
