"""A release that meets what a newer one stored: nothing fails, and nothing is lost."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Column, MetaData, String, Table

from domain.entity import Entity
from domain.run import RunStatus
from store.columns import entity
from store.database import Database
from store.mapper import Mapper
from store.tables import profile_versions as profiles
from store.tables import runs
from tests.store import nouns


class Early(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["early"] = "early"
    early: int = 1


class Other(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["other"] = "other"


class Nested(Entity):
    title: str
    one: Early = Early()
    either: Annotated[Early | Other, Field(discriminator="kind")] | None = None
    any: Early | Other | None = None
    many: tuple[Early, ...] = ()


TABLE = Table("nested", MetaData(), *entity(), Column("title", String))
MAPPER = Mapper("nested", Nested, TABLE)


def _row(**body: Any) -> Any:
    times = {"created_at": nouns.NOW, "updated_at": nouns.NOW}
    return {"id": "n_1", "row_version": 1, **times, "title": "Night", "body": body}


def test_what_is_known_goes_there_and_back() -> None:
    made = MAPPER.to_entity(_row(one={"kind": "early", "early": 3}))
    assert made.later == {}
    assert MAPPER.to_entity(MAPPER.to_row(made)) == made  # type: ignore[arg-type]


def test_unknown_fields_are_read_past_and_stored_again() -> None:
    body = {
        "speed": {"bpm": 90},
        "one": {"kind": "early", "early": 3, "later": [1]},
        "either": {"kind": "early", "early": 4, "unheard": "of"},
    }
    made = MAPPER.to_entity(_row(**body))
    assert (made.one.early, made.either) == (3, Early(early=4))
    changed = made.amend(nouns.NOW, title="Day", one=Early(early=5))
    stored = MAPPER.to_row(changed.model_copy(update={"row_version": 2}))
    assert stored["title"] == "Day"
    assert stored["body"]["speed"] == {"bpm": 90}
    assert stored["body"]["one"] == {"kind": "early", "early": 5, "later": [1]}
    assert stored["body"]["either"]["unheard"] == "of"


def test_reading_does_not_change_the_row() -> None:
    row = _row(speed=1)
    MAPPER.to_entity(row)
    assert row["body"] == {"speed": 1}


def test_unknown_fields_inside_a_list_are_read_past() -> None:
    made = MAPPER.to_entity(_row(many=[{"early": 1, "later": 2}, {"early": 2}]))
    assert [one.early for one in made.many] == [1, 2]
    assert MAPPER.to_row(made)["body"]["many"][0] == {"kind": "early", "early": 1}


def test_a_way_that_is_gone_takes_its_fields_along() -> None:
    made = MAPPER.to_entity(_row(either={"kind": "early", "unheard": "of"}))
    changed = made.model_copy(update={"either": None})
    assert MAPPER.to_row(changed)["body"]["either"] is None


def test_what_may_belong_to_either_member_of_a_union_is_not_guessed() -> None:
    with pytest.raises(ValidationError, match="unheard"):
        MAPPER.to_entity(_row(any={"kind": "early", "early": 4, "unheard": "of"}))


def test_a_value_that_is_wrong_is_no_news_of_a_later_release() -> None:
    with pytest.raises(ValidationError, match="early"):
        MAPPER.to_entity(_row(speed=1, one={"kind": "early", "early": "soon"}))


async def test_a_run_of_a_newer_release_goes_on_here(label: Database) -> None:
    async with label.unit() as unit:
        await _patch(unit, runs, "run_01", mood="blue")
        run = await unit.runs.get("run_01")
        await unit.runs.save(run.amend(nouns.NOW, status=RunStatus.RUNNING))
        await unit.commit()
    async with label.unit() as unit:
        run = await unit.runs.get("run_01")
        assert run.status is RunStatus.RUNNING
        assert run.later == {("mood",): "blue"}


async def test_a_profile_with_fields_of_a_newer_release_is_read(label: Database) -> None:
    version = nouns.profile()
    async with label.unit() as unit:
        await unit.profiles.add(version)
        row = Mapper("profile", type(version), profiles).to_row(version)["body"]["profile"]
        await _patch(unit, profiles, version.id, profile={**row, "aura": "green"})
        found = await unit.profiles.latest("artist_01")
    assert found is not None
    assert found.profile == version.profile
    assert found.later == {("profile", "aura"): "green"}


async def _patch(unit: Any, table: Table, entity_id: str, **fields: Any) -> None:
    """Write into a body past the repositories, as a newer release would."""
    session = unit.runs._session
    [row] = await session.rows(table.select().where(table.c.id == entity_id))
    changed = table.update().where(table.c.id == entity_id).values(body=row["body"] | fields)
    await session.write(changed)
