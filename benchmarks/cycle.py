"""Measures a debut and a full cycle, step by step: `python -m benchmarks.cycle [--genre PACK]`.

Real forms, full-size covers, embedded engines. The model is scripted, so that its time is out;
`--model` asks the configured one and adds its tokens and time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection

import psutil
from rich.console import Console

from benchmarks.lives import Life, Order, RunCost, StepCost, live
from benchmarks.table import Column, Row, Table, print_tables
from benchmarks.watch import Peaks, Watch
from packs import pack_ids
from runtime.embedded.presence import Post
from runtime.settings import Settings

BUDGET = "budget of a cycle"
BUDGET_CPU_S = 240.0
BUDGET_MB = 2048.0
COLUMNS = (
    Column("wall s", 2),
    Column("CPU s", 2, ratio=True),
    Column("process MB", 0),
    Column("child MB", 0),
    Column("together MB", 0, ratio=True),
)
MODEL_COLUMNS = (Column("tokens", 0), Column("calls s", 1), Column("model CPU s", 1))


def measure(order: Order) -> tuple[Life, Watch]:
    """Live in a fresh process, for peak memory never falls within one, and watch it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, order))
    process.start()
    theirs.close()
    assert process.pid is not None
    try:
        with Watch(process.pid, _server if order.model else lambda: None) as watch:
            told = ours.recv()
    except EOFError:
        raise RuntimeError(f"the {order.genre} life ended early; its error is above") from None
    finally:
        process.join()
    return Life.model_validate_json(told), watch


def _child(pipe: Connection, order: Order) -> None:
    pipe.send(live(order).model_dump_json())


def _server() -> psutil.Process | None:
    """The embedded model's server, once it runs."""
    settings = Settings()
    state = Post(settings.cache_dir / "run", settings.embedded_model).server()
    try:
        return psutil.Process(state.pid) if state else None
    except psutil.NoSuchProcess:
        return None


Between = Callable[[float, float], Peaks]


def table(order: Order, life: Life, between: Between) -> Table:
    """Every step of both runs, what was spent between the steps, the sums, and the budget."""
    rows = [*_run_rows(life.debut, between), *_run_rows(life.cycle, between)]
    rows.append(Row(BUDGET, (None, BUDGET_CPU_S, None, None, BUDGET_MB, None, None, None)))
    width = len(COLUMNS) + (len(MODEL_COLUMNS) if order.model else 0)
    quality = "passed every gate" if life.passed else "failed a gate"
    length = f"a song of {life.song_s:.0f} s" if life.song_s else "no song"
    return Table(
        title=f"{order.genre}: {length} ({quality}), cover of {order.cover_px} px",
        columns=(*COLUMNS, *MODEL_COLUMNS)[:width],
        rows=tuple(Row(row.name, row.values[:width]) for row in rows),
        baseline=BUDGET,
    )


def _run_rows(run: RunCost, between: Between) -> Iterable[Row]:
    for cost in run.steps:
        name = f"{run.kind}: {cost.step}" + (f" x{cost.tries}" if cost.tries > 1 else "")
        peaks = _highest([between(*span) for span in cost.spans])
        yield _row(name, cost.wall_s, cost.cpu_s, peaks, cost)
    apart = run.wall_s - sum(s.wall_s for s in run.steps)
    apart_cpu = run.cpu_s - sum(s.cpu_s for s in run.steps)
    yield _row(f"{run.kind}: between the steps", apart, apart_cpu, Peaks(), None)
    whole = StepCost(
        step="whole",
        tries=1,
        spans=(),
        wall_s=run.wall_s,
        cpu_s=run.cpu_s,
        tokens=sum(s.tokens for s in run.steps),
        calls_s=sum(s.calls_s for s in run.steps),
    )
    yield _row(f"{run.kind}, whole", run.wall_s, run.cpu_s, between(run.began, run.ended), whole)


def _row(name: str, wall_s: float, cpu_s: float, peaks: Peaks, asked: StepCost | None) -> Row:
    memory = (peaks.process_mb, peaks.child_mb, peaks.together_mb)
    if asked is None or not asked.tokens:
        return Row(name, (wall_s, cpu_s, *memory, None, None, None))
    return Row(name, (wall_s, cpu_s, *memory, asked.tokens, asked.calls_s, peaks.model_cpu_s))


def _highest(peaks: Sequence[Peaks]) -> Peaks:
    def most(values: Iterable[float | None]) -> float | None:
        return max((v for v in values if v is not None), default=None)

    used = [p.model_cpu_s for p in peaks if p.model_cpu_s is not None]
    return Peaks(
        process_mb=most(p.process_mb for p in peaks),
        child_mb=most(p.child_mb for p in peaks),
        together_mb=most(p.together_mb for p in peaks),
        model_cpu_s=sum(used) if used else None,
    )


def read(arguments: Sequence[str]) -> tuple[list[Order], bool]:
    """The lives to measure, and whether JSON is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--genre", choices=pack_ids(), default=pack_ids()[0], help="genre pack")
    which.add_argument("--all-genres", action="store_true", help="every genre pack, in turn")
    parser.add_argument("--model", action="store_true", help="ask the configured model")
    parser.add_argument("--seed", type=int, default=7, help="seed of artist and song")
    parser.add_argument("--cover", type=int, default=3000, help="side of the cover in pixels")
    parser.add_argument("--form", help="another form, such as verse:4; unset: the pack's own")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args(arguments)
    genres = pack_ids() if given.all_genres else (given.genre,)
    orders = [
        Order(
            genre=genre,
            seed=given.seed,
            cover_px=given.cover,
            form=given.form,
            model=given.model,
        )
        for genre in genres
    ]
    return orders, given.json


def main() -> None:
    """Print one table a genre."""
    orders, as_json = read(sys.argv[1:])
    tables = []
    for order in orders:
        Console(stderr=True).print(f"measuring {order.genre} ...")
        life, watch = measure(order)
        tables.append(table(order, life, watch.between))
    print_tables(tables, as_json=as_json)


if __name__ == "__main__":
    main()
