"""Makes a home with runs in flight: one that waits for approval, one killed within a step.

`python -m tests.app.in_flight FILE` packs the home's databases into FILE (a .tar.xz). Do that once
for every release, with the revision of its database in the name, and never touch the file again:
later releases must bring those runs to their ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from app.ground import Edges
from app.label import Label
from domain.actor import OPERATOR
from domain.event import Event
from domain.run import RunStatus
from tests.support.homes import debuted, quick_label, settled

DATABASES = ("label.db", "checkpoints.db", "engine.db")
KILLED_IN = "compose"
OTHER_BRIEF = "A night-bus driver who plays lo-fi about empty streets."
LIMIT_S = 60.0


class _Killer:
    """Kills this process when a run begins a step."""

    def __init__(self) -> None:
        self.run_id: str | None = None

    def __call__(self, events: Sequence[Event]) -> None:
        for event in events:
            begun = event.kind == "step.started" and event.data.get("step") == KILLED_IN
            if begun and event.run_id == self.run_id:
                os.kill(os.getpid(), signal.SIGKILL)


async def live(home: Path) -> None:
    """Bring one run to its approval, begin another, and die in it."""
    killer = _Killer()
    async with quick_label(home, Edges(on_commit=killer)) as label:
        handle = await debuted(label)
        asking = (await label.house.artists.find(OPERATOR, handle)).id
        run = await label.house.runs.start(OPERATOR, asking, "cycle", approve="ask", seed=3)
        assert (await settled(label, run.id)).status is RunStatus.WAITING
        other = await label.house.artists.create(OPERATOR, OTHER_BRIEF, "synthwave", 8)
        await _debuted(label, other.id)
        run = await label.house.runs.start(OPERATOR, other.id, "cycle", approve="auto", seed=4)
        killer.run_id = run.id
        await asyncio.sleep(LIMIT_S)


async def _debuted(label: Label, artist_id: str) -> None:
    runs = await label.house.runs.page(OPERATOR, artist_id=artist_id)
    run = runs[0] if runs else await label.house.runs.start(OPERATOR, artist_id, "debut", seed=8)
    await settled(label, run.id)


def pack(home: Path, target: Path) -> None:
    """The databases in one file, as a dead process left them."""
    with tarfile.open(target, "w:xz") as archive:
        for name in DATABASES:
            # What stands in the log only is written into the file itself.
            with closing(sqlite3.connect(home / name)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                database.execute("PRAGMA journal_mode = DELETE")
            archive.add(home / name, name)


def unpack(source: Path, home: Path) -> None:
    """Put the databases into a home."""
    home.mkdir(parents=True)
    with tarfile.open(source) as archive:
        # Early releases of Python 3.11 know no filters.
        safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(home, **safely)


def main() -> None:
    """Live in a child that dies, then pack what it left."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        child = os.fork()
        if child == 0:
            asyncio.run(live(home))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("the run was never killed")
        pack(home, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
