"""Files in the making: a folder of each run on each host that worked on it."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

from app.label import Label
from domain.actor import SYSTEM
from runtime.settings import Settings

OLD_AFTER_S = 24 * 3600.0
SWEPT_EVERY_S = 3600.0
DOUBTFUL_JOBS = 200
AT_A_TIME = 500


def scratch(settings: Settings) -> Path:
    """Where files are made before they are kept; a resumed step finds what it had made."""
    return settings.home / "scratch"


async def clear(label: Label, run_id: str) -> None:
    """Remove the folder of a run that has ended, unless a paid song of it may still be found."""
    if run_id in await _in_doubt(label):
        return
    await _remove(scratch(label.settings) / run_id)


async def sweep(label: Label) -> int:
    """Remove what other hosts' runs left here once they have ended; returns how many folders.

    Only the host on which a run ends clears its folder at once.
    """
    old = await asyncio.to_thread(_old, scratch(label.settings))
    swept = 0
    for start in range(0, len(old), AT_A_TIME):
        part = {folder.name: folder for folder in old[start : start + AT_A_TIME]}
        ended = await label.house.runs.ended(list(part))
        for run_id in ended - await _in_doubt(label):
            await _remove(part[run_id])
            swept += 1
    return swept


async def _in_doubt(label: Label) -> set[str | None]:
    """Runs with a paid song of which nobody knows what became."""
    found: set[str | None] = set()
    after: str | None = None
    while page := await label.generators.songs.jobs(SYSTEM, after, DOUBTFUL_JOBS, unknown=True):
        found |= {job.run_id for job in page}
        after = page[-1].id
    return found


async def _remove(folder: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _old(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    before = time.time() - OLD_AFTER_S
    return [folder for folder in parent.glob("run_*") if _changed_at(folder) < before]


def _changed_at(folder: Path) -> float:
    """Never, for one that somebody removes at this moment."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
