"""The durable engine beside bare asyncio: `python -m benchmarks.engine [--partitions N] [--json]`.

For SQLite and for PostgreSQL, each in a process of its own: jobs that do nothing, a second; how
long an idle worker takes to begin a job that another process puts in, while many partitions wait
for their time; what it costs to be idle so; and how evenly a busy worker serves partitions with
equal backlogs. The control runs the same jobs on asyncio alone, which forgets everything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.table import Column, Row, Table, print_tables
from domain.ports.engine import Job
from runtime.engine.dbos_engine import DbosEngine

SLOTS = 16
JOBS = 1000
PROBES = 60
IDLE_S = 15.0
SETTLE_S = 2.0
BACKLOG = 20
BUSY_S = 0.05
AN_HOUR_S = 3600.0
WAIT_S = 300.0

Handler = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True)
class Measured:
    """What one kind of engine did."""

    jobs_s: float
    p50_ms: float
    p95_ms: float
    idle_percent: float | None = None
    server_percent: float | None = None
    evenness: float | None = None


async def _control(partitions: int) -> Measured:
    """The same jobs on a queue of asyncio, one at a time per partition as well."""
    locks = [asyncio.Lock() for _ in range(partitions)]
    queue: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
    waits: list[float] = []

    async def work() -> None:
        while True:
            partition, put_at = await queue.get()
            async with locks[partition]:
                waits.append(time.perf_counter() - put_at)
            queue.task_done()

    workers = [asyncio.create_task(work()) for _ in range(SLOTS)]
    began = time.perf_counter()
    for number in range(JOBS):
        queue.put_nowait((number % partitions, time.perf_counter()))
    await queue.join()
    rate = JOBS / (time.perf_counter() - began)
    waits.clear()
    for number in range(PROBES):
        queue.put_nowait((number % partitions, time.perf_counter()))
        await queue.join()
    for worker in workers:
        worker.cancel()
    return Measured(rate, *_percentiles(waits))


class Bench:
    """One worker in this process, and a desk whose jobs it has to find by looking."""

    def __init__(self, url: str, partitions: int, server_pid: int | None) -> None:
        self.partitions = partitions
        self.server_pid = server_pid
        self.desk = DbosEngine(url, "desk", executes=False)
        self.worker = DbosEngine(url, "worker", parallel=SLOTS)
        self.begun: dict[str, float] = {}
        self.served: Counter[str] = Counter()
        self.worker.register("note", self._note)
        self.worker.register("busy", self._busy)

    async def measure(self) -> Measured:
        """All figures, one after the other."""
        await self.worker.start()
        await self.desk.start()
        try:
            rate = await self._rate()
            await self._put("later", self.partitions, "note", AN_HOUR_S)
            p50, p95 = await self._latency()
            idle, server = await self._idle()
            return Measured(rate, p50, p95, idle, server, await self._evenness())
        finally:
            await self.desk.stop()
            await self.worker.stop()

    async def _rate(self) -> float:
        """Jobs a second from a full queue, counted once the worker is busy."""
        await self._put("many", JOBS, "note")
        done, began = len(self.begun), time.perf_counter()
        assert await self.worker.drain(WAIT_S)
        return (len(self.begun) - done) / (time.perf_counter() - began)

    async def _latency(self) -> tuple[float, float]:
        """From the call that puts a job in to the handler's first line."""
        dice, waits = random.Random(1), []
        for number in range(PROBES):
            name = f"probe-{number}"
            job = Job(id=name, name="note", args=(name, name), partition=name)
            put_at = time.perf_counter()
            await self.desk.enqueue(job)
            while name not in self.begun:
                await asyncio.sleep(0.001)
            waits.append(self.begun[name] - put_at)
            await asyncio.sleep(dice.uniform(0.0, 0.3))  # at any moment between two looks
        return _percentiles(waits)

    async def _idle(self) -> tuple[float, float | None]:
        """Per cent of a core that worker, desk and database server use while nothing is due."""
        await asyncio.sleep(SETTLE_S)
        own, server = time.process_time(), self._server_cpu_s()
        await asyncio.sleep(IDLE_S)
        percent = 100 * (time.process_time() - own) / IDLE_S
        if server is None:
            return percent, None
        return percent, 100 * ((self._server_cpu_s() or 0.0) - server) / IDLE_S

    async def _evenness(self) -> float:
        """The least served partition's share of the most served one's, half-way through."""
        partitions = min(self.partitions, 100)
        await self._put("backlog", partitions * BACKLOG, "busy", partitions=partitions)
        self.served.clear()
        while self.served.total() < partitions * BACKLOG // 2:
            await asyncio.sleep(BUSY_S)
        shares = [self.served[f"artist-{number}"] for number in range(partitions)]
        return min(shares) / max(shares)

    async def _put(
        self,
        prefix: str,
        count: int,
        handler: str,
        delay_s: float = 0.0,
        partitions: int | None = None,
    ) -> None:
        for number in range(count):
            artist = f"artist-{number % (partitions or self.partitions)}"
            name = f"{prefix}-{number}"
            job = Job(id=name, name=handler, args=(name, artist), partition=artist, delay_s=delay_s)
            await self.desk.enqueue(job)

    def _server_cpu_s(self) -> float | None:
        if self.server_pid is None:
            return None
        postmaster = psutil.Process(self.server_pid)
        # Ended connections count with the postmaster, living ones with themselves.
        ended, living = postmaster.cpu_times(), postmaster.children()
        spent = ended.user + ended.system + ended.children_user + ended.children_system
        return spent + sum(sum(process.cpu_times()[:2]) for process in living)

    async def _note(self, name: str, artist: str) -> None:
        self.begun[name] = time.perf_counter()

    async def _busy(self, name: str, artist: str) -> None:
        await asyncio.sleep(BUSY_S)
        self.served[artist] += 1


def _percentiles(waits_s: list[float]) -> tuple[float, float]:
    return 1000 * statistics.median(waits_s), 1000 * statistics.quantiles(waits_s, n=20)[18]


def _apart(url: str, partitions: int, server_pid: int | None) -> Measured:
    """Measure in a new process, so that its CPU seconds are the engine's alone."""
    command = [sys.executable, "-m", "benchmarks.engine", "--url", url]
    command += ["--partitions", str(partitions)]
    command += ["--server-pid", str(server_pid)] if server_pid else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout))


@contextmanager
def postgresql() -> Iterator[tuple[str, int]]:
    """The address of an empty database, and the server's process id."""
    serving = subprocess.Popen(
        [sys.executable, "-m", "tests.support.serving"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with serving:
        assert serving.stdin is not None
        assert serving.stdout is not None
        try:
            told = json.loads(serving.stdout.readline())
            yield told["url"], told["pid"]
        finally:
            serving.stdin.close()


def _compare(partitions: int) -> Table:
    before = os.getloadavg()[0]
    measured = {"bare asyncio": asyncio.run(_control(partitions))}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'engine.db'}"
        measured["SQLite"] = _apart(url, partitions, None)
    with postgresql() as (url, pid):
        measured["PostgreSQL"] = _apart(url, partitions, pid)
    columns = (
        Column("jobs/s", 0, ratio=True),
        Column("begins, p50 ms", 2),
        Column("begins, p95 ms", 2),
        Column("idle, % of a core", 2),
        Column("server idle, %", 2),
        Column("least/most share", 2),
    )
    return Table(
        title=f"The engine: {SLOTS} slots, {partitions} partitions",
        columns=columns,
        rows=tuple(Row(name, _values(m)) for name, m in measured.items()),
        baseline="bare asyncio",
        notes=(
            f"Load average {before:.1f} before and {os.getloadavg()[0]:.1f} after, "
            f"{os.cpu_count()} cores. Jobs that do nothing; begins: from putting a job in, by "
            f"another engine, to its first line, while {partitions} partitions wait for later.",
        ),
    )


def _values(measured: Measured) -> tuple[float | None, ...]:
    return tuple(asdict(measured).values())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partitions", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    parser.add_argument("--url", help="measure one database, in this process")
    parser.add_argument("--server-pid", type=int, help="with --url: whose CPU counts as well")
    given = parser.parse_args()
    if given.url:
        bench = Bench(given.url, given.partitions, given.server_pid)
        print(json.dumps(asdict(asyncio.run(bench.measure()))))
        return
    print_tables([_compare(given.partitions)], as_json=given.json)


if __name__ == "__main__":
    main()
