from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, delete, inspect, select, text

from domain.errors import EnvironmentProblem, InvalidInput, PartMissing
from domain.memory import MEMORY_KINDS
from store.database import Database
from store.engine import make_engine
from store.memory_records import SqlMemoryRecords
from store.migrate import current, downgrade, head, upgrade
from store.tables import metadata
from store.usage import SqlUsageLedger
from tests.store import nouns
from tests.store.conftest import populate, sqlite_url
from tests.store.dump import DATA, load

WORD_SEARCH = ("memory_search", "word_search")


async def _ask(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = make_engine(url)
    async with engine.connect() as connection:
        rows = [tuple(row) for row in await connection.execute(text(statement))]
    await engine.dispose()
    return rows


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def _differences(url: str) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_object": _is_declared,
            },
        )
        return list(compare_metadata(context, metadata))

    engine = make_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


def _is_declared(
    thing: object, name: str | None, kind: str, reflected: bool, _other: object
) -> bool:
    """Leave out the word search, which differs between the databases by design."""
    if kind == "table":
        return not str(name).startswith(WORD_SEARCH)
    return name not in ("search", "ix_memory_records_search", "ix_search_entries_search")


async def test_the_migrated_schema_is_the_declared_one(url: str) -> None:
    await upgrade(url)
    assert await _differences(url) == []


async def test_a_drift_would_be_seen(url: str) -> None:
    await upgrade(url)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_works_run_id"))
        await connection.execute(text("ALTER TABLE posts ADD COLUMN extra INTEGER"))
    await engine.dispose()
    assert len(await _differences(url)) == 2


async def test_up_down_and_up_again(url: str) -> None:
    await upgrade(url)
    assert await current(url) == head()
    await downgrade(url, "base")
    assert await current(url) is None
    engine = make_engine(url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_tables) == {"alembic_version"}
    await engine.dispose()
    await upgrade(url)
    assert await current(url) == head()
    assert await _differences(url) == []


async def test_a_second_upgrade_changes_nothing(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        await populate(unit)
        await unit.commit()
    await upgrade(url)
    async with database.unit() as unit:
        assert await unit.works.get("work_01") == nouns.work()
    await database.close()


async def test_a_full_label_can_be_taken_down(url: str) -> None:
    await upgrade(url)
    await load(url, DATA / "0001.sql")
    await downgrade(url, "base")
    assert await current(url) is None


UPGRADE_AT_THE_SIGNAL = """
import asyncio, sys
import store.migrate
print("ready", flush=True)
sys.stdin.readline()
asyncio.run(store.migrate.upgrade(sys.argv[1]))
"""


async def test_upgrades_at_the_same_time_wait_for_one_another(url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE_AT_THE_SIGNAL, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, errors = await asyncio.to_thread(process.communicate, timeout=120)
        assert process.returncode == 0, errors
    assert await current(url) == head()


async def test_an_upgrade_that_fails_leaves_nothing_behind(url: str) -> None:
    engine = make_engine(url)
    async with engine.begin() as connection:
        # The last table the migration makes is in its way.
        await connection.execute(text("CREATE TABLE usage_records (in_the_way INTEGER)"))
    await engine.dispose()
    with pytest.raises(Exception, match="usage_records"):
        await upgrade(url)
    assert await current(url) is None
    engine = make_engine(url)
    async with engine.connect() as connection:
        assert await connection.run_sync(_tables) == {"usage_records"}
    await engine.dispose()


async def test_ready_names_the_command_until_the_schema_is_there(url: str) -> None:
    database = Database(url)
    with pytest.raises(PartMissing) as raised:
        await database.ready()
    assert "greenroom db upgrade" in (raised.value.remedy or "")
    await upgrade(url)
    await database.ready()
    await database.close()


async def test_ready_makes_no_file(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "deep" / "home"))
    with pytest.raises(PartMissing):
        await database.ready()
    await database.close()
    assert list(tmp_path.iterdir()) == []


async def test_ready_knows_a_database_from_the_future(url: str) -> None:
    await upgrade(url)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    database = Database(url)
    with pytest.raises(PartMissing, match="9999") as raised:
        await database.ready()
    assert "newer" in (raised.value.remedy or "")
    await database.close()
    with pytest.raises(PartMissing, match="9999"):
        await upgrade(url)
    assert await current(url) == "9999"


async def test_using_an_empty_database_names_the_command(url: str) -> None:
    database = Database(url)
    with pytest.raises(PartMissing) as raised:
        async with database.unit() as unit:
            await unit.artists.page()
    assert "greenroom db upgrade" in (raised.value.remedy or "")
    await database.close()


async def test_the_folder_is_made(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "deep" / "home")
    await upgrade(url)
    assert await current(url) == head()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EnvironmentProblem) as raised:
        await upgrade(sqlite_url(tmp_path / "file" / "home"))
    assert "GREENROOM_HOME" in (raised.value.remedy or "")


async def test_an_unknown_driver_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="mysql") as raised:
        Database("mysql://localhost/label")
    assert raised.value.field == "database_url"


async def test_sqlite_writes_through_to_the_disk(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await upgrade(url)
    assert await _ask(url, "PRAGMA journal_mode") == [("wal",)]
    assert await _ask(url, "PRAGMA synchronous") == [(2,)]
    assert await _ask(url, "PRAGMA foreign_keys") == [(1,)]


@pytest.mark.parametrize("dump", sorted(p.name for p in DATA.glob("*.sql")))
async def test_a_label_of_every_released_revision_reads_whole(url: str, dump: str) -> None:
    await upgrade(url, Path(dump).stem)
    await load(url, DATA / dump)
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        assert await unit.artists.get("artist_01") == nouns.artist()
        assert await unit.profiles.latest("artist_01") == nouns.profile()
        assert await unit.runs.of_artist("artist_02") == [
            nouns.run("run_02", ("artist_01", "artist_02"))
        ]
        assert await unit.steps.of_run("run_01") == [nouns.step()]
        assert await unit.works.get("work_01") == nouns.work()
        assert await unit.releases.get("release_01") == nouns.release()
        assert await unit.posts.get("post_01") == nouns.post()
        assert await unit.approvals.get("approval_01") == nouns.approval()
        assert await unit.attempts.by_key("run_01:publish") == nouns.attempt()
        assert await unit.stage.by_key("post_01") == nouns.stage()
        assert await unit.audience.comments(artist_id="artist_01") == [nouns.audience()]
        [event] = await unit.events.after(0)
        assert event == nouns.event(id=event.id)
        # New rows get numbers behind the loaded ones.
        await unit.steps.add(nouns.step("step_02"))
        unit.emit(nouns.event())
        await unit.commit()
        assert await unit.events.last_id() > event.id
    await database.close()


async def test_generation_jobs_of_a_released_revision_are_found(url: str) -> None:
    await upgrade(url, "0002")
    await load(url, DATA / "0002.sql")
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        assert await unit.generations.of_song("work_01-song-0") == [nouns.generation()]
        assert await unit.providers.all() == [nouns.provider_health()]
    await database.close()


async def test_what_the_autonomy_revision_keeps_is_found(url: str) -> None:
    await upgrade(url, "0003")
    await load(url, DATA / "0003.sql")
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        assert await unit.schedules.get("schedule_01") == nouns.schedule()
        assert await unit.switches.get("switch_hold") == nouns.switch()
        assert await unit.channels.get("channel_01") == nouns.channel()
        assert await unit.webhooks.get("webhook_01") == nouns.webhook()
        assert await unit.deliveries.get("delivery_01") == nouns.delivery()
        assert await unit.alerts.open() == [nouns.alert()]
        assert await unit.renders.by_key("ab" * 32) == nouns.render()
    await database.close()


async def test_a_label_of_the_first_version_takes_jobs_after_its_upgrade(url: str) -> None:
    await upgrade(url, "0001")
    await load(url, DATA / "0001.sql")
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        await unit.generations.add(nouns.generation())
        await unit.commit()
    spent = await SqlUsageLedger(database).spent_by_run("run_01")
    assert (spent.tokens, spent.cost_usd) == (15, 0.5)
    await database.close()


async def test_memories_and_usage_of_a_released_revision_are_found(url: str) -> None:
    await upgrade(url, "0001")
    await load(url, DATA / "0001.sql")
    await upgrade(url)
    database = Database(url)
    [hit] = await SqlMemoryRecords(database).lexical("artist_01", MEMORY_KINDS, "train", 5)
    assert hit.record == nouns.memory()
    spent = await SqlUsageLedger(database).spent_by_run("run_01")
    assert (spent.tokens, spent.cost_usd) == (15, 0.25)
    await database.close()


async def test_the_autonomy_revision_goes_back_and_forth_with_data_in_it(url: str) -> None:
    await upgrade(url)
    await load(url, DATA / "0003.sql")
    await _fill(url, NEW_IN_0003)
    await _use_what_came_with_0003(url)
    before = await _rows_of_earlier_tables(url)
    await downgrade(url, "0002")
    assert await current(url) == "0002"
    for table, fields in FIELDS_OF_0002.items():
        bodies = await _bodies(url, table)
        assert bodies
        assert {frozenset(body) for body in bodies} == {fields}
    assert await _ask(url, "SELECT DISTINCT kind FROM events") == [("run.changed",)]
    assert await _ask(url, "SELECT DISTINCT kind FROM audience_events") == [("comment",)]
    assert await _rows_of_earlier_tables(url) == before
    await upgrade(url)
    assert await _differences(url) == []
    assert await _rows_of_earlier_tables(url) == before
    # Runs of the release before have no slot, no lease and no holder.
    [lease] = {tuple(r) for r in await _ask(url, "SELECT lease, holder, slot_key FROM runs")}
    assert lease == (0, None, None)
    for table in NEW_IN_0003:
        assert await _ask(url, f"SELECT count(*) FROM {table}") == [(0,)]
    database = Database(url)
    async with database.unit() as unit:
        run = await unit.runs.get("run_01")
        assert (run.cause, run.deaths, run.seed) == ("operator", 0, nouns.run().seed)
        assert (await unit.posts.get("post_01")).payload == nouns.post().payload
    await database.close()


# Fields in the bodies of nouns as the release of 0002 knows them; it refuses any other.
FIELDS_OF_0002 = {
    "runs": frozenset(
        [
            *("artist_ids", "approve", "seed", "action", "work_ids", "release_ids"),
            *("post_ids", "approval_id", "cpu_s", "failure"),
        ]
    ),
    "posts": frozenset(["payload", "remote_id", "failure"]),
    "attempts": frozenset(["effect", "payload_digest", "tries", "result"]),
    "provider_health": frozenset(
        [
            *("failures", "last_ok_at", "last_failed_at", "last_error", "pause_until"),
            *("needs_person", "saw"),
        ]
    ),
}


NEW_IN_0003 = (
    "schedules",
    "switches",
    "channels",
    "webhooks",
    "webhook_deliveries",
    "alerts",
    "renders",
)


async def _fill(url: str, tables: Sequence[str]) -> None:
    """A row in every table, and a run that a worker holds for a slot."""
    named = {"artist_id": "artist_01"}
    engine = make_engine(url)
    async with engine.begin() as connection:
        for name in tables:
            await connection.execute(delete(metadata.tables[name]))
        for name in tables:
            table = metadata.tables[name]
            row = {
                c.name: nouns.NOW if c.name.endswith("_at") else named.get(c.name, _sample(c))
                for c in table.c
            }
            await connection.execute(table.insert().values(row))
        await connection.execute(
            text("UPDATE runs SET lease = 7, holder = 'worker', slot_key = 's@1' WHERE id='run_01'")
        )
    await engine.dispose()


async def _use_what_came_with_0003(url: str) -> None:
    """Values in fields and kinds that the release before does not know."""
    database = Database(url)
    async with database.unit() as unit:
        run = await unit.runs.get("run_01")
        tried = {"cause": "schedule", "deaths": 1, "retries": 2, "retry_at": nouns.NOW}
        await unit.runs.save(run.amend(nouns.NOW, step="compose", **tried))
        post = await unit.posts.get("post_01")
        await unit.posts.save(post.amend(nouns.NOW, url="https://example.org/1"))
        attempt = await unit.attempts.by_key("run_01:publish")
        assert attempt is not None
        await unit.attempts.save(attempt.again(nouns.NOW, waited_s=60.0))
        await unit.audience.add(nouns.audience(id="audience_02", kind="follow"))
        unit.emit(nouns.event(kind="schedule.fired"))
        await unit.commit()
    await database.close()


async def _bodies(url: str, table: str) -> list[dict[str, object]]:
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = await connection.execute(select(metadata.tables[table].c.body))
        bodies = [row.body for row in found]
    await engine.dispose()
    return bodies


def _sample(column: Column[Any]) -> object:
    return {str: "x", bool: True, int: 1, dict: {}}.get(column.type.python_type)


async def _rows_of_earlier_tables(url: str) -> dict[str, list[tuple[object, ...]]]:
    """What the release before knows of them."""
    tables = ("artists", "works", "generation_jobs", "usage_records")
    found = {name: await _ask(url, f"SELECT * FROM {name}") for name in tables}
    found["runs"] = await _ask(url, "SELECT id, row_version, status, updated_at FROM runs")
    found["posts"] = await _ask(url, "SELECT id, row_version, status, updated_at FROM posts")
    found["events"] = await _ask(url, "SELECT * FROM events WHERE kind = 'run.changed'")
    return {name: sorted(rows, key=str) for name, rows in found.items()}


async def test_a_run_written_without_the_columns_of_0003_is_read(url: str) -> None:
    await upgrade(url, "0002")
    await load(url, DATA / "0002.sql")
    await upgrade(url)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO runs (id, row_version, created_at, updated_at, body, kind, status)"
                " SELECT 'run_90', 1, created_at, updated_at, body, kind, status"
                " FROM runs WHERE id = 'run_01'"
            )
        )
    await engine.dispose()
    database = Database(url)
    async with database.unit() as unit:
        assert (await unit.runs.get("run_90")).lease == 0
    await database.close()


def test_the_newest_revision_has_its_label() -> None:
    assert (DATA / f"{head()}.sql").is_file(), "make it: python -m tests.store.dump"
