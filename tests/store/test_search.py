"""Everything is found by its words, written with what it speaks of, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.search import SEARCH_KINDS, asked_words
from domain.work import LyricSection
from store.database import Database
from store.memory_records import SqlMemoryRecords
from store.migrate import downgrade, upgrade
from store.unit import UnitOfWork
from tests.store import nouns
from tests.store.dump import DATA, load
from tests.store.test_query_counts import counted


async def kinds_of(database: Database, words: str, **limits: object) -> list[tuple[str, str]]:
    async with database.unit() as unit:
        found = await unit.search.find(asked_words(words), SEARCH_KINDS, 20, **limits)  # type: ignore[arg-type]
    return [(entry.kind, entry.subject_id) for entry in found]


async def test_what_is_written_is_found_at_once_by_the_beginnings_of_words(
    label: Database,
) -> None:
    async with label.unit() as unit:
        work = await unit.works.get("work_01")
        section = LyricSection(section="verse", lines=("Zeppelins hum", "over the Straße"))
        await unit.works.save(work.amend(nouns.NOW, title="Quartz Hour", lyrics=(section,)))
        await unit.commit()
    assert await kinds_of(label, "quartz") == [("work", "work_01"), ("lyrics", "work_01")]
    assert await kinds_of(label, "ZEPP hum") == [("lyrics", "work_01")]
    assert await kinds_of(label, "straße") == [("lyrics", "work_01")]
    assert await kinds_of(label, "zeppelins quartz missing") == []


async def test_an_edit_replaces_the_words_and_a_roll_back_leaves_them(label: Database) -> None:
    async with label.unit() as unit:
        work = await unit.works.get("work_01")
        await unit.works.save(work.amend(nouns.NOW, title="Quartz Hour"))
        await unit.commit()
    async with label.unit() as unit:
        work = await unit.works.get("work_01")
        await unit.works.save(work.amend(nouns.NOW, title="Never Kept"))
    assert await kinds_of(label, "never kept") == []
    async with label.unit() as unit:
        work = await unit.works.get("work_01")
        await unit.works.save(work.amend(nouns.NOW, title="Granite Hour"))
        await unit.commit()
    assert await kinds_of(label, "quartz") == []
    assert ("work", "work_01") in await kinds_of(label, "granite")


async def test_only_the_artists_a_person_may_see_are_looked_at(label: Database) -> None:
    assert ("artist", "artist_01") in await kinds_of(label, nouns.artist().handle)
    assert await kinds_of(label, nouns.artist().handle, artists={"artist_other"}) == []


async def test_names_come_before_mentions(label: Database) -> None:
    async with label.unit() as unit:
        said = nouns.post("post_05")
        payload = said.payload.model_copy(update={"text": "Basalt, basalt, basalt."})
        await unit.posts.add(said.amend(nouns.NOW, payload=payload))
        await unit.artists.add(
            nouns.artist("artist_09").amend(nouns.NOW, stage_name="Basalt Choir")
        )
        await unit.commit()
    assert await kinds_of(label, "basalt") == [("artist", "artist_09"), ("post", "post_05")]


@pytest.mark.parametrize("words", ['" OR 1', "a* NEAR(b", "title : x", "')::tsquery--", "&|!", ""])
async def test_a_search_language_is_only_words(label: Database, words: str) -> None:
    assert await kinds_of(label, words) == []


async def test_memories_are_found_with_everything_else(label: Database) -> None:
    await SqlMemoryRecords(label).add(nouns.memory())

    async def ask(unit: UnitOfWork, artists: set[str] | None = None) -> int:
        return len(await unit.search.memories(["train"], 5, artists))

    async with label.unit() as unit:
        assert await ask(unit) == 1
        assert await ask(unit, {"artist_02"}) == 0


async def test_a_search_is_few_queries(label: Database) -> None:
    async with label.unit() as unit:
        with counted(label) as seen:
            await unit.search.find(["artist"], SEARCH_KINDS, 20)
            await unit.search.memories(["artist"], 20)
    assert len(seen) <= 3


@pytest.mark.parametrize("dump", ["0001.sql", "0003.sql"])
async def test_what_was_there_before_the_index_is_found(url: str, dump: str) -> None:
    await upgrade(url, Path(dump).stem)
    await load(url, DATA / dump)
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        found = await unit.search.find(asked_words(nouns.work().title), SEARCH_KINDS, 20)
        assert ("work", "work_01") in [(e.kind, e.subject_id) for e in found]
        by_name = await unit.search.find(
            asked_words(nouns.profile().profile.stage_name), {"profile"}, 20
        )
        assert [e.subject_id for e in by_name] == ["artist_01"]
    # The entries read are those that a save would write.
    async with database.unit() as unit:
        work = await unit.works.get("work_01")
        with counted(database) as seen:
            await unit.works.save(work.amend(nouns.NOW))
        await unit.commit()
        after = await unit.search.find(asked_words(nouns.work().title), SEARCH_KINDS, 20)
    assert len(seen) == 2
    assert after == found
    await database.close()
    await downgrade(url, "0003")
    await upgrade(url)
