"""Attack a label and count what is left: `python -m tests.app.mayhem [--ground sqlite] ...`.

Prints one line of JSON; `python -m benchmarks kill` makes a table of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.app.mayhem.attack import Attack, Order, Outcome
from tests.app.mayhem.bluesky import bluesky
from tests.app.mayhem.grounds import Ground, lone_ground, shared_ground
from tests.app.mayhem.verdict import quantile
from tests.support.cluster import Shape


def attack(
    name: str,
    order: Order,
    folder: Path,
    *,
    posting: bool = False,
    shape: Shape | None = None,
) -> Outcome:
    """Attack a fresh label in a folder; with `posting` its artists are on Bluesky too."""
    with ExitStack() as stack:
        far = stack.enter_context(bluesky(order.seed)) if posting else None
        settings = {"channels_loopback": "true"} if posting else {}
        ground: Ground = (
            stack.enter_context(lone_ground(folder, settings))
            if name == "sqlite"
            else stack.enter_context(shared_ground(folder, shape, settings=settings))
        )
        return asyncio.run(Attack(ground, order, far).run())


def told(name: str, outcome: Outcome) -> dict[str, Any]:
    """The outcome in plain numbers."""
    verdict, recovered, far = outcome.verdict, outcome.recoveries_s, outcome.bluesky
    more = {"bluesky": asdict(far)} if far else {}
    return more | {
        "ground": name,
        "seed": outcome.seed,
        "took_s": round(outcome.took_s, 1),
        "strikes": dict(outcome.strikes),
        "runs": dict(verdict.runs),
        "actions": dict(verdict.actions),
        "posts": verdict.posts,
        "publish_calls": verdict.calls,
        "replayed": dict(outcome.replayed),
        "recoveries": len(recovered),
        "recovery_s": {
            "p50": quantile(recovered, 0.5),
            "p95": quantile(recovered, 0.95),
            "max": max(recovered, default=None),
        },
        "overlapped": len(outcome.overlapped_s),
        "overlapped_max_s": max(outcome.overlapped_s, default=None),
        "never_went_on": outcome.never,
        "load_mean": round(sum(outcome.loads) / max(1, len(outcome.loads)), 2),
        "wrong": verdict.wrong,
    }


def read(arguments: Sequence[str]) -> tuple[str, Order, Path | None, bool]:
    """Ground, order, where to leave everything for a look afterwards, whether to post afar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ground", choices=("shared", "sqlite"), default="shared")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=200, help="at least this many")
    parser.add_argument("--artists", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=0.0, help="go on at least this long")
    parser.add_argument("--pause", type=float, nargs=2, default=(5.0, 15.0), help="seconds")
    parser.add_argument("--bluesky", action="store_true", help="post on a real server as well")
    parser.add_argument("--keep", type=Path, help="a folder to leave everything in")
    given = parser.parse_args(arguments)
    order = Order(given.seed, given.runs, given.artists, given.minutes, tuple(given.pause))
    return given.ground, order, given.keep, given.bluesky


def main() -> None:
    """Attack, then tell; exit code 1 when something is not as it must be."""
    name, order, keep, posting = read(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="mayhem-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = attack(name, order, folder, posting=posting)
    sys.stdout.write(json.dumps(told(name, outcome)) + "\n")
    sys.exit(bool(outcome.verdict.wrong or outcome.never))


if __name__ == "__main__":
    main()
