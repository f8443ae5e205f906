from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import InvalidInput, NotFound
from domain.evaluation import Case
from evals.books import TrialBook, find_prompt
from evals.personas import performer, persona
from evals.suite import load_suite
from evals.suites import SHIPPED as SUITES
from prompts import SHIPPED
from prompts.book import FOLDER

OWN = """
name: my-posts
description: Two posts of my own.
like: posts
scorers: [says, fits]
cases:
- id: tape
  input: {kind: update, artist: otto, network: stage, subject: an old tape, facts: [it hums]}
  target: {says: [[tape]]}
- id: rain
  input: {kind: update, artist: dre, network: bluesky, subject: the rain, facts: [it rained]}
"""


@pytest.mark.parametrize("name", SUITES)
def test_a_shipped_suite_has_enough_cases_in_every_part(name: str) -> None:
    suite = load_suite(name)
    assert len(suite.cases) >= 24
    assert {case.split for case in suite.cases} == {"training", "validation", "test"}
    assert 0 < len(suite.chosen("smoke")) < 8
    assert suite.main in {scorer.name for scorer in suite.scorers}
    known = {prompt.header.id for prompt in TrialBook(SHIPPED, suite.prompts)}
    assert set(suite.evolves) <= known


def test_fewer_cases_are_always_the_same() -> None:
    suite = load_suite("posts")
    few = suite.chosen(samples=5)
    assert len(few) == 5
    assert suite.chosen(samples=5) == few
    assert {case.id for case in few} <= {case.id for case in suite.chosen(samples=9)}


def test_a_suite_of_ones_own_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    suite = load_suite(str(path))
    assert [scorer.name for scorer in suite.scorers] == ["says", "fits"]
    assert suite.main == "says"
    assert [case.id for case in suite.cases] == ["tape", "rain"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("id: rain", "id: tape"), "cases"),
        (("[says, fits]", "[says, charm]"), "scorers"),
        (("like: posts", "like: posts\ncode: run me"), "suite"),
    ],
)
def test_a_broken_suite_names_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], field: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(OWN.replace(*change))
    with pytest.raises(InvalidInput) as raised:
        load_suite(str(path))
    assert raised.value.field == field
    assert raised.value.remedy


def test_an_unknown_suite_or_prompt_names_those_there_are() -> None:
    with pytest.raises(NotFound) as raised:
        load_suite("opera")
    assert "lyrics" in (raised.value.remedy or "")
    with pytest.raises(NotFound) as raised:
        find_prompt("post.update@99")
    assert "post.update@1" in (raised.value.remedy or "")


def test_a_prompt_on_trial_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    shipped = FOLDER / "post" / "update.short.md"
    path = tmp_path / "mine.md"
    path.write_text(shipped.read_text().replace("version: 1", "version: 2", 1))
    [trial] = find_prompt(str(path))
    plain = TrialBook(SHIPPED, ("post",))
    book = TrialBook(SHIPPED, ("post",), [trial])
    assert book.load("post.update", "short").ref == "post.update@2"
    assert book.digest != plain.digest
    assert len(book.replaced) == 1
    with pytest.raises(InvalidInput, match="does not name"):
        book.load("lyrics.line", "short")


def test_a_case_taken_from_an_artist_is_answered_by_that_artist() -> None:
    otto, mara = persona("otto"), persona("mara")
    shipped = Case(id="plain", input={"artist": "otto"})
    kept = Case(id="kept", input={"artist": "x", "profile": mara.model_dump(mode="json")})
    assert performer(shipped, None) == otto
    assert performer(kept, None) == mara
    assert performer(kept, otto) == otto
