"""Attacks a label for as long as asked: `python -m benchmarks.kill [--minutes 30] [--seed 1]`.

Hundreds of runs with a scripted model, while processes are killed and frozen, and databases
restarted, by a seeded plan: first on PostgreSQL, Redis and Chroma with three workers, then in one
process on SQLite. Afterwards every run, post, release and memory is counted. The attack itself is
`python -m tests.app.mayhem`, of which `make test` runs a short form.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.table import Column, Row, Table, print_tables

ROOT = Path(__file__).resolve().parent.parent
GROUNDS = ("shared", "sqlite")
TITLES = {"shared": "PostgreSQL, Redis, Chroma; 2 API, 3 workers, 2 schedulers", "sqlite": "SQLite"}
RECOVERY_S = 15.0
CONTROL_LOOPS = 3_000_000
# One process starts anew after each blow: it needs longer between two of them.
PAUSE_S = {"shared": ("5", "15"), "sqlite": ("15", "30")}


def attack(ground: str, given: argparse.Namespace) -> dict[str, Any]:
    """What the attack says in the end."""
    command = [sys.executable, "-m", "tests.app.mayhem", "--ground", ground]
    command += ["--seed", str(given.seed), "--runs", str(given.runs)]
    command += ["--artists", str(given.artists), "--minutes", str(given.minutes)]
    command += ["--pause", *PAUSE_S[ground]]
    if given.bluesky and ground == "shared":
        command.append("--bluesky")
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        raise RuntimeError("the attack did not come to its end; its error is above")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def control_s() -> float:
    """What the same sum takes now, to tell a busy machine from a slow label."""
    began = time.perf_counter()
    sum(range(CONTROL_LOOPS))
    return time.perf_counter() - began


def table(told: dict[str, Any], control: tuple[float, float]) -> Table:
    """What was struck, what ended, what stands, and how fast it went on."""
    strikes, recovered = told["strikes"], told["recovery_s"]
    runs = sum(told["runs"].values())
    rows = [
        Row("kills (SIGKILL)", (_of(strikes, "kill"), None)),
        Row("freezes (SIGSTOP longer than a worker may be silent)", (_of(strikes, "freeze"), None)),
        Row("restarts of a server", (_of(strikes, "restart"), None)),
        Row("runs begun", (runs, None)),
        Row("runs that ended well", (told["runs"].get("succeeded", 0), runs)),
        Row("dead letters that a person replayed", (sum(told["replayed"].values()), 0)),
        Row("posts", (told["posts"], None)),
        Row("calls to publish them", (told["publish_calls"], None)),
        Row("things lost, stuck or doubled", (len(told["wrong"]), 0)),
        Row("runs whose worker was struck", (told["recoveries"] + told["overlapped"], None)),
        Row("that went on nowhere", (len(told["never_went_on"]), 0)),
        Row("recovery, p50, s", (recovered["p50"], None)),
        Row("recovery, p95, s", (recovered["p95"], None)),
        Row("recovery, longest, s", (recovered["max"], RECOVERY_S)),
        Row("recovery with another blow in between, longest, s", (told["overlapped_max_s"], None)),
    ]
    if "bluesky" in told:
        kept = told["bluesky"]
        rows.append(Row("posts for Bluesky", (kept["posts"], None)))
        rows.append(Row("posts standing on Bluesky", (kept["standing"], kept["posts"])))
        rows.append(Row("connections cut on the way there", (kept["cuts"], None)))
    return Table(
        title=f"{TITLES[told['ground']]}; seed {told['seed']}, {told['took_s'] / 60:.1f} minutes",
        columns=(Column("counted", 1), Column("wanted", 1)),
        rows=tuple(rows),
        baseline=rows[0].name,
        notes=(
            f"Load average {told['load_mean']} (mean) on {os.cpu_count()} cores; the control took "
            f"{control[0]:.2f} s before and {control[1]:.2f} s after.",
            f"Runs by what they did: {told['actions']}.",
            f"Dead letters by what they said: {told['replayed']}.",
            *told["wrong"][:20],
        ),
    )


def _of(strikes: dict[str, int], verb: str) -> int:
    return sum(count for kind, count in strikes.items() if kind.startswith(verb))


def main() -> int:
    """Print one table a ground; 1 when something was lost, stuck, doubled or late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ground", choices=(*GROUNDS, "both"), default="both")
    parser.add_argument("--minutes", type=float, default=0.0, help="go on at least this long")
    parser.add_argument("--runs", type=int, default=200, help="at least this many on each ground")
    parser.add_argument("--artists", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bluesky", action="store_true", help="publish on a real server as well")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    given = parser.parse_args()
    tables = []
    wrong = 0
    for ground in GROUNDS if given.ground == "both" else (given.ground,):
        Console(stderr=True).print(f"attacking: {TITLES[ground]} ...")
        before = control_s()
        told = attack(ground, given)
        wrong += len(told["wrong"]) + len(told["never_went_on"]) + sum(told["replayed"].values())
        wrong += (told["recovery_s"]["max"] or 0.0) > RECOVERY_S
        tables.append(table(told, (before, control_s())))
    print_tables(tables, as_json=given.json)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
