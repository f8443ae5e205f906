"""Every test that asks for `url` or `database` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from domain.event import Event
from store.database import Database
from store.migrate import upgrade
from store.tables import metadata
from store.unit import UnitOfWork
from tests.store import nouns
from tests.support.database import PostgresServer, empty


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database, without a schema."""
    if kind == "sqlite":
        yield sqlite_url(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.new_database()
    yield address
    server.drop_database(address)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file at head; a copy of it is ready sooner than a migration."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(upgrade(sqlite_url(folder)))
    return folder / "label.db"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """A database at head; tests take turns with it, for making one takes seconds when busy."""
    address = postgres.new_database()
    asyncio.run(upgrade(address))
    return address


@pytest.fixture
def migrated_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database at head, with nothing in it."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "label.db")
        yield sqlite_url(tmp_path)
        return
    address: str = request.getfixturevalue("migrated_postgres")
    yield address
    empty(address, [table.name for table in reversed(metadata.sorted_tables)])


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'label.db'}"


@pytest.fixture
def heard() -> list[Event]:
    """What `on_commit` was told."""
    return []


@pytest.fixture
async def database(migrated_url: str, heard: list[Event]) -> AsyncIterator[Database]:
    """A database at head, with nothing in it."""
    made = Database(migrated_url, on_commit=heard.extend)
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
    await unit.talks.add(nouns.talk())
    await unit.turns.add(nouns.turn())
    await unit.directives.add(nouns.directive())
    await unit.steerings.add(nouns.steering())
    await unit.users.add(nouns.user())
    await unit.invitations.add(nouns.invitation())
    await unit.sessions.add(nouns.session())
    await unit.keys.add(nouns.api_key())
    await unit.audit.add(nouns.audit_entry())
    await unit.kept_requests.add(nouns.kept_request())
