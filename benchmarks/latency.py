"""What a person waits for the API while artists work: `python -m benchmarks.latency`.

The API is a process of its own, on one core with Redis and what PostgreSQL does for it; the worker,
its renderers, Chroma, the scheduler and what PostgreSQL does for these are on the others. The same
requests are timed while all artists make songs and, so that pages show as much, after the operator
held everything. The control is a sum in this process, timed beside every request: what it loses,
the machine lost and not the label.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import psutil
import psycopg

from benchmarks.running import Apart, Running, running
from benchmarks.soak import quantile, slow_script
from benchmarks.stock import stock
from benchmarks.table import Column, Row, Table, print_tables
from domain.artist import Artist
from store.database import Database
from store.migrate import upgrade

BETWEEN_S = 0.05
WARM_UP_S = 15.0
HELD_S = 5.0
PINNED_EVERY_S = 1.0
CONTROL_LOOPS = 20_000
ROUTES = ("/api/v1/health", "/api/v1/artists", "/api/v1/runs", "/", "/@{handle}", "/operator")
CONTROL = "control: a sum in this process"


class Clockwork:
    """Seconds of every answer, by route, and of the control."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self.loads: list[float] = []

    def note(self, what: str, began: float) -> None:
        """Keep how long something took."""
        self.spent.setdefault(what, []).append(time.perf_counter() - began)


async def ask(label: Running, handle: str, seconds: float) -> Clockwork:
    """Ask every route in turn for so long."""
    watch = Clockwork()
    bearer = {"Authorization": f"Bearer {label.token}"}
    async with httpx.AsyncClient(headers=bearer, trust_env=False, timeout=30) as http:
        # The desk's cookie, as from the address that is printed at the start.
        await http.get(f"{label.apis[0]}/operator", params={"token": label.token})
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for route in ROUTES:
                began = time.perf_counter()
                answer = await http.get(label.apis[0] + route.format(handle=handle))
                watch.note(route, began)
                answer.raise_for_status()
                began = time.perf_counter()
                sum(range(CONTROL_LOOPS))
                watch.note(CONTROL, began)
                await asyncio.sleep(BETWEEN_S)
            watch.loads.append(os.getloadavg()[0])
    return watch


async def measure(artists: int, seconds: float, folder: Path) -> tuple[Clockwork, Clockwork, int]:
    """Held and at work; and how many runs were under way then."""
    settings = {"model_script": str(slow_script(folder)), "concurrency": str(artists)}
    with running(folder, Apart(apis=1), settings) as label:
        await upgrade(label.database_url)
        database = Database(label.database_url)
        try:
            made = await stock(database, artists)
        finally:
            await database.close()
        label.start()
        _apart(label)
        keeping = asyncio.create_task(_keep_apart(label))
        await _set_to_work(label, made)
        await ask(label, made[0].handle, WARM_UP_S)
        busy = await ask(label, made[0].handle, seconds)
        left = await _running(label)
        await _hold(label)
        idle = await ask(label, made[0].handle, seconds)
        keeping.cancel()
        return idle, busy, left


def _apart(label: Running) -> None:
    """This process, the API and Redis on the first core; who works on the others."""
    cores = _cores()
    os.sched_setaffinity(0, cores[:1])
    at_work = [p for name, p in label.processes.items() if not name.startswith("api")]
    at_work += [p for p in label.descendants() if "chroma" in " ".join(p.cmdline())]
    working = {each.pid for p in at_work for each in (p, *p.children(recursive=True))}
    for process in label.descendants():
        _pin(process, cores[1:] if process.pid in working else cores[:1])


def _cores() -> list[int]:
    """Every core this machine lends, whatever this process was pinned to."""
    cores = sorted(os.sched_getaffinity(os.getppid()))
    if len(cores) < 2:
        raise RuntimeError("this needs a spare core; the machine has one")
    return cores


async def _keep_apart(label: Running) -> None:
    """Pools open connections when they like: pin each backend to the core of whom it serves."""
    url = label.database_url.replace("+psycopg", "", 1)
    asked = "SELECT pid, application_name FROM pg_stat_activity WHERE application_name <> ''"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            for pid, name in await (await connection.execute(asked)).fetchall():
                with contextlib.suppress(psutil.NoSuchProcess):
                    served = _cores()[:1] if str(name).startswith("api") else _cores()[1:]
                    _pin(psutil.Process(pid), served)
            await asyncio.sleep(PINNED_EVERY_S)


def _pin(process: psutil.Process, cores: Sequence[int]) -> None:
    """Every thread has cores of its own, and hands them to what it starts."""
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        for thread in process.threads():
            os.sched_setaffinity(thread.id, cores)


async def _set_to_work(label: Running, artists: Sequence[Artist]) -> None:
    bearer = {"Authorization": f"Bearer {label.token}"}
    async with httpx.AsyncClient(headers=bearer, trust_env=False, timeout=60) as http:
        for artist in artists:
            path = f"{label.apis[0]}/api/v1/artists/{artist.handle}/runs"
            (await http.post(path, json={"approve": "auto"})).raise_for_status()


async def _hold(label: Running) -> None:
    """Hold everything, and wait until the steps under way have ended."""
    bearer = {"Authorization": f"Bearer {label.token}"}
    async with httpx.AsyncClient(headers=bearer, trust_env=False, timeout=60) as http:
        body = {"why": "The same is timed at rest."}
        (await http.post(f"{label.apis[0]}/api/v1/hold", json=body)).raise_for_status()
        while True:
            found = await http.get(f"{label.apis[0]}/api/v1/runs", params={"limit": 200})
            if all(row["run"]["status"] != "running" for row in found.json()["items"]):
                break
            await asyncio.sleep(1)
    await asyncio.sleep(HELD_S)


async def _running(label: Running) -> int:
    bearer = {"Authorization": f"Bearer {label.token}"}
    async with httpx.AsyncClient(headers=bearer, trust_env=False, timeout=60) as http:
        found = await http.get(f"{label.apis[0]}/api/v1/runs", params={"limit": 200})
    return sum(row["run"]["status"] in ("queued", "running") for row in found.json()["items"])


def table(artists: int, idle: Clockwork, busy: Clockwork, left: int) -> Table:
    """Milliseconds of each route, idle and at work, and the ratio."""
    rows = []
    for route in (*ROUTES, CONTROL):
        quiet, loud = idle.spent[route], busy.spent[route]
        low, high = statistics.median(quiet), statistics.median(loud)
        late, later = quantile(quiet, 95), quantile(loud, 95)
        assert late is not None
        assert later is not None
        rows.append(
            Row(
                route,
                (1000 * low, 1000 * high, high / low, 1000 * late, 1000 * later, later / late),
            )
        )
    return Table(
        title=f"The API's answers, ms; held, and while {artists} artists work on another core",
        columns=(
            Column("p50 held", 1),
            Column("p50 at work", 1),
            Column("ratio", 2),
            Column("p95 held", 1),
            Column("p95 at work", 1),
            Column("ratio", 2),
        ),
        rows=tuple(rows),
        baseline=CONTROL,
        notes=(
            f"Load average {statistics.mean(idle.loads):.2f} held, "
            f"{statistics.mean(busy.loads):.2f} at work; {len(idle.spent[CONTROL])} and "
            f"{len(busy.spent[CONTROL])} requests; {left} runs had not ended when work was held.",
        ),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artists", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0, help="of asking, idle and at work")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        idle, busy, left = asyncio.run(measure(given.artists, given.seconds, Path(folder)))
    print_tables([table(given.artists, idle, busy, left)], as_json=given.json)


if __name__ == "__main__":
    main()
