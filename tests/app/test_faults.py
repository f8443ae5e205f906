"""A disk that is full for a while, and a clock that somebody sets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.ground import Edges
from app.label import Label
from domain.actor import OPERATOR
from domain.errors import DiskFull
from domain.event import Event
from domain.ports.media_store import MediaStore
from domain.run import Run, RunStatus
from runtime.clock import SystemClock
from tests.app.acceptance import SONG
from tests.support.homes import debuted, quick_label

LIMIT_S = 90.0
GOES_ON = (RunStatus.QUEUED, RunStatus.RUNNING)
SOON: dict[str, Any] = {"run_retries": 6, "run_retry_s": 0.3}


class FullDisk:
    """A media store without room for the next few files."""

    def __init__(self, inner: MediaStore) -> None:
        self._inner = inner
        self.refusals = 0

    async def put_file(self, path: Path) -> str:
        if self.refusals > 0:
            self.refusals -= 1
            raise DiskFull("the disk is full", remedy="Free some space.")
        return await self._inner.put_file(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class SetClock(SystemClock):
    """The machine's clock, as somebody sets it."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        return super().now() + self.off


async def test_a_disk_that_is_full_for_a_while_only_delays_a_run(tmp_path: Path) -> None:
    disks: list[FullDisk] = []

    def full(inner: MediaStore) -> Any:
        disks.append(FullDisk(inner))
        return disks[-1]

    async with quick_label(tmp_path / "home", Edges(media=full), **SOON) as label:
        handle = await debuted(label)
        disks[-1].refusals = 2
        run = await label.house.runs.start(OPERATOR, handle, approve="auto", seed=3)
        run = await _ended(label, run.id)
        assert run.status is RunStatus.SUCCEEDED, run.failure
        assert disks[-1].refusals == 0
        steps = Counter(
            s.step for s in await label.house.runs.steps(OPERATOR, run.id) if s.outcome == "ok"
        )
        assert steps == Counter((*SONG, "release", "publish", "remember"))
        assert len((await label.stage.page(handle)).entries) == 1


async def test_a_clock_that_jumps_changes_nothing_that_is_made(tmp_path: Path) -> None:
    clock = SetClock()
    jumps = {"compose": timedelta(days=3), "draw": timedelta(days=-4), "announce": timedelta()}

    def jump(events: Sequence[Event]) -> None:
        for event in events:
            if event.kind == "step.finished":
                clock.off = jumps.get(str(event.data["step"]), clock.off)

    edges = Edges(clock=clock, on_commit=jump)
    async with quick_label(tmp_path / "home", edges) as label:
        handle = await debuted(label)
        run = await label.house.runs.start(OPERATOR, handle, approve="auto", seed=3)
        run = await _ended(label, run.id)
        assert run.status is RunStatus.SUCCEEDED, run.failure
        steps = Counter(s.step for s in await label.house.runs.steps(OPERATOR, run.id))
        assert steps == Counter((*SONG, "release", "publish", "remember"))
        page = await label.stage.page(handle)
        assert (len(page.entries), len(page.releases)) == (1, 1)


async def test_a_clock_set_back_does_not_put_a_retry_off(tmp_path: Path) -> None:
    clock = SetClock()
    disks: list[FullDisk] = []

    def full(inner: MediaStore) -> Any:
        disks.append(FullDisk(inner))
        return disks[-1]

    edges = Edges(clock=clock, media=full)
    async with quick_label(tmp_path / "home", edges, run_retries=6, run_retry_s=2.0) as label:
        handle = await debuted(label)
        disks[-1].refusals = 1
        run = await label.house.runs.start(OPERATOR, handle, approve="auto", seed=3)
        while (await label.house.runs.get(OPERATOR, run.id)).retry_at is None:
            await asyncio.sleep(0.02)
        clock.off = timedelta(days=-1)
        run = await _ended(label, run.id)
        assert run.status is RunStatus.SUCCEEDED, run.failure


async def _ended(label: Label, run_id: str) -> Run:
    """The run once it has ended or stopped for good; tries that are put off count as work."""
    async with asyncio.timeout(LIMIT_S):
        while (run := await label.house.runs.get(OPERATOR, run_id)).status in GOES_ON:
            await asyncio.sleep(0.05)
    return run
