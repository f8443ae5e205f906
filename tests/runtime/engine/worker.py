"""A process of its own that runs jobs which note their effects in a SQLite file.

Usage: python -m tests.runtime.engine.worker URL EFFECTS EXECUTOR_ID MODE
where MODE is `kill` (SIGKILL itself in the middle of the first job), `freeze` (tell that the
middle of a job is reached, then stay in it), or `work` (drain and leave).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

from domain.ports.engine import Job
from runtime.engine.dbos_engine import DbosEngine


class Effects:
    """Every entry into a job, and its effect once per job."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("create table if not exists entries (job text)")
        self._connection.execute("create table if not exists effects (job text primary key)")

    def enter(self, job: str) -> None:
        self._connection.execute("insert into entries values (?)", (job,))

    def act(self, job: str) -> None:
        self._connection.execute("insert or ignore into effects values (?)", (job,))

    def entries(self) -> list[str]:
        return [row[0] for row in self._connection.execute("select job from entries order by 1")]

    def effects(self) -> list[str]:
        return [row[0] for row in self._connection.execute("select job from effects order by 1")]


async def main(url: str, effects_path: str, executor_id: str, mode: str) -> None:
    effects = Effects(Path(effects_path))

    async def work(job: str) -> None:
        effects.enter(job)
        effects.act(job)
        if mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if mode == "freeze":
            print("halfway", flush=True)
            await asyncio.Event().wait()

    engine = DbosEngine(
        url, executor_id, polling_interval_s=0.05, dead_after_s=1.0, shared=mode == "freeze"
    )
    engine.register("work", work)
    await engine.start()
    for number in range(3):
        await engine.enqueue(
            Job(id=f"job-{number}", name="work", args=(f"job-{number}",), partition="ada")
        )
    drained = await engine.drain(30)
    await engine.stop()
    print("drained" if drained else "not drained", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
