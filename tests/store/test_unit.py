from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.event import listen

from domain.artist import Artist
from domain.errors import DiskFull, EnvironmentProblem, NotFound, StaleVersion
from domain.event import Event
from domain.work import Work
from store.database import Database
from store.migrate import upgrade
from tests.store import nouns

LATER = nouns.NOW + timedelta(hours=1)


async def _work(database: Database, work_id: str) -> Work | None:
    async with database.unit() as unit:
        return (await unit.works.many([work_id])).get(work_id)


async def test_leaving_without_commit_leaves_nothing(label: Database, heard: list[Event]) -> None:
    async with label.unit() as unit:
        await unit.works.add(nouns.work("work_02"))
        unit.emit(nouns.event())
    assert await _work(label, "work_02") is None
    assert heard == []
    async with label.unit() as unit:
        assert await unit.events.last_id() == 0


async def test_an_error_leaves_nothing(label: Database, heard: list[Event]) -> None:
    async def fail() -> None:
        async with label.unit() as unit:
            await unit.works.add(nouns.work("work_02"))
            unit.emit(nouns.event())
            await unit.works.get("work_77")
            await unit.commit()

    with pytest.raises(NotFound):
        await fail()
    assert await _work(label, "work_02") is None
    assert heard == []


async def test_nobody_sees_a_change_before_its_commit(label: Database) -> None:
    async with label.unit() as unit:
        await unit.works.add(nouns.work("work_02"))
        assert await _work(label, "work_02") is None
        await unit.commit()
        assert await _work(label, "work_02") is not None


async def test_events_get_rising_ids_and_are_told_after_the_commit(
    label: Database, heard: list[Event]
) -> None:
    async with label.unit() as unit:
        unit.emit(nouns.event(data={"b": 1, "a": 2}))
        unit.emit(nouns.event(run_id="run_02", artist_id=None))
        assert heard == []
        await unit.commit()
        await unit.commit()
    assert [e.run_id for e in heard] == ["run_01", "run_02"]
    assert 0 < heard[0].id < heard[1].id
    async with label.unit() as unit:
        assert await unit.events.after(0) == heard
        assert list((await unit.events.after(0))[0].data) == ["b", "a"]
        assert await unit.events.after(heard[0].id) == heard[1:]
        assert await unit.events.after(0, limit=1) == heard[:1]
        assert await unit.events.after(0, run_id="run_02") == heard[1:]
        assert await unit.events.after(0, artist_id="artist_01") == heard[:1]
        assert await unit.events.last_id() == heard[1].id


async def test_a_unit_may_commit_more_than_once(label: Database) -> None:
    async with label.unit() as unit:
        artist = await unit.artists.get("artist_01")
        artist = await unit.artists.save(artist.amend(LATER, stage_name="One"))
        await unit.commit()
        artist = await unit.artists.save(artist.amend(LATER, stage_name="Two"))
        await unit.commit()
        await unit.artists.save(artist.amend(LATER, stage_name="Three"))
    async with label.unit() as unit:
        assert (await unit.artists.get("artist_01")).stage_name == "Two"


async def test_a_reader_becomes_a_writer_although_somebody_wrote_meanwhile(
    label: Database,
) -> None:
    async with label.unit() as slow:
        mine = await slow.artists.get("artist_01")
        async with label.unit() as quick:
            other = await quick.artists.get("artist_02")
            await quick.artists.save(other.amend(LATER))
            await quick.commit()
        await slow.artists.save(mine.amend(LATER))
        await slow.commit()


async def test_a_reader_whose_artist_changed_meanwhile_is_stale(label: Database) -> None:
    async with label.unit() as slow:
        mine = await slow.artists.get("artist_01")
        async with label.unit() as quick:
            await quick.artists.save(mine.amend(LATER))
            await quick.commit()
        with pytest.raises(StaleVersion):
            await slow.artists.save(mine.amend(LATER))


async def test_a_follower_of_the_log_misses_nothing(label: Database) -> None:
    """Ids rise in the order of commits, however many units commit at once."""
    writers, each = 6, 8
    seen: list[int] = []
    done = asyncio.Event()

    async def write(number: int) -> None:
        for turn in range(each):
            async with label.unit() as unit:
                unit.emit(nouns.event(subject_id=f"{number}/{turn}"))
                unit.emit(nouns.event(subject_id=f"{number}/{turn}+"))
                await unit.commit()

    async def follow() -> None:
        while True:
            last_round = done.is_set()
            async with label.unit() as unit:
                found = await unit.events.after(seen[-1] if seen else 0)
            seen.extend(event.id for event in found)
            if last_round:
                return

    async with asyncio.TaskGroup() as tasks:
        follower = tasks.create_task(follow())
        await asyncio.gather(*(write(number) for number in range(writers)))
        done.set()
        await follower
    assert len(seen) == writers * each * 2
    assert seen == sorted(seen)


async def test_a_lock_makes_look_then_add_safe(label: Database) -> None:
    async def take(number: int) -> bool:
        async with label.unit() as unit:
            await unit.lock("handle:wanted")
            taken = [a.handle for a in await unit.artists.page(None, 99)]
            if "wanted" in taken:
                return False
            await asyncio.sleep(0.01)
            await unit.artists.add(nouns.artist(f"artist_1{number}", handle="wanted"))
            await unit.commit()
            return True

    assert sorted(await asyncio.gather(*(take(n) for n in range(5)))) == [False] * 4 + [True]


async def test_a_cancelled_unit_gives_its_lock_back(label: Database) -> None:
    writing = asyncio.Event()

    async def hang() -> None:
        async with label.unit() as unit:
            artist = await unit.artists.get("artist_01")
            await unit.artists.save(artist.amend(LATER, stage_name="Never"))
            writing.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        async with label.unit() as unit:
            artist: Artist = await unit.artists.get("artist_01")
            assert artist.stage_name != "Never"
            await unit.artists.save(artist.amend(LATER))
            await unit.commit()


async def test_a_database_out_of_reach_names_the_remedy(tmp_path: Path) -> None:
    database = Database(f"postgresql+psycopg://nobody@/none?host={tmp_path}/nowhere")
    with pytest.raises(EnvironmentProblem) as raised:
        async with database.unit() as unit:
            await unit.artists.page()
    assert "GREENROOM_DATABASE_URL" in (raised.value.remedy or "")
    await database.close()


async def test_a_full_disk_names_the_remedy_and_leaves_the_old_state(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'label.db'}"
    await upgrade(url)
    database = Database(url)

    def no_room(connection: DBAPIConnection, _: object) -> None:
        # SQLite never goes below the present size: the file just cannot grow.
        connection.cursor().execute("PRAGMA max_page_count = 1")

    listen(database.engine.sync_engine, "connect", no_room)

    async def write() -> None:
        async with database.unit() as unit:
            await unit.artists.add(nouns.artist())
            await unit.runs.add(nouns.run())
            await unit.steps.add(nouns.step(snapshot={"big": "x" * 1_000_000}))
            await unit.commit()

    with pytest.raises(DiskFull) as raised:
        await write()
    assert raised.value.remedy
    async with database.unit() as unit:
        assert await unit.artists.page() == []
    await database.close()
