"""A label for benchmarks, held by this process: `python -m tests.support.running FOLDER [...]`.

Benchmarks stand below the tests and may not import them, so they talk to this process. It prints
the database's address, waits for a line, starts the label and prints where it answers and which
processes it is, all as lines of JSON; when its input ends, it ends everything.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.api import Api
from tests.support.cluster import TOKEN, Shape, cluster, quick, until
from tests.support.process import Process, free_port, listens

START_LIMIT_S = 90.0


@contextmanager
def alone(folder: Path, settings: dict[str, str]) -> Iterator[tuple[str, Process, Api]]:
    """`serve` on SQLite, not started yet; gives the database's address, the process, its API."""
    home, port = folder / "home", free_port()
    home.mkdir(exist_ok=True)
    own = {"home": str(home), "port": str(port), "token": TOKEN, **settings}
    process = Process("serve", ("-m", "app", "serve"), quick(own), folder)
    try:
        url = f"sqlite+aiosqlite:///{home / 'label.db'}"
        yield url, process, Api(f"http://127.0.0.1:{port}", TOKEN)
    finally:
        process.__exit__()


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _hear() -> bool:
    return bool(sys.stdin.readline())


def _run_alone(folder: Path, settings: dict[str, str]) -> None:
    with alone(folder, settings) as (url, process, api):
        _say(database_url=url)
        if _hear():
            process.start()
            listens(int(api.url.rpartition(":")[2]), START_LIMIT_S, process)
            until(api.up, START_LIMIT_S, process.log)
            _say(apis=[api.url], token=TOKEN, pids={"serve": process.pid})
            _hear()


def _run_apart(folder: Path, shape: Shape, settings: dict[str, str]) -> None:
    with cluster(folder, shape, settings=settings, start=False) as label:
        _say(database_url=label.database_url)
        if _hear():
            label.start_all(shape)
            pids = {p.name: p.pid for p in label.processes}
            _say(apis=[api.url for api in label.apis], token=TOKEN, pids=pids)
            _hear()


def main() -> None:
    """Hold the label that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--apis", type=int, default=0, help="0: everything in one process")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--schedulers", type=int, default=1)
    parser.add_argument("--settings", type=json.loads, default={}, help="a JSON object")
    given = parser.parse_args()
    if given.apis == 0:
        _run_alone(given.folder, given.settings)
    else:
        shape = Shape(given.apis, given.workers, given.schedulers)
        _run_apart(given.folder, shape, given.settings)


if __name__ == "__main__":
    main()
