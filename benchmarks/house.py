"""What people and programs wait for at a label with a long past: `python -m benchmarks.house`.

One process on SQLite with 200 artists, 20,000 posts and 200,000 lines of the log, and all else that
led to them. Requests leave at a fixed rate whether answers came or not, so that a slow answer
makes no room for itself; its time counts from when it was due. Every list and every page is read
in turn, by the routers' own table, with filters; every fifth request writes. Everything is held
meanwhile, so that what is decided does not begin to make songs on the same cores.

Afterwards each is asked alone, which gives the CPU seconds of the whole process for one answer.
The controls are the version, which reads nothing but who asks, and a sum in this process: what
that loses, the machine lost.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx

from benchmarks.mix import Ask, Mix
from benchmarks.past import Past, remember
from benchmarks.running import Apart, Running, running
from benchmarks.soak import quantile
from benchmarks.stock import stock
from benchmarks.table import Column, Row, Table, print_tables
from domain.artist import Artist
from store.database import Database
from store.migrate import upgrade

READ_P95_MS, WRITE_P95_MS = 40, 80
WARM_UP_S = 5.0
ALONE_TIMES = 10
# So many decisions are taken in a minute, and then some.
APPROVALS_MINUTE = 200
CONTROL = "GET /api/v1/version (control)"
SUM = "a sum in this process (control)"
SUM_LOOPS = 20_000
RHYTHM = {"rhythm": "daily at 18:30", "tz": "UTC"}


@dataclass
class Spent:
    """What came of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    cpu_s: float | None = None
    most_bytes: int = 0


@dataclass
class Person:
    """Somebody with a browser and a program; each address is asked as it is meant to be."""

    browser: httpx.AsyncClient
    program: httpx.AsyncClient

    async def ask(self, ask: Ask) -> httpx.Response:
        """Send one request."""
        by_program = ask.path.startswith(("/api/", "/v1/"))
        http = self.program if by_program else self.browser
        headers = {"If-Match": "*"} if ask.method == "PUT" else {}
        if ask.method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        return await http.request(ask.method, ask.path, headers=headers, json=ask.body)


class Load:
    """Sends at a rate and notes how long each answer took."""

    def __init__(self, person: Person, mix: Mix, rate: float) -> None:
        self._person = person
        self._mix = mix
        self._asks = mix.asks()
        self._rate = rate
        self.spent: dict[str, Spent] = {}
        self.refused: dict[str, int] = {}
        self.loads: list[float] = []

    async def send(self, seconds: float) -> None:
        """So many a second for so long, and wait for the last answers."""
        self.spent, self.loads = {}, []
        began = time.perf_counter()
        under_way = set()
        for number in range(int(seconds * self._rate)):
            due = began + number / self._rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            under_way.add(asyncio.create_task(self._one(next(self._asks), due)))
            self._sum()
            if number % self._rate == 0:
                self.loads.append(os.getloadavg()[0])
        await asyncio.gather(*under_way)

    async def alone(self, label: Running, times: int) -> None:
        """Ask each kind of read by itself, for its CPU seconds."""
        for pattern, query in self._mix.reads():
            before, ask = label.cpu_s(), self._mix.read(pattern, query)
            for _ in range(times):
                await self._person.ask(ask)
            self._of(ask.name).cpu_s = (label.cpu_s() - before) / times

    async def _one(self, ask: Ask, due: float) -> None:
        answer = await self._person.ask(ask)
        spent = self._of(ask.name)
        spent.seconds.append(time.perf_counter() - due)
        spent.most_bytes = max(spent.most_bytes, len(answer.content))
        self._mix.heard(ask, answer)
        if answer.is_error:
            what = f"{ask.name}: {answer.status_code} {answer.text[:200]}"
            self.refused[what] = self.refused.get(what, 0) + 1

    def _of(self, name: str) -> Spent:
        return self.spent.setdefault(CONTROL if name.endswith("/version") else name, Spent())

    def _sum(self) -> None:
        began = time.perf_counter()
        sum(range(SUM_LOOPS))
        self.spent.setdefault(SUM, Spent()).seconds.append(time.perf_counter() - began)


async def _fill(url: str, given: argparse.Namespace) -> tuple[list[Artist], Past]:
    await upgrade(url)
    database = Database(url)
    try:
        made = await stock(database, given.artists)
        waiting = math.ceil((given.seconds + WARM_UP_S) / 60 * APPROVALS_MINUTE)
        past = await remember(database, made, given.posts, given.events, waiting)
    finally:
        await database.close()
    return made, past


async def _settle(person: Person, made: list[Artist], past: Past, token: str) -> Mix:
    """Sign in, hold everything, give each artist a rhythm, and see who the first one is."""
    await person.browser.get("/operator", params={"token": token})
    held = Ask("hold", "POST", "/api/v1/hold", {"why": "measuring"})
    (await person.ask(held)).raise_for_status()
    for artist in made:
        path = f"/api/v1/artists/{artist.handle}/schedules/main"
        (await person.program.put(path, json=RHYTHM)).raise_for_status()
    answer = await person.program.get(f"/api/v1/artists/{made[0].handle}/profile")
    return Mix(made, past, answer.raise_for_status().json()["current"]["profile"])


async def measure(given: argparse.Namespace, folder: Path) -> Load:
    """Fill a label, serve it, and load it; the first seconds warm up and are not counted."""
    with running(folder, Apart(), {"forbid_real_models": "true"}) as label:
        made, past = await _fill(label.database_url, given)
        label.start()
        base, bearer = label.apis[0], {"Authorization": f"Bearer {label.token}"}
        # Sooner than the server lets go of a connection that nobody uses.
        limits = httpx.Limits(keepalive_expiry=2)
        client = partial(
            httpx.AsyncClient, base_url=base, trust_env=False, timeout=60, limits=limits
        )
        async with client() as browser, client(headers=bearer) as program:
            person = Person(browser, program)
            mix = await _settle(person, made, past, label.token)
            load = Load(person, mix, given.rate)
            await load.send(WARM_UP_S)
            await load.send(given.seconds)
            await load.alone(label, given.alone)
    return load


def table(load: Load, given: argparse.Namespace) -> Table:
    """Milliseconds of all reads and all writes, of every kind, slowest first, and the controls."""
    kinds = {name: spent for name, spent in load.spent.items() if name not in (CONTROL, SUM)}
    together = {
        "all reads": _together(kinds, "GET"),
        "all writes": _together(kinds, "POST", "PUT"),
    }
    slowest = sorted(kinds.items(), key=lambda kind: -(_late(kind[1]) or 0.0))
    controls = {name: load.spent[name] for name in (CONTROL, SUM)}
    rows = tuple(_row(name, s) for name, s in [*together.items(), *controls.items(), *slowest])
    refused = [f"{times} times {what}" for what, times in load.refused.items()]
    return Table(
        title=f"{given.rate:g} requests a second on SQLite with {given.artists} artists, "
        f"{given.posts} posts, {given.events} events; ms, over {given.seconds:g} s",
        columns=(
            Column("p50", 1, ratio=True),
            Column("p95", 1),
            Column("worst", 1),
            Column("requests", 0),
            Column("CPU ms alone", 1),
            Column("kB", 0),
        ),
        rows=rows,
        baseline=CONTROL,
        notes=(
            f"Wanted: p95 of reads at most {READ_P95_MS} ms, of writes at most {WRITE_P95_MS} ms.",
            f"{sum(load.refused.values())} requests were refused or failed.",
            *refused,
            f"Load average {statistics.mean(load.loads):.2f} on average, "
            f"{max(load.loads):.2f} at most, {os.cpu_count()} cores.",
        ),
    )


def _together(kinds: dict[str, Spent], *methods: str) -> Spent:
    mine = [spent for name, spent in kinds.items() if name.startswith(methods)]
    cpu = [spent.cpu_s for spent in mine if spent.cpu_s is not None]
    return Spent(
        [seconds for spent in mine for seconds in spent.seconds],
        statistics.mean(cpu) if cpu else None,
        max((spent.most_bytes for spent in mine), default=0),
    )


def _late(spent: Spent) -> float | None:
    return quantile(spent.seconds, 95) if spent.seconds else None


def _row(name: str, spent: Spent) -> Row:
    times, late = spent.seconds, _late(spent)
    return Row(
        name,
        (
            1000 * statistics.median(times) if times else None,
            None if late is None else 1000 * late,
            1000 * max(times) if times else None,
            len(times),
            None if spent.cpu_s is None else 1000 * spent.cpu_s,
            spent.most_bytes / 1000,
        ),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is loaded")
    parser.add_argument("--rate", type=float, default=50.0, help="requests a second")
    parser.add_argument("--artists", type=int, default=200)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--alone", type=int, default=ALONE_TIMES, help="times each is asked alone")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        load = asyncio.run(measure(given, Path(folder)))
    print_tables([table(load, given)], as_json=given.json)


if __name__ == "__main__":
    main()
