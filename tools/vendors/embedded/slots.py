"""How many renders a host does at a time, counted over all its processes.

A slot is a locked file: the system frees it when its holder ends, however that comes.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from domain.ports.providers import Progress

WAITING = "waits for a free renderer"
LOOK_S = 0.1
MEGABYTE = 1 << 20
_CGROUP = Path("/sys/fs/cgroup")


class RenderSlots:
    """So many renders at a time for everybody who uses this folder; waiting can be cancelled."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        # Within a process first come, first served; between processes whoever looks first.
        self._queue = asyncio.Lock()
        self._waiting = 0
        self._running = 0

    def counts(self) -> dict[str, int]:
        """How many renders of this process wait for a slot, and how many have one."""
        return {"waiting": self._waiting, "running": self._running}

    @asynccontextmanager
    async def taken(self, progress: Progress) -> AsyncIterator[None]:
        """Wait for a slot, saying so, and hold it."""
        self._waiting += 1
        try:
            slot = await self._wait(progress)
        finally:
            self._waiting -= 1
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            os.close(slot)

    async def _wait(self, progress: Progress) -> int:
        if self._queue.locked():
            progress(WAITING, 0.0)
        async with self._queue:
            slot = self._try()
            if slot is None:
                progress(WAITING, 0.0)
            while slot is None:
                await asyncio.sleep(LOOK_S)
                slot = self._try()
        return slot

    def _try(self) -> int | None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(self._count):
            slot = os.open(self._folder / f"slot-{number}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(slot)
                continue
            return slot
        return None


def renders_at_once(wanted: int | None, memory_mb: int) -> int:
    """As many as asked for, or else as cores and free memory allow; at least one."""
    if wanted is not None:
        return wanted
    return max(1, min(_cores(), _free_mb() // memory_mb))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_mb() -> int:
    free = psutil.virtual_memory().available
    try:
        # A container may have less than its host.
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        limit, used = "max", 0
    if limit != "max":
        free = min(free, int(limit) - used)
    return int(free // MEGABYTE)
