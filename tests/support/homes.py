"""Small, scripted labels for end-to-end tests: real parts throughout, 4-bar songs, small covers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from app.ground import Edges
from app.home import Home
from app.label import Label
from app.roles import Role
from app.wiring import open_label
from domain.actor import OPERATOR
from domain.run import Run, RunStatus
from runtime.settings import Settings
from tests.support.scripts import SCRIPT_FILE

BRIEF = "A lighthouse keeper who sings synthwave about the sea at night."
SETTLED = (
    RunStatus.WAITING,
    RunStatus.SUCCEEDED,
    RunStatus.REJECTED,
    RunStatus.FAILED,
    RunStatus.CANCELLED,
)
QUICK: dict[str, Any] = {
    "model_script": SCRIPT_FILE,
    "forbid_real_models": True,
    "song_form": "verse:4",
    "cover_size_px": 400,
    "disk_reserve_mb": 1,
    # What passes fails at once; tests of retries say otherwise.
    "run_retries": 0,
}


def quick_settings(home: Path, **changes: Any) -> Settings:
    """Settings of a label whose songs last seconds."""
    return Settings(home=home, **{**QUICK, **changes})


def quick_environment(home: Path, **changes: str) -> dict[str, str]:
    """The same for a subprocess."""
    given = {f"GREENROOM_{name.upper()}": str(value) for name, value in QUICK.items()}
    return {**os.environ, **given, "GREENROOM_HOME": str(home), "NO_COLOR": "1", **changes}


@asynccontextmanager
async def quick_label(
    home: Path, edges: Edges | None = None, *, role: Role = Role.ALL, **changes: Any
) -> AsyncIterator[Label]:
    """A label in `home`, running unless its `role` only asks."""
    settings = quick_settings(home, **changes)
    owned = Home(settings.home).claim()
    try:
        async with open_label(settings, owned, edges, role=role) as label:
            yield label
    finally:
        owned.release()


async def settled(label: Label, run_id: str, timeout_s: float = 120) -> Run:
    """Wait until a run waits for a person or has ended."""
    assert await label.engine.drain(timeout_s), f"run {run_id} did not settle in {timeout_s} s"
    run = await label.house.runs.get(OPERATOR, run_id)
    assert run.status in SETTLED, run
    return run


async def debuted(label: Label, genre: str = "synthwave", seed: int = 7) -> str:
    """Create an artist and see it through its debut; returns its handle."""
    artist = await label.house.artists.create(OPERATOR, BRIEF, genre, seed)
    run = await label.house.runs.start(OPERATOR, artist.id, "debut", seed=seed)
    run = await settled(label, run.id)
    assert run.status is RunStatus.SUCCEEDED, run.failure
    return (await label.house.artists.find(OPERATOR, artist.id)).handle
