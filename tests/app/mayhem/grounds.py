"""Where the attack takes place: a cluster on PostgreSQL, Redis and Chroma, or one process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from tests.app.mayhem.books import Books
from tests.app.mayhem.plan import ALONE, SHARED, Blow, Kind
from tests.app.mayhem.recorder import ADDRESS, Recorder, recorder
from tests.app.mayhem.script import write_script
from tests.support.api import Api
from tests.support.cluster import TOKEN, Cluster, Shape, cluster, quick, until
from tests.support.process import Process, free_port, listens

WORKER_NAME = "worker-name"
ROLE = "tests.app.mayhem.role"
START_LIMIT_S = 90.0
# What a test may change on the way to a short attack; the default of the product is 8.
DEAD_S = 6.0
# Here runs lose worker after worker through no fault of their own.
HARDY = {"run_deaths": "1000"}


@dataclass(frozen=True)
class Strike:
    """A blow as it fell: on whom, when, and which runs that process was at work on."""

    kind: Kind
    victim: str
    at: datetime
    held: tuple[str, ...] = ()


class Ground(Protocol):
    """A label that can be attacked."""

    kinds: Mapping[Kind, int]
    books: Books
    recorder: Recorder
    dead_s: float
    database_url: str

    @property
    def apis(self) -> list[Api]:
        """Every API process."""

    async def strike(self, blow: Blow) -> Strike | None:
        """Let a blow fall and bring back what it felled; None where nobody is left to be hit."""

    def logs(self) -> str:
        """The ends of all logs."""

    def processes(self) -> list[Process]:
        """All processes of the label."""


class SharedGround:
    """Many processes over real servers."""

    kinds = SHARED

    def __init__(self, label: Cluster, books: Books, kept: Recorder, dead_s: float) -> None:
        self._label = label
        self._frozen: set[str] = set()
        self.books, self.recorder, self.dead_s = books, kept, dead_s
        self.database_url = label.database_url

    @property
    def apis(self) -> list[Api]:
        """Every API process."""
        return self._label.apis

    def logs(self) -> str:
        """The ends of all logs."""
        return self._label.logs()

    def processes(self) -> list[Process]:
        """All processes of the label."""
        return self._label.processes

    async def strike(self, blow: Blow) -> Strike | None:
        """Let a blow fall on the part that its kind names."""
        verb, _, what = blow.kind.partition(" ")
        if verb == "restart":
            return await self._restart(blow, what)
        standing = [p for p in self._label.role(what) if self._stands(p)]
        # Somebody must be left to take the runs: else the time a process starts in is measured.
        if len(standing) < (2 if what == "worker" else 1):
            return None
        victim = standing[blow.which % len(standing)]
        name = self._name_file(victim).read_text()
        strike = Strike(blow.kind, victim.name, datetime.now(UTC))
        if verb == "kill":
            victim.kill()
            held = await self.books.held_by(name)
            self._name_file(victim).unlink()
            victim.start()
        else:
            self._frozen.add(victim.name)
            victim.freeze()
            held = await self.books.held_by(name)
            await asyncio.sleep(blow.lasts_s)
            victim.thaw()
            self._frozen.discard(victim.name)
        return Strike(strike.kind, strike.victim, strike.at, tuple(held))

    def _stands(self, process: Process) -> bool:
        """Whether it has come up, and is neither dead nor frozen."""
        up = process.alive and process.name not in self._frozen
        return up and self._name_file(process).exists()

    def _name_file(self, process: Process) -> Path:
        return self._label.folder / process.name / WORKER_NAME

    async def _restart(self, blow: Blow, what: str) -> Strike:
        strike = Strike(blow.kind, what, datetime.now(UTC))
        if what == "database":
            await asyncio.to_thread(self._label.postgres.restart, away_s=blow.lasts_s)
        elif what == "redis":
            await asyncio.to_thread(self._label.redis.kill)
            await asyncio.sleep(blow.lasts_s)
            await asyncio.to_thread(self._label.redis.start)
        else:
            self._label.chroma.kill()
            await asyncio.sleep(blow.lasts_s)
            self._label.chroma.start()
        return strike


class LoneGround:
    """One process that is everything, on SQLite in its home."""

    kinds = ALONE

    def __init__(self, process: Process, api: Api, home: Path, kept: Recorder) -> None:
        self._process = process
        self._api = api
        self.database_url = f"sqlite+aiosqlite:///{home / 'label.db'}"
        self.books, self.recorder, self.dead_s = Books(self.database_url), kept, DEAD_S

    @property
    def apis(self) -> list[Api]:
        """The one."""
        return [self._api]

    def logs(self) -> str:
        """The end of its log."""
        return self._process.log()

    def processes(self) -> list[Process]:
        """The one."""
        return [self._process]

    async def strike(self, blow: Blow) -> Strike | None:
        """Kill it and start it again, or let it freeze and thaw."""
        if not self._process.alive:
            return None
        at = datetime.now(UTC)
        if blow.kind == "freeze all-in-one":
            self._process.freeze()
            await asyncio.sleep(blow.lasts_s)
            self._process.thaw()
            return Strike(blow.kind, "serve", at)
        self._process.kill()
        held = await self.books.held_by("owner")
        self._process.start()
        return Strike(blow.kind, "serve", at, tuple(held))


@contextmanager
def shared_ground(
    folder: Path, shape: Shape | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[SharedGround]:
    """Two API processes, three workers, two schedulers, unless another shape is given."""
    shape = replace(shape or Shape(schedulers=2), module=ROLE)
    script = write_script(folder)
    whole = {"worker_dead_s": str(DEAD_S), "model_script": str(script), **HARDY, **(settings or {})}
    with (
        recorder() as kept,
        cluster(folder, shape, {ADDRESS: kept.url}, whole) as label,
        closing(Books(label.database_url)) as books,
    ):
        yield SharedGround(label, books, kept, float(whole["worker_dead_s"]))


@contextmanager
def lone_ground(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[LoneGround]:
    """`serve` on SQLite."""
    home, port = folder / "home", free_port()
    home.mkdir()
    own = {"home": str(home), "port": str(port), "token": TOKEN}
    own |= {"model_script": str(write_script(folder)), **HARDY, **(settings or {})}
    with recorder() as kept:
        environment = {**quick(own), ADDRESS: kept.url}
        process = Process("serve", ("-m", ROLE, "all"), environment, folder)
        with process:
            listens(port, START_LIMIT_S, process)
            api = Api(f"http://127.0.0.1:{port}", TOKEN)
            until(api.up, START_LIMIT_S, process.log)
            ground = LoneGround(process, api, home, kept)
            with closing(ground.books):
                yield ground
