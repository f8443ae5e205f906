"""The suite of plans: good plans score high, plans against the day or with invented reasons low."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.evaluation import Case, Output
from evals.books import TrialBook
from evals.suite import Answered, Desk, load_suite
from evals.suites.planning import task
from evals.suites.planning.scorers import follows, good, grounded, sensible
from prompts import SHIPPED
from tests.agents.house import EMBEDDER, SCOPE, House

SUITE = load_suite("planning")
CASES = {case.id: case for case in SUITE.cases}
SONG, POST, REST = "write_and_release_song", "post_update", "rest"


def _desk() -> Desk:
    book = TrialBook(SHIPPED, SUITE.prompts)
    return Desk(gateway=House().gateway, embedder=EMBEDDER, book=book, seed=1, scope=SCOPE)


def _answered(case: Case, action: str, reason: str, **more: Any) -> Answered:
    output: Output = {"action": action, "chances": {action: 1.0}, "reason": reason, **more}
    return Answered(case, output, _desk())


@pytest.mark.parametrize("case", SUITE.chosen("smoke"), ids=lambda case: case.id)
async def test_the_planner_itself_answers_and_is_scored(case: Case) -> None:
    desk = _desk()
    output = await task.run(case, desk)
    answered = Answered(case, output, desk)
    assert output["action"] in task.read(case).legal
    assert sensible(answered).value is not None
    assert grounded(answered).value is not None


async def test_rules_make_more_sense_than_chance() -> None:
    worth, blind = [], []
    for case in SUITE.cases:
        desk = _desk()
        answered = Answered(case, await task.run(case, desk), desk)
        worth.append(sensible(answered).value or 0.0)
        legal = task.read(case).legal
        even: Output = {"chances": dict.fromkeys(legal, 1 / len(legal))}
        blind.append(sensible(Answered(case, even, desk)).value or 0.0)
    assert sum(worth) / len(worth) > sum(blind) / len(blind) + 0.2


def test_a_day_against_all_sense_is_worth_nothing() -> None:
    case = CASES["five-approvals-wait"]
    assert good(_answered(case, REST, "I wait for an answer to my songs.")).value == 1
    assert good(_answered(case, SONG, "I have the piano open.")).value == 0
    # An action that nobody allowed earns nothing, whatever it would be worth.
    barred = CASES["asked-for-what-is-illegal"]
    assert sensible(_answered(barred, SONG, "I write.")).value == 0


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("", "is no reason"),
        ("I " + "go on " * 100, "is no reason"),
        ("I have 900 fans waiting.", "invents 900"),
        ("I will not write a song today.", "denies"),
        ("I post an update for everybody.", "something else"),
    ],
)
def test_a_reason_that_is_none_fails(reason: str, why: str) -> None:
    found = grounded(_answered(CASES["first-song"], SONG, reason))
    assert found.value == 0
    assert why in found.why


def test_a_number_that_was_told_is_no_invention() -> None:
    told = "There are 240 plays and I owe them a word."
    assert grounded(_answered(CASES["people-listen"], POST, told)).value == 1


def test_an_order_is_followed_by_name() -> None:
    case = CASES["newest-word-counts"]
    assert follows(_answered(case, REST, "I rest.", order="order-1")).value == 1
    assert follows(_answered(case, REST, "I rest.", order="order-2")).value == 0
    manner = CASES["asked-for-a-manner-only"]
    assert follows(_answered(manner, SONG, "I write.", order=None)).value == 1
    assert follows(_answered(manner, SONG, "I write.", order="order-1")).value == 0
    assert follows(_answered(CASES["first-song"], SONG, "I write.", order=None)).value is None


async def test_a_case_that_is_no_situation_names_itself() -> None:
    with pytest.raises(InvalidInput, match="no situation"):
        await task.run(Case(id="odd", input={"artist": "mara", "release": "soon"}), _desk())
