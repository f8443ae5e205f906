from __future__ import annotations

import pytest

from domain.errors import Conflict
from store.database import Database
from store.migrate import head, upgrade
from store.tables import metadata
from tests.store import nouns
from tests.store.conftest import populate
from tests.store.dump import DATA, load


async def test_what_the_revision_keeps_is_found(url: str) -> None:
    await upgrade(url, "0005")
    await load(url, DATA / "0005.sql")
    await upgrade(url)
    database = Database(url)
    async with database.unit() as unit:
        assert await unit.eval_runs.get("eval_01") == nouns.eval_run()
        assert await unit.eval_samples.of_run("eval_01") == [nouns.eval_sample()]
        assert await unit.transcripts.get("transcript_01") == nouns.transcript()
    await database.close()


def test_its_label_has_a_row_in_every_table() -> None:
    written = (DATA / f"{head()}.sql").read_text()
    assert [n for n in metadata.tables if f"INSERT INTO {n} (" not in written] == []


async def test_a_case_stands_once_in_an_epoch_of_a_run(database: Database) -> None:
    async with database.unit() as unit:
        await populate(unit)
        await unit.eval_runs.add(nouns.eval_run())
        await unit.eval_samples.add(nouns.eval_sample())
        await unit.eval_samples.add(nouns.eval_sample("sample_02", epoch=2))
        with pytest.raises(Conflict, match="case_id"):
            await unit.eval_samples.add(nouns.eval_sample("sample_03"))


async def test_the_newest_measured_answer_is_found_by_its_key(database: Database) -> None:
    async with database.unit() as unit:
        await populate(unit)
        await unit.eval_runs.add(nouns.eval_run())
        await unit.eval_runs.add(nouns.eval_run("eval_02"))
        await unit.eval_samples.add(nouns.eval_sample(key="a"))
        await unit.eval_samples.add(nouns.eval_sample("sample_02", "eval_02", key="a"))
        await unit.eval_samples.add(
            nouns.eval_sample("sample_03", "eval_02", key="b", epoch=2, status="unscored")
        )
        found = await unit.eval_samples.newest(["a", "b", "c"])
    assert {key: sample.id for key, sample in found.items()} == {"a": "sample_02"}


async def test_runs_of_artists_that_nobody_may_see_are_left_out(database: Database) -> None:
    async with database.unit() as unit:
        await populate(unit)
        await unit.eval_runs.add(nouns.eval_run())
        await unit.eval_runs.add(nouns.eval_run("eval_02", artist_id=None))
        everything = await unit.eval_runs.page()
        some = await unit.eval_runs.page(only={"artist_02"})
    assert [run.id for run in everything] == ["eval_02", "eval_01"]
    assert [run.id for run in some] == ["eval_02"]
