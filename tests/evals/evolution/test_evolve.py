from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmarks.evolution_model import SUBJECT, Obedient
from domain.actor import OPERATOR
from domain.errors import InvalidInput
from domain.evaluation import Case, Split
from evals.evolution.budget import Budget
from evals.evolution.evolve import Evolution, Evolve, Evolver
from evals.evolution.search import Watch
from evals.suite import Suite, load_suite
from prompts import SHIPPED, Prompt
from runtime.clock import SystemClock
from services.evaluations import EvaluationService
from store.database import Database
from store.migrate import upgrade
from tests.agents.house import EMBEDDER, House

UPDATE = SHIPPED.load("post.update", "short")
THINGS = ("tape", "rope", "lamp", "bell", "chair", "train", "string", "window", "cup", "stair")


def _case(split: Split, thing: str) -> Case:
    return Case(
        id=f"{split}-{thing}",
        input={
            "kind": "update",
            "artist": "otto",
            "network": "stage",
            "subject": f"an old {thing}",
            "facts": ["it hums"],
        },
        target={"says": [[thing]], "avoids": []},
        split=split,
    )


def _suite(test_cases: int = len(THINGS)) -> Suite:
    parts: tuple[Split, ...] = ("training", "validation")
    cases = [_case(part, thing) for part in parts for thing in THINGS[:4]]
    cases += [_case("test", thing) for thing in THINGS[:test_cases]]
    return replace(load_suite("posts"), name="things", cases=tuple(cases))


@dataclass
class Bench:
    evaluations: EvaluationService
    house: House = field(default_factory=lambda: House(make=Obedient))

    async def evolve(
        self,
        calls: int = 400,
        suite: Suite | None = None,
        watch: Watch | None = None,
        stop: threading.Event | None = None,
        rounds: int = 12,
    ) -> Evolution:
        evolver = Evolver(self.evaluations, self.house.gateway, EMBEDDER, SystemClock())
        order = Evolve(suite or _suite(), (UPDATE,), Budget(calls=calls), rounds=rounds)
        return await evolver.evolve(OPERATOR, order, watch, stop)

    @property
    def asked(self) -> int:
        return len(self.house.endpoint.calls)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evolution") / "label.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
async def bench(migrated: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    shutil.copy(migrated, tmp_path / "label.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'label.db'}")
    yield Bench(EvaluationService(database, SystemClock()))
    await database.close()


async def test_what_reflection_learns_wins_on_cases_it_never_saw(bench: Bench) -> None:
    found = await bench.evolve()
    assert found.better, found.reason
    assert (found.before and found.before.mean, found.after and found.after.mean) == (0.0, 1.0)
    [text] = found.prompts
    assert SUBJECT in text
    assert Prompt.parse(text, "winner").ref == "post.update@2"
    shown = bench.house.asked("evolve.section")
    # The chair is only in the test set: no reflection has seen it.
    assert shown
    assert not any("chair" in one for one in shown)
    # The same again is paid for by nobody.
    asked = bench.asked
    again = await bench.evolve()
    assert (bench.asked, again.prompts, again.used.calls) == (asked, found.prompts, 0)


async def test_no_call_beyond_the_budget_is_made(bench: Bench) -> None:
    first = await bench.evolve(calls=90)
    assert bench.asked <= 90
    assert first.used.calls == bench.asked


async def test_a_budget_below_the_test_is_refused_with_what_it_takes(bench: Bench) -> None:
    with pytest.raises(InvalidInput, match="the test alone"):
        await bench.evolve(calls=30)


async def test_too_few_test_cases_are_refused_before_anything_is_asked(bench: Bench) -> None:
    with pytest.raises(InvalidInput, match="7 test cases"):
        await bench.evolve(suite=_suite(7))
    assert bench.asked == 0


async def test_a_stop_before_anything_better_changes_nothing(bench: Bench) -> None:
    stop = threading.Event()
    stop.set()
    found = await bench.evolve(stop=stop)
    assert (found.better, found.prompts, found.before) == (False, (), None)
    assert "No candidate" in found.reason


async def test_where_no_words_can_help_nothing_is_found(bench: Bench) -> None:
    suite = _suite()
    impossible = [
        case.model_copy(update={"target": {"says": [["zzz"]], "avoids": []}})
        for case in suite.cases
    ]
    found = await bench.evolve(suite=replace(suite, cases=tuple(impossible)), rounds=5)
    assert (found.better, found.before) == (False, None)


async def test_words_from_life_never_reach_reflection(bench: Bench) -> None:
    suite = _suite()
    lived = [case.model_copy(update={"source": "run_1"}) for case in suite.cases]
    await bench.evolve(suite=replace(suite, cases=tuple(lived)), rounds=3)
    shown = bench.house.asked("evolve.section")
    assert shown
    assert not any("tape" in one or "rope" in one or "none of" in one for one in shown)
