"""A label's home that outlives its engines, once per implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest

from domain.ports.engine import Engine, JobHandler
from runtime.engine.dbos_engine import DbosEngine
from runtime.engine.in_memory import InMemoryEngine, InMemoryJobs


class Home(Protocol):
    def __call__(self, **handlers: JobHandler) -> Engine: ...


def in_memory_home(tmp_path: Path) -> Callable[[], Engine]:
    jobs = InMemoryJobs()
    return lambda: InMemoryEngine(jobs)


def sqlite_home(tmp_path: Path) -> Callable[[], Engine]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'engine.db'}"
    return lambda: DbosEngine(url, "test", polling_interval_s=0.02)


HOMES = {"in_memory": in_memory_home, "sqlite": sqlite_home}


@pytest.fixture(params=HOMES)
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    """Makes engines on one home; each is stopped at the end of the test."""
    make = HOMES[request.param](tmp_path)
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
