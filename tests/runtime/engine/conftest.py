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


class Home(Protocol):
    def __call__(self, **handlers: JobHandler) -> Engine: ...


@pytest.fixture(params=["in_memory", "sqlite", "postgresql"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Makes one bare engine after another on the same home."""
    if request.param == "in_memory":
        jobs = InMemoryJobs()
        yield lambda: InMemoryEngine(jobs)
        return
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'engine.db'}"
        yield lambda: DbosEngine(url, "test", polling_interval_s=0.02)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database()
    yield lambda: DbosEngine(url, "test", polling_interval_s=0.02)
    server.drop_database(url)


@pytest.fixture
async def home(make: Callable[[], Engine]) -> AsyncIterator[Home]:
    """Makes engines with handlers on one home; each is stopped at the end of the test."""
    made: list[Engine] = []

    def engine(**handlers: JobHandler) -> Engine:
        new = make()
        for name, handler in handlers.items():
            new.register(name, handler)
        made.append(new)
        return new

    yield engine
    for old in made:
        await old.stop()
