"""Every test that asks for `url` or `database` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.event import Event
from store.database import Database
from store.migrate import upgrade
from store.unit import UnitOfWork
from tests.store import nouns
from tests.support.database import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database, without a schema."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.new_database()
    yield address
    server.drop_database(address)


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'label.db'}"


@pytest.fixture
def heard() -> list[Event]:
    """What `on_commit` was told."""
    return []


@pytest.fixture
async def database(url: str, heard: list[Event]) -> AsyncIterator[Database]:
    """A database at head, with nothing in it."""
    await upgrade(url)
    made = Database(url, on_commit=heard.extend)
    yield made
    await made.close()


@pytest.fixture
async def label(database: Database) -> Database:
    """A database with two artists, and a run, a work, a release and a post of the first."""
    async with database.unit() as unit:
        await populate(unit)
        await unit.commit()
    return database


async def populate(unit: UnitOfWork) -> None:
    await unit.artists.add(nouns.artist())
    await unit.artists.add(nouns.artist("artist_02"))
    await unit.runs.add(nouns.run())
    await unit.works.add(nouns.work())
    await unit.releases.add(nouns.release())
    await unit.posts.add(nouns.post())
