from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from domain.errors import Conflict, EnvironmentProblem
from domain.ports.engine import Job
from runtime.engine.dbos_engine import DbosEngine
from tests.runtime.engine.worker import Effects

ROOT = Path(__file__).parents[3]


def url_of(home: Path) -> str:
    return f"sqlite+aiosqlite:///{home / 'engine.db'}"


def worker(home: Path, executor_id: str, mode: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.runtime.engine.worker"),
            *(url_of(home), str(home / "effects.db"), executor_id, mode),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("next_executor", ["first", "second"])
def test_killed_process_resumes_its_job_at_the_next_start(
    tmp_path: Path, next_executor: str
) -> None:
    killed = worker(tmp_path, "first", "kill")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    effects = Effects(tmp_path / "effects.db")
    assert effects.entries() == ["job-0"]

    restarted = worker(tmp_path, next_executor, "work")
    output, errors = restarted.communicate(timeout=60)
    assert output == "drained\n", errors
    assert effects.entries() == ["job-0", "job-0", "job-1", "job-2"]
    assert effects.effects() == ["job-0", "job-1", "job-2"]


async def test_on_a_shared_database_a_living_executor_takes_up_the_jobs_of_a_dead_one(
    tmp_path: Path,
) -> None:
    other = worker(tmp_path, "other", "freeze")
    assert other.stdout is not None
    assert await asyncio.to_thread(other.stdout.readline) == "halfway\n"
    taken: list[str] = []

    async def work(job: str) -> None:
        taken.append(job)

    engine = DbosEngine(
        url_of(tmp_path), "mine", polling_interval_s=0.05, dead_after_s=1.0, shared=True
    )
    engine.register("work", work)
    await engine.start()
    try:
        # While the other one lives and beats, its artist's jobs are left to it.
        assert not await engine.drain(2.5)
        assert taken == []
        other.kill()
        assert await engine.drain(15)
        assert taken == ["job-0", "job-1", "job-2"]
    finally:
        await engine.stop()
        other.kill()
        await asyncio.to_thread(other.communicate)


async def test_second_engine_in_the_process_is_refused_until_the_first_stops(
    tmp_path: Path,
) -> None:
    first, second = (DbosEngine(url_of(tmp_path), name) for name in ("a", "b"))
    await first.start()
    with pytest.raises(Conflict, match="runs in this process"):
        await second.start()
    await second.stop()
    await first.stop()
    await second.start()
    await second.stop()


async def test_engine_opens_no_port_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    engine = DbosEngine(url_of(tmp_path), "quiet", polling_interval_s=0.05)
    engine.register("work", work)
    before = set(psutil.Process().net_connections(kind="inet"))
    await engine.start()
    await engine.enqueue(Job(id="job", name="work", partition="ada"))
    await asyncio.wait_for(done.wait(), 10)
    assert set(psutil.Process().net_connections(kind="inet")) <= before
    await engine.stop()
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


async def test_warnings_of_dbos_reach_the_house_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = DbosEngine(url_of(tmp_path), "heard")
    await engine.start()
    logging.getLogger("dbos").warning("contention detected")
    await engine.stop()
    assert "contention detected" in caplog.text


async def test_rows_are_readable_json(tmp_path: Path) -> None:
    async def work(title: str) -> None:
        return None

    engine = DbosEngine(url_of(tmp_path), "json", polling_interval_s=0.05)
    engine.register("work", work)
    await engine.start()
    await engine.enqueue(Job(id="job", name="work", args=("Blå",), partition="ada"))
    assert await engine.drain(10)
    await engine.stop()
    with sqlite3.connect(tmp_path / "engine.db") as connection:
        dump = "\n".join(connection.iterdump())
    assert '{"namedArgs":{},"positionalArgs":["work","ada",["Blå"]]}' in dump
    assert '"done"' in dump


async def test_database_out_of_reach_is_named_and_another_engine_may_start(tmp_path: Path) -> None:
    lost = DbosEngine(url_of(tmp_path / "missing"), "lost")
    with pytest.raises(EnvironmentProblem, match="cannot use its database") as refused:
        await lost.start()
    assert refused.value.remedy
    found = DbosEngine(url_of(tmp_path), "found")
    await found.start()
    await found.stop()


def cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system


async def test_idle_engine_costs_little(tmp_path: Path) -> None:
    engine = DbosEngine(url_of(tmp_path), "idle")
    await engine.start()
    await asyncio.sleep(1.5)
    before = cpu_seconds()
    await asyncio.sleep(3)
    share = (cpu_seconds() - before) / 3
    await engine.stop()
    print(f"idle engine: {share:.1%} of one core")
    assert share < 0.15
