"""What a database does to its users: restarts, cut connections, deadlocks, a full disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from domain.errors import DiskFull, EnvironmentProblem
from store import engine
from store.database import Database
from store.failures import told
from store.migrate import upgrade
from store.unit import UnitOfWork
from tests.store import nouns
from tests.store.conftest import sqlite_url
from tests.support.database import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of its own, which tests may stop."""
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="module")
def migrated(server: PostgresServer) -> str:
    address = server.new_database()
    asyncio.run(upgrade(address))
    return address


@pytest.fixture
async def database(migrated: str) -> AsyncIterator[Database]:
    made = Database(migrated)
    await _clear(made)
    yield made
    await made.close()


async def _clear(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM artists"))


async def _artists(database: Database) -> int:
    async with database.unit() as unit:
        return len(await unit.artists.page())


async def test_a_restart_between_units_is_not_noticed(
    database: Database, server: PostgresServer
) -> None:
    await asyncio.gather(*(_artists(database) for _ in range(8)))
    await asyncio.to_thread(server.restart)
    assert await asyncio.gather(*(_artists(database) for _ in range(8))) == [0] * 8


async def test_a_restart_within_a_unit_is_told_and_leaves_nothing(
    database: Database, server: PostgresServer
) -> None:
    async with database.unit() as unit:
        await unit.artists.add(nouns.artist())
        await asyncio.to_thread(server.restart)
        with pytest.raises(EnvironmentProblem) as raised:
            await unit.artists.add(nouns.artist("artist_02"))
    assert raised.value.passing
    assert await _artists(database) == 0


async def test_what_was_read_counts_although_the_connection_is_cut_before_it_is_given_back(
    database: Database, server: PostgresServer
) -> None:
    async with database.unit() as unit:
        assert await unit.artists.page() == []
        await asyncio.to_thread(server.restart)
    assert database.connections()["in_use"] == 0
    assert await _artists(database) == 0


async def test_a_restart_before_the_commit_is_told(
    database: Database, server: PostgresServer
) -> None:
    async with database.unit() as unit:
        await unit.artists.add(nouns.artist())
        await asyncio.to_thread(server.restart)
        with pytest.raises(EnvironmentProblem):
            await unit.commit()
    assert await _artists(database) == 0


async def test_a_unit_goes_on_failing_after_it_was_cut(
    database: Database, server: PostgresServer
) -> None:
    async with database.unit() as unit:
        await unit.artists.add(nouns.artist())
        await asyncio.to_thread(server.restart)
        for _ in range(2):
            with pytest.raises(EnvironmentProblem):
                await unit.artists.get("artist_01")
        with pytest.raises(EnvironmentProblem):
            await unit.commit()


async def test_a_server_that_is_away_is_told(database: Database, server: PostgresServer) -> None:
    server.stop()
    try:
        with pytest.raises(EnvironmentProblem) as raised:
            await _artists(database)
        assert raised.value.passing
        assert "GREENROOM_DATABASE_URL" in (raised.value.remedy or "")
        with pytest.raises(EnvironmentProblem):
            async with database.session():
                raise AssertionError("there is no connection to give")
    finally:
        server.start()
    assert await _artists(database) == 0


END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_connection_that_an_administrator_ends_is_told(
    database: Database, migrated: str
) -> None:
    other = Database(migrated)
    async with database.unit() as unit:
        await unit.artists.page()
        async with other.engine.connect() as connection:
            await connection.execute(text(END_OTHERS))
        with pytest.raises(EnvironmentProblem) as raised:
            await unit.artists.page()
    assert raised.value.passing
    await other.close()


async def test_of_two_that_wait_for_each_other_one_is_told_to_try_again(
    database: Database,
) -> None:
    async def change(first: str, second: str, gate: asyncio.Barrier) -> None:
        async with database.unit() as unit:
            one, two = await unit.artists.get(first), await unit.artists.get(second)
            await unit.artists.save(one)
            await gate.wait()
            await unit.artists.save(two)
            await unit.commit()

    async with database.unit() as unit:
        await unit.artists.add(nouns.artist())
        await unit.artists.add(nouns.artist("artist_02"))
        await unit.commit()
    gate = asyncio.Barrier(2)
    ended = await asyncio.gather(
        change("artist_01", "artist_02", gate),
        change("artist_02", "artist_01", gate),
        return_exceptions=True,
    )
    [lost] = [error for error in ended if error is not None]
    assert isinstance(lost, EnvironmentProblem)
    assert lost.passing
    assert "waited for each other" in lost.message


async def test_who_freezes_in_a_unit_does_not_keep_others_for_ever(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_IN_UNIT_MS", 300)
    frozen, other = Database(migrated), Database(migrated)
    async with frozen.unit() as unit:
        await unit.lock("greenroom.events")
        async with asyncio.timeout(10), other.unit() as waiting:
            await waiting.lock("greenroom.events")
        with pytest.raises(EnvironmentProblem) as raised:
            await unit.commit()
    assert raised.value.passing
    await frozen.close()
    await other.close()


async def test_a_lock_that_is_kept_too_long_is_told(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 200)
    first, second = Database(migrated), Database(migrated)
    async with first.unit() as unit:
        await unit.lock("key")
        with pytest.raises(EnvironmentProblem, match="kept a lock"):
            async with second.unit() as waiting:
                await waiting.lock("key")
    await first.close()
    await second.close()


async def test_no_free_connection_is_told(
    database: Database, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SPARE_CONNECTIONS", 0)
    monkeypatch.setattr(engine, "CONNECTION_WITHIN_S", 0.2)
    small = Database(migrated, connections=1)
    async with small.unit():
        with pytest.raises(EnvironmentProblem, match="no connection") as raised:
            await _artists(small)
    assert "GREENROOM_CONCURRENCY" in (raised.value.remedy or "")
    assert await _artists(small) == 0
    await small.close()


async def test_a_mistake_of_ours_is_not_taken_for_the_databases(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    async with database.engine.connect() as connection:
        with pytest.raises(OperationalError, match="syntax"), told():
            await connection.execute(text("SELEKT 1"))
    await database.close()


async def test_a_full_disk_of_sqlite_is_told(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        connection = unit._connection
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(DiskFull) as raised:
            await _add(unit, 500)
    assert raised.value.passing
    assert raised.value.remedy
    await database.close()
    again = Database(url)
    assert await _artists(again) == 0
    await again.close()


async def _add(unit: UnitOfWork, artists: int) -> None:
    for number in range(artists):
        await unit.artists.add(nouns.artist(f"artist_{number:04}"))


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "label.db").write_bytes(b"not a database at all" * 100)
    database = Database(sqlite_url(tmp_path))
    with pytest.raises(EnvironmentProblem, match="not a database"):
        await _artists(database)
    await database.close()


async def test_a_file_kept_busy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 100)
    url = sqlite_url(tmp_path)
    await upgrade(url)
    other = sqlite3.connect(tmp_path / "label.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = Database(url)
    async with database.unit() as unit:
        with pytest.raises(EnvironmentProblem, match="busy"):
            await unit.artists.add(nouns.artist())
    other.close()
    await database.close()
