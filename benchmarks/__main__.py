"""Run benchmarks by name: `python -m benchmarks [NAME ...] [--json]`; no name: the usual ones.

Each runs in a process of its own, so that the peak memory of one is not that of another. Options
that are not known here go to the benchmark itself: `python -m benchmarks cycle --all-genres`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from rich.console import Console


@dataclass(frozen=True)
class Benchmark:
    """A module of this package that measures something and prints a table."""

    name: str
    measures: str
    usual: bool = False
    json: bool = False


BENCHMARKS = (
    Benchmark("cycle", "a debut and a full cycle, step by step", usual=True, json=True),
    Benchmark("overhead", "what the house adds to a bare graph's step", usual=True, json=True),
    Benchmark("engine", "the durable queue: jobs a second, latency, idle cost", json=True),
    Benchmark("kill", "what is lost, stuck or doubled when processes die at random", json=True),
    Benchmark("soak", "a hundred artists at work, or a thousand idle ones", json=True),
    Benchmark("chat", "how soon an artist begins to speak", usual=True, json=True),
    Benchmark("latency", "what a person waits for while artists work", json=True),
    Benchmark(
        "house",
        "the API at 50 requests a second on a label with a long past",
        usual=True,
        json=True,
    ),
    Benchmark("music", "composing, rendering and judging songs", json=True),
    Benchmark("catalogue", "songs of every genre, made and judged without a human"),
    Benchmark("diversity", "how different songs are, inside a genre and between genres"),
    Benchmark("likeness", "melodies that repeat each other, and what an artist's songs share"),
    Benchmark("voice", "how well the singer is understood, in tune, and at what cost", json=True),
    Benchmark("bandits", "what learning from a simulated audience loses and gains", json=True),
    Benchmark("loop", "what the whole of learning gains on a simulated audience", json=True),
    Benchmark("evals", "how much of a model's parallel speed an evaluation keeps", json=True),
    Benchmark("evolution", "gepa against chance and greed on three tasks, and on noise", json=True),
    Benchmark("pictures", "drawing and encoding covers"),
    Benchmark("gateway", "how much of a model endpoint's speed the gateway keeps", json=True),
    Benchmark("memory", "how well and how fast an artist remembers"),
    Benchmark("lyrics", "what songs' words cost, share and copy, over many seeds"),
    Benchmark("trust", "how far tests, intervals, gate and alarms keep their word", json=True),
    Benchmark("models", "speed and answers of the configured model"),
)
NAMES = tuple(benchmark.name for benchmark in BENCHMARKS)
ALL = "all"
_LIST = ", ".join((*NAMES, ALL))


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    chosen: tuple[Benchmark, ...]
    options: tuple[str, ...] = ()
    json: bool = False


def read(arguments: Sequence[str]) -> Order:
    """Understand the command line; ends the process with a usage message when it cannot."""
    names = list(takewhile(lambda word: not word.startswith("-"), arguments))
    parser = _parser(own_help=not names)
    given, options = parser.parse_known_args(arguments[len(names) :])
    unknown = [name for name in names if name not in (*NAMES, ALL)]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; choose from {_LIST}")
    chosen = _chosen(names)
    if options and len(chosen) != 1:
        parser.error(f"first name the one benchmark that {' '.join(options)} is meant for")
    mute = [benchmark.name for benchmark in chosen if not benchmark.json]
    if given.json and mute:
        parser.error(f"{', '.join(mute)} cannot print JSON")
    return Order(chosen, tuple(options), given.json)


def _parser(*, own_help: bool) -> argparse.ArgumentParser:
    lines = [f"  {b.name:10}{b.measures}{' (usual)' if b.usual else ''}" for b in BENCHMARKS]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        usage="%(prog)s [NAME ...] [--json] [options of the one benchmark named]",
        description="Measure Greenroom. Benchmarks:\n" + "\n".join(lines),
        epilog=f"{ALL!r} names them all; none named: the usual ones.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=own_help,
    )
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    return parser


def _chosen(names: Sequence[str]) -> tuple[Benchmark, ...]:
    if ALL in names:
        return BENCHMARKS
    return tuple(b for b in BENCHMARKS if b.name in names or (not names and b.usual))


def _run(benchmark: Benchmark, order: Order) -> tuple[int, str]:
    """Exit code and, for JSON, what it printed."""
    options = ("--json", *order.options) if order.json else order.options
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{benchmark.name}", *options],
        check=False,
        stdout=subprocess.PIPE if order.json else None,
        text=True,
    )
    return done.returncode, done.stdout or ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when one of them failed."""
    order = read(sys.argv[1:] if arguments is None else arguments)
    console = Console(stderr=True)
    printed: dict[str, object] = {}
    failed = []
    for benchmark in order.chosen:
        console.rule(f"{benchmark.name}: {benchmark.measures}")
        code, text = _run(benchmark, order)
        if code != 0:
            failed.append(benchmark.name)
        elif order.json:
            printed[benchmark.name] = json.loads(text)
    if order.json:
        print(json.dumps(printed, indent=1))
    if failed:
        console.print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
