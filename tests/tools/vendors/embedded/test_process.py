"""Mothers stay for the next job, lose no job by dying, and go when nobody needs them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from domain.errors import GreenroomError
from tests.tools.vendors.embedded.build import Heard, cover, engine
from tests.tools.vendors.embedded.test_engine import children, processes
from tools.vendors.embedded.job import REQUEST
from tools.vendors.embedded.process import ROOT, Renderers, _environment
from tools.vendors.embedded.slots import RenderSlots


@pytest.fixture
async def warm(tmp_path: Path) -> AsyncIterator[Renderers]:
    made = Renderers(RenderSlots(tmp_path / "slots", 1), idle_s=60)
    yield made
    await made.aclose()


async def _draw(renderers: Renderers, folder: Path, seed: int) -> float:
    pictures = engine(renderers=renderers)
    job = await pictures.submit(cover(seed), f"cover-{seed}", folder)
    return float((await pictures.fetch(job, Heard())).facts["cpu_s"] or 0)


async def test_the_second_job_finds_the_libraries_loaded(warm: Renderers, tmp_path: Path) -> None:
    await _draw(warm, tmp_path, 1)
    [mother] = processes()
    before = sum(mother.cpu_times()[:2])
    assert mother.num_threads() == 1
    await _draw(warm, tmp_path, 2)
    assert processes() == [mother]
    # Loading them took more than a second; forking takes next to nothing.
    assert sum(mother.cpu_times()[:2]) - before < 0.3


LOADED = """
import psutil
from tools.vendors.embedded.worker import MODULES, load
for kind in MODULES:
    load(kind)
print(psutil.Process().num_threads())
"""


def test_nothing_that_is_loaded_starts_a_thread() -> None:
    """A fork copies no threads: what they held would be held for ever."""
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "1\n"


async def test_a_child_renders_behind_whoever_answers_people(
    warm: Renderers, tmp_path: Path
) -> None:
    pictures, heard = engine(renderers=warm), Heard()
    job = await pictures.submit(cover(1), "cover", tmp_path)
    fetching = asyncio.create_task(pictures.fetch(job, heard))
    await asyncio.wait_for(heard.begun.wait(), 60)
    [child] = children()
    assert child.nice() >= psutil.Process().nice() + 10
    await fetching


async def test_a_mother_that_died_idle_is_replaced(warm: Renderers, tmp_path: Path) -> None:
    await _draw(warm, tmp_path, 1)
    [mother] = processes()
    mother.kill()
    mother.wait(5)
    await _draw(warm, tmp_path, 2)
    assert mother not in processes()


async def test_a_job_that_fails_leaves_its_mother_to_the_next(
    warm: Renderers, tmp_path: Path
) -> None:
    folder = tmp_path / "cover-1"
    pictures = engine(renderers=warm)
    job = await pictures.submit(cover(1, earlier=(tmp_path / "gone.json",)), "cover-1", tmp_path)
    with pytest.raises(GreenroomError, match=r"gone\.json"):
        await pictures.fetch(job, Heard())
    [mother] = processes()
    assert (folder / REQUEST).exists()
    shutil.rmtree(folder)
    await _draw(warm, tmp_path, 1)
    assert processes() == [mother]


async def test_who_is_idle_for_long_ends(tmp_path: Path) -> None:
    short = Renderers(RenderSlots(tmp_path / "slots", 1), idle_s=0.2)
    await _draw(short, tmp_path, 1)
    [mother] = processes()
    await asyncio.to_thread(mother.wait, 10)
    await short.aclose()


async def test_closing_ends_who_is_idle(tmp_path: Path) -> None:
    renderers = Renderers(RenderSlots(tmp_path / "slots", 1), idle_s=60)
    await _draw(renderers, tmp_path, 1)
    assert len(processes()) == 1
    await renderers.aclose()
    assert processes() == []
