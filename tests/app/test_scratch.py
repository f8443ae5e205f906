"""Files in the making that a run left on a host where it did not end."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from app.roles import Role
from app.scratch import OLD_AFTER_S, scratch, sweep
from domain.actor import OPERATOR
from domain.generation import GenerationStatus
from tests.store import nouns
from tests.support.homes import quick_label


def make(folder: Path, age_s: float) -> None:
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "song.wav").write_bytes(b"sound")
    then = time.time() - age_s
    os.utime(folder, (then, then))


async def test_folders_of_ended_runs_are_removed_after_a_day(tmp_path: Path) -> None:
    async with quick_label(tmp_path / "home") as label:
        await label.holds.hold(OPERATOR, "so that the run stays where it is")
        artist = await label.house.artists.create(OPERATOR, "A folk duo", "synthwave", 7)
        going = await label.house.runs.start(OPERATOR, artist.id, "debut", seed=7)
        doubtful = nouns.generation(run_id="run_doubtful", status=GenerationStatus.OUTCOME_UNKNOWN)
        async with label.ground.database.unit() as unit:
            await unit.generations.add(doubtful)
            await unit.commit()
        parent = scratch(label.settings)
        for name in ("run_ended", "run_doubtful", going.id):
            make(parent / name, OLD_AFTER_S + 60)
        make(parent / "run_fresh", OLD_AFTER_S - 60)
        assert await sweep(label) == 1
        left = {folder.name for folder in parent.iterdir()}
        assert left == {"run_doubtful", "run_fresh", going.id}


async def test_however_many_songs_are_in_doubt_none_of_their_folders_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.scratch.DOUBTFUL_JOBS", 2)
    runs = [f"run_doubtful{number}" for number in range(5)]
    async with quick_label(tmp_path / "home", role=Role.CLIENT) as label:
        async with label.ground.database.unit() as unit:
            for run_id in runs:
                status = GenerationStatus.OUTCOME_UNKNOWN
                name = run_id.removeprefix("run_")
                doubtful = nouns.generation(
                    f"generation_{name}", name, run_id=run_id, status=status
                )
                await unit.generations.add(doubtful)
            await unit.commit()
        for run_id in runs:
            make(scratch(label.settings) / run_id, OLD_AFTER_S + 60)
        assert await sweep(label) == 0


async def test_a_process_that_works_sweeps_when_it_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make(home / "scratch" / "run_ended", OLD_AFTER_S + 60)
    async with quick_label(home):
        deadline = time.monotonic() + 10
        while (home / "scratch" / "run_ended").exists():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
