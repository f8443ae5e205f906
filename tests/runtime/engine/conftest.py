"""A label's home that outlives its engines, once per implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from domain.ports.engine import Engine, JobHandler
from runtime.engine.dbos_engine import DbosEngine
from runtime.engine.in_memory import InMemoryEngine, InMemoryJobs
from tests.support.database import PostgresServer

WORKER = "test"
# Makes a bare engine on the same home: name, how many jobs at once, whether it takes any.
Make = Callable[[str, int, bool], Engine]


class Home(Protocol):
    def __call__(
        self, *, worker_id: str = ..., parallel: int = ..., executes: bool = ..., **h: JobHandler
    ) -> Engine: ...


@pytest.fixture(params=["in_memory", "sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes one bare engine after another on the same home."""
    if request.param == "in_memory":
        jobs = InMemoryJobs()
        yield lambda name, parallel, executes: InMemoryEngine(
            jobs, name, parallel=parallel, executes=executes
        )
        return
    server: PostgresServer | None = None
    url = f"sqlite+aiosqlite:///{tmp_path / 'engine.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.new_database()
    yield lambda name, parallel, executes: DbosEngine(
        url, name, parallel=parallel, polling_interval_s=0.02, dead_after_s=1.0, executes=executes
    )
    if server is not None:
        server.drop_database(url)


@pytest.fixture
async def home(make: Make) -> AsyncIterator[Home]:
    """Makes engines with handlers on one home; each is stopped at the end of the test."""
    made: list[Engine] = []

    def engine(
        *, worker_id: str = WORKER, parallel: int = 8, executes: bool = True, **h: JobHandler
    ) -> Engine:
        new = make(worker_id, parallel, executes)
        for name, handler in h.items():
            new.register(name, handler)
        made.append(new)
        return new

    yield engine
    for old in made:
        await old.stop()
