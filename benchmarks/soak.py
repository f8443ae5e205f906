"""A hundred artists at work: `python -m benchmarks.soak [--artists 100] [--minutes 10]`.

Every artist has a schedule whose slot lies in the given minutes, all slots evenly apart, and which
comes round as often as `--rounds` says; each slot makes a whole song in a cycle of its own. The
model is a script that takes 300 ms a call; the songs have four bars, the smallest real render.
Measured from outside: how long after its slot a run entered its first step (a slot without a run
counts as the longest wait there is), what each artist got, memory and CPU of the label's processes.

`--idle` measures artists that have nothing to do instead. The control is the same machine without
the label: what the CPUs did before it started.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks.lives import SCRIPT_FILE
from benchmarks.running import Apart, Running, running
from benchmarks.soak_chart import draw
from benchmarks.stock import stock
from benchmarks.table import Column, Row, Table, print_tables
from domain.artist import Artist
from domain.ids import new_id
from domain.rhythm import Every
from domain.schedule import Schedule
from runtime.clock import SystemClock
from store.database import Database
from store.migrate import upgrade
from store.tables import events, runs, steps

CALL_S = 0.3
CONTROL_S = 10.0
SAMPLE_EVERY_S = 2.0
SETTLE_S = 20.0
LATE_END_S = 300.0
DAY_MIN = 24 * 60
CHART = Path(__file__).resolve().parent.parent / "docs" / "images" / "soak.svg"
ENDED = ("succeeded", "rejected", "cancelled", "failed")


@dataclass(frozen=True)
class Sample:
    """The label at one moment, seconds after the first slot."""

    at_s: float
    rss_mb: float
    whole_mb: float
    cpu_s: float
    load: float
    ended: int


@dataclass(frozen=True)
class Order:
    """What to put the label through."""

    artists: int
    minutes: float
    rounds: int
    idle: bool
    apart: Apart

    @property
    def slots(self) -> int:
        """Slots in all rounds of all artists."""
        return self.artists * self.rounds


@dataclass(frozen=True)
class Soaked:
    """All that was measured."""

    order: Order
    control_cpu: float
    samples: Sequence[Sample]
    lags_s: Sequence[float]
    lasted_s: Sequence[float]
    runs_of: Mapping[str, int]
    statuses: Mapping[str, int]
    calls: int
    calls_s: float


def slow_script(folder: Path) -> Path:
    """The tests' script, every answer of which takes as long as a model's."""
    script = json.loads(SCRIPT_FILE.read_text())
    slow = {prompt: [_slowly(answer) for answer in given] for prompt, given in script.items()}
    file = folder / "script.json"
    file.write_text(json.dumps(slow))
    return file


def _slowly(answer: Any) -> dict[str, Any]:
    late = {"$fault": "slow", "$delay_s": CALL_S}
    if isinstance(answer, dict) and answer and all(key.startswith("$") for key in answer):
        return {**late, **answer}
    return {**late, "$text": answer} if isinstance(answer, str) else {**late, "$json": answer}


async def measure(order: Order, folder: Path) -> Soaked:
    """One label from its start to the end of its last run."""
    control = psutil.cpu_percent(CONTROL_S) * (os.cpu_count() or 1) / 100
    settings = {"model_script": str(slow_script(folder))}
    with running(folder, order.apart, settings) as label:
        await upgrade(label.database_url)
        database = Database(label.database_url)
        last = None
        try:
            artists = await stock(database, order.artists)
            label.start()
            await asyncio.sleep(SETTLE_S if order.idle else 2.0)
            if order.idle:
                await _schedule(database, artists, timedelta(days=2), timedelta(minutes=1), DAY_MIN)
                samples = await _watch_idle(label, order.minutes)
            else:
                period = round(order.minutes)
                spacing = timedelta(minutes=period) / order.artists
                first = await _schedule(database, artists, timedelta(seconds=5), spacing, period)
                last = first + timedelta(minutes=period * order.rounds)
                samples = await _watch(label, database, order, first, last)
            return await _told(order, control, samples, database, last)
        finally:
            await database.close()


async def _schedule(
    database: Database,
    artists: Sequence[Artist],
    start: timedelta,
    spacing: timedelta,
    period_min: int,
) -> datetime:
    """A slot for each artist, evenly apart, which comes round; returns the first."""
    now = SystemClock().now().replace(microsecond=0)
    async with database.unit() as unit:
        for number, artist in enumerate(artists):
            slot = now + start + number * spacing
            schedule = Schedule(
                id=new_id("schedule"),
                created_at=now,
                updated_at=now,
                artist_id=artist.id,
                rhythm=Every(minutes=period_min),
                approve="auto",
                anchor_at=slot - timedelta(minutes=period_min),
                next_at=slot,
            )
            await unit.schedules.add(schedule)
        await unit.commit()
    return now + start


async def _watch(
    label: Running, database: Database, order: Order, first: datetime, last: datetime
) -> list[Sample]:
    """Sample until the runs of all slots before `last` have ended, or for too long."""
    samples = []
    while (now := SystemClock().now()) < last + timedelta(seconds=LATE_END_S):
        found = await _rows(database, sa.select(runs.c.status, runs.c.slot_key))
        ended = sum(run["status"] in ENDED and _slot(run["slot_key"]) < last for run in found)
        samples.append(_sample(label, (now - first).total_seconds(), ended))
        if ended >= order.slots:
            break
        await asyncio.sleep(SAMPLE_EVERY_S)
    return samples


def _sample(label: Running, at_s: float, ended: int) -> Sample:
    return Sample(at_s, label.rss_mb(), label.whole_mb(), label.cpu_s(), os.getloadavg()[0], ended)


async def _watch_idle(label: Running, minutes: float) -> list[Sample]:
    began = time.monotonic()
    samples = []
    while (at_s := time.monotonic() - began) <= 60 * minutes:
        samples.append(_sample(label, at_s, 0))
        await asyncio.sleep(SAMPLE_EVERY_S)
    return samples


async def _told(
    order: Order,
    control: float,
    samples: Sequence[Sample],
    database: Database,
    last: datetime | None,
) -> Soaked:
    found = await _rows(database, sa.select(runs))
    happened = events.c.run_id, events.c.at
    began = await _moments(database, sa.select(*happened).where(events.c.kind == "step.started"))
    ended = await _moments(database, sa.select(*happened).where(events.c.kind == "run.changed"))
    kept = await _rows(database, sa.select(steps.c.body))
    calls = [call for step in kept for call in step["body"]["report"].get("calls", ()) if call]
    slots = {run["id"]: _slot(run["slot_key"]) for run in found if run["slot_key"]}
    # The slots after the last round are not part of the soak.
    slots = {key: slot for key, slot in slots.items() if last is None or slot < last}
    begun = [key for key in slots if key in began]
    return Soaked(
        order=order,
        control_cpu=control,
        samples=samples,
        lags_s=[(min(began[key]) - slots[key]).total_seconds() for key in begun],
        lasted_s=[(max(ended[key]) - min(began[key])).total_seconds() for key in begun],
        runs_of=Counter(
            run["body"]["artist_ids"][0]
            for run in found
            if run["id"] in slots and run["status"] == "succeeded"
        ),
        statuses=Counter(run["status"] for run in found if run["id"] in slots),
        calls=len(calls),
        calls_s=sum(float(call["latency_s"]) for call in calls),
    )


async def _rows(database: Database, statement: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
    async with database.session() as session:
        return [dict(row) for row in await session.rows(statement)]


async def _moments(database: Database, statement: sa.Select[Any]) -> dict[str, list[datetime]]:
    """When something happened to each run."""
    moments: dict[str, list[datetime]] = {}
    for row in await _rows(database, statement):
        moments.setdefault(row["run_id"], []).append(row["at"])
    return moments


def _slot(key: str) -> datetime:
    return datetime.strptime(key.rpartition(":")[2], "%Y%m%dT%H%M%S%z")


def quantile(values: Sequence[float], percent: int) -> float | None:
    """The value below which so many percent lie."""
    if len(values) < 2:
        return values[0] if values else None
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def table(soaked: Soaked) -> Table:
    """The figures beside what was asked for."""
    rows = _idle_rows(soaked) if soaked.order.idle else _rows_of(soaked)
    loads = [s.load for s in soaked.samples]
    order = soaked.order
    doing = "idle" if order.idle else f"with {order.rounds} whole cycles each, one in"
    return Table(
        title=f"{order.artists} artists {doing} {order.minutes:g} minutes",
        columns=(Column("measured", 2), Column("wanted", 2)),
        rows=tuple(rows),
        baseline=rows[0].name,
        notes=(
            f"Load average {statistics.mean(loads):.2f} (mean), {max(loads):.2f} (most). "
            f"Control: {soaked.control_cpu:.2f} cores were busy before the label started.",
            f"Runs: {dict(soaked.statuses)}; {soaked.calls} model calls.",
        ),
    )


def _rows_of(soaked: Soaked) -> list[Row]:
    never = soaked.order.slots - len(soaked.lags_s)
    whole = [s.whole_mb for s in soaked.samples]
    lags = [*soaked.lags_s, *[LATE_END_S] * never]
    half = [s for s in soaked.samples if s.at_s > soaked.samples[-1].at_s / 2]
    idle = soaked.order.artists - len(soaked.runs_of)
    counts = [*soaked.runs_of.values(), *[0] * idle]
    spent = soaked.samples[-1].cpu_s - soaked.samples[0].cpu_s
    lasted = soaked.samples[-1].at_s - soaked.samples[0].at_s
    return [
        Row("slot to first step, p50, s", (quantile(lags, 50), None)),
        Row("slot to first step, p95, s", (quantile(lags, 95), 5.0)),
        Row("slot to first step, most, s", (max(lags), None)),
        Row("slots whose run never began", (never, 0)),
        Row("a cycle takes, p50, s", (quantile(soaked.lasted_s, 50), None)),
        Row("a cycle takes, p95, s", (quantile(soaked.lasted_s, 95), None)),
        Row("cycles of the artist with the fewest", (min(counts), max(counts) / 2)),
        Row("cycles of the artist with the most", (max(counts), None)),
        Row("memory at the middle, MB", (half[0].rss_mb, None)),
        Row("memory at the end, MB", (half[-1].rss_mb, None)),
        Row("memory, change over the last half, %", (_change(half), 5.0)),
        Row("memory with children (PSS), mean, MB", (statistics.mean(whole), None)),
        Row("memory with children (PSS), most, MB", (max(whole), None)),
        Row("cores busy, children included", (spent / lasted, None)),
        Row("model call, mean, s", (soaked.calls_s / max(1, soaked.calls), CALL_S)),
    ]


def _idle_rows(soaked: Soaked) -> list[Row]:
    first, last = soaked.samples[0], soaked.samples[-1]
    whole = [s.whole_mb for s in soaked.samples]
    cores = (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s)
    return [
        Row("of one core, %", (100 * cores, 10.0)),
        Row("memory of all processes, most, MB", (max(s.rss_mb for s in soaked.samples), 1500.0)),
        Row("memory with children (PSS), most, MB", (max(whole), None)),
        Row("memory, change over the time, %", (_change(soaked.samples), None)),
    ]


def _change(samples: Sequence[Sample]) -> float:
    """How much the memory grew by its trend, in percent of where it began."""
    line = statistics.linear_regression([s.at_s for s in samples], [s.rss_mb for s in samples])
    grown = line.slope * (samples[-1].at_s - samples[0].at_s)
    return 100 * grown / samples[0].rss_mb


def read() -> tuple[Order, bool, bool]:
    """The order, whether a chart is wanted, and whether JSON is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artists", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=10.0, help="from round to round")
    parser.add_argument("--rounds", type=int, default=2, help="how often every slot comes round")
    parser.add_argument("--idle", action="store_true", help="artists that have nothing to do")
    parser.add_argument("--apis", type=int, default=0, help="API processes; 0: all in one")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--chart", action="store_true", help="draw the chart of the docs anew")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    apart = Apart(given.apis, given.workers)
    return (
        Order(given.artists, given.minutes, given.rounds, given.idle, apart),
        given.chart,
        given.json,
    )


def main() -> None:
    """Print the table."""
    order, chart, as_json = read()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soaked = asyncio.run(measure(order, Path(folder)))
    if chart:
        draw(soaked.samples, soaked.lags_s, CHART)
    print_tables([table(soaked)], as_json=as_json)


if __name__ == "__main__":
    main()
