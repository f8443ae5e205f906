"""What programs wait for at a label with a long past: `python -m benchmarks.house [--seconds 60]`.

One process on SQLite with 200 artists, 20,000 posts and 200,000 lines of the log. Requests leave at
a fixed rate whether answers came or not, so that a slow answer makes no room for itself; its
time counts from when it was due. Every fifth request writes. The controls are the version, which
reads nothing but who asks, and a sum in this process: what that loses, the machine lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import httpx

from benchmarks.running import Apart, running
from benchmarks.soak import quantile
from benchmarks.stock import crowd, stock
from benchmarks.table import Column, Row, Table, print_tables
from domain.artist import Artist
from store.database import Database
from store.migrate import upgrade

READ_P95_MS, WRITE_P95_MS = 40, 80
WARM_UP_S = 3.0
CONTROL = "GET /api/v1/version (control)"
SUM = "a sum in this process (control)"
SUM_LOOPS = 20_000
READS = (
    "/api/v1/version",
    "/api/v1/artists",
    "/api/v1/artists/{handle}",
    "/api/v1/artists/{handle}/profile",
    "/api/v1/posts",
    "/api/v1/posts?status=published&artist={handle}",
    "/api/v1/runs",
    "/api/v1/events?after=100000",
    "/api/v1/approvals",
    "/api/v1/works",
    "/api/v1/usage",
    "/operator",
)
WRITES = (
    ("POST", "/api/v1/artists/{handle}/pause"),
    ("POST", "/api/v1/artists/{handle}/resume"),
    ("PUT", "/api/v1/artists/{handle}/schedules/main"),
    ("POST", "/api/v1/artists"),
)
BODIES = {
    "/api/v1/artists": {"brief": "A ferry pilot who sings to the sea.", "debut": False},
    "/api/v1/artists/{handle}/schedules/main": {"rhythm": "daily at 18:30", "tz": "UTC"},
}
Spent = dict[str, list[float]]


def _asks(handles: list[str]) -> Iterator[tuple[str, str, str]]:
    """Method, pattern and handle; every fifth writes, and reads take turns."""
    reads, writes, whose = cycle(READS), cycle(WRITES), cycle(handles)
    # The same artist is paused and resumed.
    steered = handles[0]
    while True:
        for _ in range(4):
            yield "GET", next(reads), next(whose)
        method, pattern = next(writes)
        yield method, pattern, steered


class Load:
    """Sends at a rate and notes how long each answer took."""

    def __init__(self, http: httpx.AsyncClient, rate: float) -> None:
        self._http = http
        self._rate = rate
        self.spent: Spent = {}
        self.refused = 0

    async def send(self, handles: list[str], seconds: float) -> None:
        """So many a second for so long, and wait for the last answers."""
        began = time.perf_counter()
        asks = _asks(handles)
        under_way = set()
        for number in range(int(seconds * self._rate)):
            due = began + number / self._rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            under_way.add(asyncio.create_task(self._one(*next(asks), due)))
            self._sum()
        await asyncio.gather(*under_way)

    async def _one(self, method: str, pattern: str, handle: str, due: float) -> None:
        path = pattern.format(handle=handle)
        headers = {"Idempotency-Key": uuid4().hex} if method == "POST" else {}
        if method == "PUT":
            headers["If-Match"] = "*"
        answer = await self._http.request(method, path, headers=headers, json=BODIES.get(pattern))
        self.spent.setdefault(f"{method} {pattern}", []).append(time.perf_counter() - due)
        self.refused += answer.is_error

    def _sum(self) -> None:
        began = time.perf_counter()
        sum(range(SUM_LOOPS))
        self.spent.setdefault(SUM, []).append(time.perf_counter() - began)


async def _fill(url: str, artists: int, posts: int, events: int) -> list[Artist]:
    await upgrade(url)
    database = Database(url)
    try:
        made = await stock(database, artists)
        await crowd(database, made, posts, events)
    finally:
        await database.close()
    return made


async def measure(given: argparse.Namespace, folder: Path) -> Load:
    """Fill a label, serve it, and load it; the first seconds warm up and are not counted."""
    with running(folder, Apart(), {"forbid_real_models": "true"}) as label:
        made = await _fill(label.database_url, given.artists, given.posts, given.events)
        label.start()
        bearer = {"Authorization": f"Bearer {label.token}"}
        async with httpx.AsyncClient(
            base_url=label.apis[0], headers=bearer, trust_env=False, timeout=60
        ) as http:
            await http.get("/operator", params={"token": label.token})
            handles = [artist.handle for artist in made]
            path = f"/api/v1/artists/{handles[0]}/schedules/main"
            (await http.put(path, json=BODIES[WRITES[2][1]])).raise_for_status()
            await Load(http, given.rate).send(handles, WARM_UP_S)
            load = Load(http, given.rate)
            await load.send(handles, given.seconds)
    return load


def table(load: Load, given: argparse.Namespace) -> Table:
    """Milliseconds of every route, of all reads and all writes; ratios to the control."""
    spent = {CONTROL if "version" in name else name: times for name, times in load.spent.items()}
    together = {
        "all reads": [t for name, times in spent.items() if name.startswith("GET") for t in times],
        "all writes": [
            t for name, times in spent.items() if name.startswith(("POST", "PUT")) for t in times
        ],
    }
    rows = tuple(_row(name, times) for name, times in {**together, **spent}.items())
    return Table(
        title=f"{given.rate:g} requests a second on SQLite with {given.artists} artists, "
        f"{given.posts} posts, {given.events} events; ms, over {given.seconds:g} s",
        columns=(
            Column("p50", 1, ratio=True),
            Column("p95", 1, ratio=True),
            Column("worst", 1),
            Column("requests", 0),
        ),
        rows=rows,
        baseline=CONTROL,
        notes=(
            f"Wanted: p95 of reads at most {READ_P95_MS} ms, of writes at most {WRITE_P95_MS} ms.",
            f"{load.refused} requests were refused or failed.",
            f"Load average {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} cores.",
        ),
    )


def _row(name: str, times: list[float]) -> Row:
    late = quantile(times, 95)
    assert late is not None
    return Row(name, (1000 * statistics.median(times), 1000 * late, 1000 * max(times), len(times)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is loaded")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    parser.add_argument("--artists", type=int, default=200)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        load = asyncio.run(measure(given, Path(folder)))
    print_tables([table(load, given)], as_json=given.json)


if __name__ == "__main__":
    main()
