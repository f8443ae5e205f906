"""Renders are bounded over all processes of a host, and freed however a holder ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tools.vendors.embedded.process import ROOT
from tools.vendors.embedded.slots import WAITING, RenderSlots, renders_at_once


class Heard:
    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, stage: str, fraction: float) -> None:
        self.said.append(stage)


async def test_never_more_at_a_time_than_slots_whoever_asks(tmp_path: Path) -> None:
    owners = [RenderSlots(tmp_path / "slots", 2) for _ in range(3)]
    working = most = 0

    async def work(owner: RenderSlots) -> None:
        nonlocal working, most
        async with owner.taken(Heard()):
            working += 1
            most = max(most, working)
            await asyncio.sleep(0.02)
            working -= 1

    await asyncio.gather(*(work(owners[n % 3]) for n in range(12)))
    assert most == 2


async def test_who_waits_says_so_and_who_does_not_says_nothing(tmp_path: Path) -> None:
    first, second = RenderSlots(tmp_path, 1), RenderSlots(tmp_path, 1)
    quick, slow = Heard(), Heard()
    async with first.taken(quick):
        waiting = asyncio.create_task(_take(second, slow))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert first.counts() == {"waiting": 0, "running": 1}
        assert second.counts() == {"waiting": 1, "running": 0}
    await asyncio.wait_for(waiting, 5)
    assert first.counts() == second.counts() == {"waiting": 0, "running": 0}
    assert (quick.said, slow.said) == ([], [WAITING])


async def test_waiting_can_be_cancelled_and_leaves_the_slot_to_others(tmp_path: Path) -> None:
    slots = RenderSlots(tmp_path, 1)
    async with slots.taken(Heard()):
        waiting = [asyncio.create_task(_take(slots, Heard())) for _ in range(2)]
        await asyncio.sleep(0.05)
        waiting[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting[0]
    await asyncio.wait_for(waiting[1], 5)
    await asyncio.wait_for(_take(RenderSlots(tmp_path, 1), Heard()), 5)


async def _take(slots: RenderSlots, heard: Heard) -> None:
    async with slots.taken(heard):
        pass


HOLDER = """
import asyncio, sys
from pathlib import Path
from tools.vendors.embedded.slots import RenderSlots
async def main():
    async with RenderSlots(Path(sys.argv[1]), 1).taken(print):
        print("holds", flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_a_killed_holder_frees_its_slot(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert await asyncio.to_thread(holder.stdout.readline) == b"holds\n"
        slots, heard = RenderSlots(tmp_path, 1), Heard()
        waiting = asyncio.create_task(_take(slots, heard))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    finally:
        holder.kill()
        holder.communicate()
    await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize(("wanted", "memory_mb", "least"), [(7, 1, 7), (None, 10**9, 1)])
def test_how_many_is_as_asked_or_as_the_machine_allows(
    wanted: int | None, memory_mb: int, least: int
) -> None:
    assert renders_at_once(wanted, memory_mb) == least


def test_no_more_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.vendors.embedded.slots.os.sched_getaffinity", lambda _: {0, 1, 2})
    assert renders_at_once(None, 1) == 3
