from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app.lives import DEBUT, SONG, UPDATE, all_points

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 900

ONE_POST = {
    "status": "succeeded",
    "posts": ["published"],
    "entries": 1,
    "approvals": 1,
    "decisions": 1,
    "memories": ["episodic"],
}
ONE_SONG = ONE_POST | {
    "action": "write_and_release_song",
    "steps": sorted(SONG),
    "works": ["released"],
    "releases": ["live"],
    "made": [1, 1, 1],
}
EXPECTED: dict[str, dict[str, Any]] = {
    "debut": {
        "status": "succeeded",
        "action": None,
        "steps": sorted(DEBUT),
        "works": [],
        "releases": [],
        "posts": [],
        "entries": 0,
        "approvals": 0,
        "decisions": 0,
        "memories": ["semantic"],
        "made": [0, 0, 0],
    },
    "song": ONE_SONG,
    "ask": ONE_SONG,
    "update": ONE_POST
    | {
        "action": "post_update",
        "steps": sorted(UPDATE),
        "works": [],
        "releases": [],
        "made": [0, 0, 1],
    },
}


@pytest.mark.slow
def test_killed_at_every_edge_of_and_inside_every_step_it_makes_everything_exactly_once(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.app.killer", str(tmp_path / "home")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["left"] == []
    assert told["killed"] == len(all_points())
    # However often a run reflected, it said one thing; what was said before is one memory.
    reflections = [run.pop("reflections") for run in told["scenarios"].values()]
    assert [len(said) for said in reflections] == [0, 1, 1, 1]
    assert told["reflections"] == sorted({said[0] for said in reflections if said})
    assert told["scenarios"] == EXPECTED
    assert (told["entries"], told["live"], told["profiles"], told["unperceived"]) == (3, 2, 1, 0)
    # Killed after a call, it called again, under the same key: one key for each post.
    assert sorted(told["calls"]) == told["posts"]
    assert len(told["posts"]) == 3
    assert all(times > 1 for times in told["calls"].values()), told["calls"]
