from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks import engine
from benchmarks.engine import Bench


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"JOBS": 12, "PROBES": 4, "IDLE_S": 0.3, "SETTLE_S": 0.1, "BACKLOG": 4, "BUSY_S": 0.01}
    for name, value in small.items():
        monkeypatch.setattr(engine, name, value)


@pytest.mark.usefixtures("quick")
async def test_every_figure_is_measured(tmp_path: Path) -> None:
    measured = await Bench(f"sqlite:///{tmp_path / 'engine.db'}", 3, None).measure()
    assert measured.jobs_s > 0
    assert 0 < measured.p50_ms <= measured.p95_ms
    assert measured.idle_percent is not None
    assert measured.server_percent is None
    assert measured.evenness is not None
    assert 0 < measured.evenness <= 1  # how even, only a quiet machine tells


@pytest.mark.usefixtures("quick")
async def test_control_runs_the_same_jobs() -> None:
    measured = await asyncio.wait_for(engine._control(3), 60)
    assert measured.jobs_s > 0
    assert 0 < measured.p50_ms <= measured.p95_ms
