from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.killer import CYCLE, all_points

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 900


@pytest.mark.slow
def test_killed_at_every_edge_of_every_step_it_makes_everything_exactly_once(
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
    assert told["runs"] == [["cycle", "succeeded"], ["debut", "succeeded"]]
    assert told["works"] == ["released"]
    assert told["releases"] == ["live"]
    assert told["posts"] == ["published"]
    assert told["entries"] == 1
    assert told["profiles"] == 1
    assert told["approvals"] == 1
    assert told["memories"] == ["episodic", "reflection", "semantic"]
    assert told["steps"] == sorted(CYCLE)
