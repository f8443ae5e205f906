"""Measures the evaluation runner: `python -m benchmarks evals [--cases 1000] [--slots 8]`.

A scripted model takes the same time for every answer, behind the whole gateway and over a label's
own database. The ideal is cases x latency / slots. Then the same run is made again, and one is
stopped in the middle and made once more: nothing may be asked twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.evaluating import Evaluating, open_evaluating
from benchmarks.table import Column, Row, Table, print_tables
from domain.actor import OPERATOR
from domain.evaluation import Case, EvalRun, EvalSample, Output, Score
from domain.ports.model import ChatMessage, ModelRequest, Sampling
from evals.books import TrialBook
from evals.runner import Order, Runner
from evals.suite import Desk, Scorer, Suite
from prompts import SHIPPED
from runtime.settings import Settings

IDEAL = "ideal"
FIRST = "first run"
AGAIN = "the same again"
STOPPED = "another, stopped midway"
RESUMED = "and gone on with"
_Made = TypeVar("_Made")
_PROMPT = "post.update@1"
_COLUMNS = (
    Column("seconds"),
    Column("share of ideal", 3),
    Column("CPU s"),
    Column("answers paid"),
    Column("paid twice"),
)


@dataclass(frozen=True)
class Load:
    """How much is asked of how slow a model."""

    cases: int = 1000
    latency_s: float = 0.5
    slots: int = 8

    @property
    def ideal_s(self) -> float:
        """When no slot ever waits."""
        return self.cases * self.latency_s / self.slots


async def _ask(case: Case, desk: Desk) -> Output:
    words = f"Write about {case.id}. " + "The mood is calm, the sea is dark. " * 20
    request = ModelRequest(
        tier="smart",
        prompt=_PROMPT,
        messages=(ChatMessage(role="user", content=words),),
        sampling=Sampling(seed=desk.seed),
        scope=desk.scope,
    )
    return {"text": (await desk.gateway.complete(request)).text}


def suite_of(load: Load) -> Suite:
    """One call a case."""
    return Suite(
        name="many",
        description="Many small questions.",
        cases=tuple(Case(id=f"case-{n}", input={"n": n}) for n in range(load.cases)),
        task=_ask,
        scorers=(Scorer("there", lambda answered: Score(value=1.0)),),
        main="there",
        prompts=("post",),
    )


@dataclass(frozen=True)
class Bench:
    """The suite and what runs it."""

    parts: Evaluating
    load: Load

    async def run(self, seed: int, watch: Callable[[EvalSample, int, int], None]) -> EvalRun:
        """One run; another seed asks other questions."""
        parts, suite = self.parts, suite_of(self.load)
        runner = Runner(
            parts.evaluations, parts.gateway, parts.embedder, parts.clock, self.load.slots
        )
        book = TrialBook(SHIPPED, suite.prompts)
        return await runner.run(OPERATOR, Order(suite, suite.cases, book, seed=seed), watch)

    async def whole(self, name: str, seed: int = 1) -> Row:
        """A run from its beginning to its end, all of it paid now or reused."""
        took, cpu, run = await _timed(self.run(seed, _unwatched))
        share = self.load.ideal_s / took if run.totals.cost.calls else None
        paid = run.totals.cost.calls
        return Row(name, (took, share, cpu, paid, max(0, paid - self.load.cases)))

    async def stopped(self, seed: int) -> tuple[Row, int]:
        """A run that ends after half of its samples; how many are kept."""
        middle = asyncio.Event()

        def watch(sample: EvalSample, done: int, total: int) -> None:
            if done >= total // 2:
                middle.set()

        async def until_middle() -> None:
            task = asyncio.create_task(self.run(seed, watch))
            await middle.wait()
            task.cancel()
            await asyncio.wait([task])

        took, cpu, _ = await _timed(until_middle())
        [run] = await self.parts.evaluations.page(OPERATOR, limit=1)
        kept = len(await self.parts.evaluations.samples(OPERATOR, run.id))
        return Row(STOPPED, (took, None, cpu, kept, 0)), kept

    async def resumed(self, seed: int, kept: int) -> Row:
        """The rest of it; what was kept must not be paid again."""
        took, cpu, run = await _timed(self.run(seed, _unwatched))
        samples = await self.parts.evaluations.samples(OPERATOR, run.id)
        doubled = len(samples) - len({sample.case_id for sample in samples})
        # Fewer than are missing where an answer had come and its sample was not kept yet.
        rest = run.totals.cost.calls - kept
        twice = doubled + max(0, rest - (self.load.cases - kept))
        return Row(RESUMED, (took, None, cpu, rest, twice))


async def measure(load: Load, home: Path) -> Table:
    """All runs, one after the other, on a label of their own."""
    script = home / "slow.json"
    answer = {"$text": "The lamp stays on.", "$fault": "slow", "$delay_s": load.latency_s}
    script.write_text(json.dumps({"post.update": [answer]}))
    settings = Settings(home=home, model_script=script, forbid_real_models=True)
    async with open_evaluating(settings) as parts:
        bench = Bench(parts, load)
        rows = [await bench.whole(FIRST), await bench.whole(AGAIN)]
        row, kept = await bench.stopped(seed=2)
        rows += [row, await bench.resumed(2, kept)]
    return _table(load, rows)


def _table(load: Load, rows: Sequence[Row]) -> Table:
    ideal = Row(IDEAL, (load.ideal_s, 1.0, None, load.cases, None))
    title = f"{load.cases} cases, {load.latency_s} s an answer, {load.slots} slots"
    return Table(title, _COLUMNS, (ideal, *rows), IDEAL)


async def _timed(work: Awaitable[_Made]) -> tuple[float, float, _Made]:
    began, cpu = time.monotonic(), time.process_time()
    made = await work
    return time.monotonic() - began, time.process_time() - cpu, made


def _unwatched(sample: EvalSample, done: int, total: int) -> None:
    """Nobody looks on."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks evals", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cases", type=int, default=Load.cases)
    parser.add_argument("--latency", type=float, default=Load.latency_s, help="seconds an answer")
    parser.add_argument("--slots", type=int, default=Load.slots)
    given = parser.parse_args()
    load = Load(given.cases, given.latency, given.slots)
    with tempfile.TemporaryDirectory() as folder:
        table = asyncio.run(measure(load, Path(folder)))
    print_tables([table], as_json=given.json)


if __name__ == "__main__":
    main()
