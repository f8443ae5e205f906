"""A label that is scaled out, on one machine: real PostgreSQL, Redis and Chroma, real processes.

`cluster(folder)` starts the servers and `python -m app api|worker|scheduler` with quick settings
and a scripted model. Every process has a home of its own, as if it ran on a host of its own; they
share what hosts share: the databases, the folder of media, the secrets.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.support.api import Api
from tests.support.database import PostgresServer, postgres_server
from tests.support.homes import QUICK
from tests.support.process import Process, free_port, listens
from tests.support.redis import RedisServer, redis_server

TOKEN = "cluster-token-of-a-test"
START_LIMIT_S = 90.0
T = TypeVar("T")


@dataclass(frozen=True)
class Shape:
    """How many processes of each role; `module` is what `python -m` runs them by."""

    apis: int = 2
    workers: int = 3
    schedulers: int = 1
    module: str = "app"


@dataclass
class Cluster:
    """A running label of many processes."""

    folder: Path
    postgres: PostgresServer
    redis: RedisServer
    chroma: Process
    environment: Mapping[str, str]
    module: str
    database_url: str
    processes: list[Process] = field(default_factory=list)
    apis: list[Api] = field(default_factory=list)
    _ports: dict[str, int] = field(default_factory=dict)

    def role(self, role: str) -> list[Process]:
        """The processes of a role: `api`, `worker` or `scheduler`."""
        return [p for p in self.processes if p.name.startswith(role)]

    def process(self, name: str) -> Process:
        """A process by its name, such as `worker-2`."""
        return next(p for p in self.processes if p.name == name)

    def start(self, role: str, number: int, **changes: str) -> Process:
        """Start one more process; an API process also gets its place in `apis`."""
        name, port = f"{role}-{number}", free_port()
        home = self.folder / name
        home.mkdir(exist_ok=True)
        # PostgreSQL then tells whose connection is whose.
        own = {"GREENROOM_HOME": str(home), "PGAPPNAME": name}
        if role == "api":
            own["GREENROOM_PORT"] = str(port)
            self.apis.append(Api(f"http://127.0.0.1:{port}", TOKEN))
        else:
            own["GREENROOM_METRICS_PORT"] = str(port)
        environment = {**self.environment, **own, **changes}
        process = Process(name, ("-m", self.module, role), environment, self.folder)
        process.start()
        self.processes.append(process)
        self._ports[name] = port
        return process

    def start_all(self, shape: Shape) -> None:
        """Start every process of a shape, and wait until all answer."""
        counts = {"api": shape.apis, "worker": shape.workers, "scheduler": shape.schedulers}
        for role, count in counts.items():
            for number in range(1, count + 1):
                self.start(role, number)
        self.ready()

    def ready(self, *processes: Process) -> None:
        """Wait until these, or all, answer."""
        for process in processes or self.processes:
            if process.name.startswith("api"):
                listens(self._ports[process.name], START_LIMIT_S, process)
            until(lambda p=process: self._stands(p), START_LIMIT_S, process.log)  # type: ignore[misc]

    def _stands(self, process: Process) -> bool:
        assert process.alive, f"{process.name} ended:\n{process.log()}"
        if process.name.startswith("api"):
            return Api(f"http://127.0.0.1:{self._ports[process.name]}", TOKEN).up()
        return process.says("takes runs") or process.says("stands by")

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"--- {p.name}\n{p.log()}" for p in self.processes)


@contextmanager
def cluster(
    folder: Path,
    shape: Shape | None = None,
    extra: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    *,
    start: bool = True,
) -> Iterator[Cluster]:
    """Servers and processes, all ready; `settings` are of every process.

    `extra` are environment variables that are no settings.
    """
    shape = shape or Shape()
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        redis = stack.enter_context(redis_server())
        chroma, chroma_port = _chroma(folder, stack)
        database_url = postgres.new_database()
        shared = {
            "database_url": database_url,
            "redis_url": redis.url,
            "chroma_url": f"http://127.0.0.1:{chroma_port}",
            "media_url": (folder / "media").as_uri(),
            "secrets_dir": str(folder / "secrets"),
            "token": TOKEN,
            **(settings or {}),
        }
        made = Cluster(
            folder=folder,
            postgres=postgres,
            redis=redis,
            chroma=chroma,
            environment={**quick(shared), **(extra or {})},
            module=shape.module,
            database_url=database_url,
        )
        stack.callback(_end, made)
        if start:
            made.start_all(shape)
        yield made


def until(holds: Callable[[], T], limit_s: float, tell: Callable[[], str]) -> T:
    """Wait until something holds, and return it; fails with what `tell` says."""
    deadline = time.monotonic() + limit_s
    while not (found := holds()):
        assert time.monotonic() < deadline, tell()
        time.sleep(0.1)
    return found


def quick(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process with quick settings, and these."""
    # What passes is tried again, as in a real label.
    base = {name: str(value) for name, value in QUICK.items() if name != "run_retries"}
    given = {f"GREENROOM_{name.upper()}": value for name, value in {**base, **settings}.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GREENROOM_")}
    return {**kept, **given, "NO_COLOR": "1", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


def _chroma(folder: Path, stack: ExitStack) -> tuple[Process, int]:
    port = free_port()
    arguments: Sequence[str] = (
        str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder / "chroma"),
        "--host", "127.0.0.1", "--port", str(port),
    )  # fmt: skip
    process = stack.enter_context(Process("chroma", arguments, os.environ, folder))
    listens(port, START_LIMIT_S, process)
    return process, port


def _end(cluster: Cluster) -> None:
    for process in cluster.processes:
        process.__exit__()
