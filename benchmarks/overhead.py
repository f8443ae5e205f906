"""Measures what the house adds to a step: `python -m benchmarks.overhead [--runs 9] [--steps 17]`.

The same chain of nodes that do nothing, run five ways in turn so that a noisy machine is noisy to
all of them: on SQLite, and with the same checkpointer and engine on PostgreSQL. Steps are as many
as a cycle has that writes and releases a song.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from typing_extensions import TypedDict

from app.checkpoints import open_checkpoints
from app.ground import Edges
from app.home import Home
from app.label import Label
from app.scratch import scratch
from app.studio import build_studio
from app.wiring import open_label
from benchmarks.engine import postgresql
from benchmarks.table import Column, Row, Table, print_tables
from domain.actor import OPERATOR, artist_actor
from domain.artist import ArtistStatus
from domain.ids import new_id
from domain.ports.engine import Job
from domain.run import Run, RunStatus
from graphs.context import RunContext
from graphs.drive import RunDriver
from graphs.steps import Outcome, step
from packs import pack_ids
from runtime.engine.dbos_engine import DbosEngine
from runtime.engine.in_memory import InMemoryEngine
from runtime.settings import Settings
from tools.context import ToolContext
from tools.registry import Toolbox

BARE = "bare graph, no checkpoints"
CHECKPOINTED = "bare graph, the same checkpoints"
HOUSE = "the house's steps"
DRIVEN = "the house's run, begun and ended"
ENGINE = "the house's run, through the engine"
JOB = "bench"
Graph = CompiledStateGraph[Any, Any, Any, Any]
Saver = BaseCheckpointSaver[Any]
Way = Callable[[], Awaitable[None]]


class State(TypedDict, total=False):
    """As much as a node needs to have done something."""

    run_id: str
    seed: int
    revision: int


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one step."""

    wall_ms: float
    cpu_ms: float


async def _bare(state: State) -> Command[Any]:
    return Command(update={"revision": state.get("revision", 0) + 1})


async def _node(state: State, context: RunContext) -> Outcome:
    return Outcome(update={"revision": state.get("revision", 0) + 1}, says="Nothing was done.")


def chain(steps: int, saver: BaseCheckpointSaver[Any] | None, *, house: bool) -> Graph:
    """A graph of `steps` nodes in a row that do nothing."""
    graph: Any = StateGraph(State, context_schema=RunContext if house else None)
    names = [f"step_{number}" for number in range(steps)]
    for name in names:
        graph.add_node(name, step(name, _node) if house else _bare)
    for before, after in zip((START, *names), (*names, END), strict=True):
        graph.add_edge(before, after)
    compiled: Graph = graph.compile(checkpointer=saver)
    return compiled


class Bench:
    """The five ways, over one label, one checkpointer and one engine."""

    def __init__(
        self, label: Label, saver: Saver, engine: DbosEngine, artist_id: str, steps: int
    ) -> None:
        self.label = label
        self._engine = engine
        self._ended: asyncio.Future[Run] | None = None
        self._saver = saver
        self._artist_id = artist_id
        self._plain = chain(steps, None, house=False)
        self._kept = chain(steps, saver, house=False)
        self._house = chain(steps, saver, house=True)
        self._driver = RunDriver({"cycle": self._house}, saver, self._context)

    def ways(self) -> dict[str, Way]:
        """Every way of running the chain, by name."""
        return {
            BARE: self._run_plain,
            CHECKPOINTED: self._run_kept,
            HOUSE: self._run_house,
            DRIVEN: self._run_driven,
            ENGINE: self._run_by_engine,
        }

    async def do_job(self, run_id: str) -> None:
        """The engine's job: take a run to its end."""
        run = await self._driver.drive(await self.label.house.runs.get(OPERATOR, run_id))
        assert self._ended is not None
        self._ended.set_result(run)

    async def _run_plain(self) -> None:
        await self._plain.ainvoke({"seed": 1})

    async def _run_kept(self) -> None:
        await self._kept.ainvoke({"seed": 1}, _thread(new_id("run")), durability="sync")

    async def _run_house(self) -> None:
        run = await self._new_run(RunStatus.RUNNING)
        await self._house.ainvoke(
            {"seed": 1}, _thread(run.id), context=self._context(run), durability="sync"
        )

    async def _run_driven(self) -> None:
        _check(await self._driver.drive(await self._new_run(RunStatus.QUEUED)))

    async def _run_by_engine(self) -> None:
        run = await self._new_run(RunStatus.QUEUED)
        self._ended = asyncio.get_running_loop().create_future()
        await self._engine.enqueue(
            Job(id=run.id, name=JOB, args=(run.id,), partition=self._artist_id)
        )
        _check(await self._ended)

    async def _new_run(self, status: RunStatus) -> Run:
        """A run's row without its job: the engine would start the real cycle."""
        now = self.label.house.clock.now()
        run = Run(
            id=new_id("run"),
            created_at=now,
            updated_at=now,
            kind="cycle",
            artist_ids=(self._artist_id,),
            status=status,
            seed=1,
        )
        async with self.label.house.runs.database.unit() as unit:
            await unit.runs.add(run)
            await unit.commit()
        return run

    def _context(self, run: Run) -> RunContext:
        house = self.label.house
        tools = ToolContext(
            actor=artist_actor(run.artist_id),
            artist_id=run.artist_id,
            run_id=run.id,
            scratch=scratch(self.label.settings),
            studio=build_studio(self.label.settings),
            memory=house.memory,
            artists=house.artists,
            works=house.works,
            catalogue=house.catalogue,
            publishing=self.label.publishing,
            generation=self.label.generators.songs,
            progress=lambda stage, fraction: None,
        )
        return RunContext(run=run, house=house, toolbox=Toolbox(tools, ()))


def _check(run: Run) -> None:
    if run.status is not RunStatus.SUCCEEDED:
        raise RuntimeError(f"the run ended as {run.status}: {run.failure}")


def _thread(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}, "recursion_limit": 1000}


@asynccontextmanager
async def bench(home: Path, steps: int, database_url: str | None = None) -> AsyncIterator[Bench]:
    """A label with an artist in a home of its own; nothing runs in it but the benchmark."""
    settings = Settings(home=home, forbid_real_models=True, database_url=database_url)
    owned = Home.of(settings).claim()
    engine = DbosEngine(
        settings.database if database_url else f"sqlite:///{home / 'e.db'}", "bench"
    )
    try:
        async with (
            open_label(settings, owned, Edges(engine=InMemoryEngine())) as label,
            open_checkpoints(settings) as saver,
        ):
            made = Bench(label, saver, engine, await _active_artist(label), steps)
            engine.register(JOB, made.do_job)
            await engine.start()
            try:
                yield made
            finally:
                await engine.stop()
    finally:
        owned.release()


async def _active_artist(label: Label) -> str:
    """An artist that may run: its debut would only cost time here."""
    house = label.house
    artist = await house.artists.create(OPERATOR, "a test of patience", pack_ids()[0])
    async with house.artists.database.unit() as unit:
        await unit.artists.save(artist.move_to(ArtistStatus.ACTIVE, house.clock.now()))
        await unit.commit()
    return artist.id


async def timed(way: Way, steps: int) -> Cost:
    """What one run of a way costs, per step."""
    wall, cpu = time.perf_counter(), time.process_time()
    await way()
    return Cost(
        wall_ms=1000 * (time.perf_counter() - wall) / steps,
        cpu_ms=1000 * (time.process_time() - cpu) / steps,
    )


async def measure(steps: int, runs: int, database_url: str | None = None) -> dict[str, list[Cost]]:
    """All ways in turn, `runs` times; a first round warms up and is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        async with bench(Path(folder) / "home", steps, database_url) as made:
            ways = made.ways()
            costs: dict[str, list[Cost]] = {name: [] for name in ways}
            for way in ways.values():
                await way()
            for _ in range(runs):
                for name, way in ways.items():
                    costs[name].append(await timed(way, steps))
    return costs


def table(costs: dict[str, list[Cost]], steps: int, runs: int, where: str = "SQLite") -> Table:
    """Medians, and ratios to the bare graph on the same checkpoints."""
    return Table(
        title=f"{where}: a step that does nothing, ms; median of {runs} runs of {steps} steps",
        columns=(
            Column("wall ms", 2, ratio=True),
            Column("CPU ms", 2, ratio=True),
            Column("wall ms, fastest", 2),
        ),
        rows=tuple(
            Row(
                name,
                (
                    statistics.median(c.wall_ms for c in each),
                    statistics.median(c.cpu_ms for c in each),
                    min(c.wall_ms for c in each),
                ),
            )
            for name, each in costs.items()
        ),
        baseline=CHECKPOINTED,
        notes=(f"Load average {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} cores.",),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="how often each way is run")
    parser.add_argument("--steps", type=int, default=17, help="nodes of the graph")
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    tables = [table(asyncio.run(measure(given.steps, given.runs)), given.steps, given.runs)]
    if not given.sqlite:
        with postgresql() as (url, _):
            costs = asyncio.run(measure(given.steps, given.runs, url))
        tables.append(table(costs, given.steps, given.runs, "PostgreSQL"))
    print_tables(tables, as_json=given.json)


if __name__ == "__main__":
    main()
