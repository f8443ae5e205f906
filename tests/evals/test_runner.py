from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from domain.actor import OPERATOR, Actor
from domain.errors import Forbidden, ModelTimeout, ModelUnavailable, PartMissing, UnusableAnswer
from domain.evaluation import Case, EvalRun, EvalSample, Output, Score
from domain.ports.model import CallScope, ChatMessage, ModelRequest, Sampling
from domain.rights import RIGHTS
from evals.books import TrialBook
from evals.report import report_html
from evals.results import results_of
from evals.runner import Order, Runner
from evals.suite import Answered, Desk, Scorer, Suite
from evals.transcript import ReplayingGateway
from prompts import SHIPPED
from runtime.clock import SystemClock
from services.evaluations import EvaluationService
from store.database import Database
from store.migrate import upgrade
from tests.agents.house import EMBEDDER, House

EVALUATOR = Actor(kind="operator", id="eva", rights=RIGHTS["evaluator"])
VIEWER = Actor(kind="operator", id="vic", rights=RIGHTS["viewer"])
CASES = tuple(Case(id=f"case-{n}", input={"n": n}, tags={"half": str(n % 2)}) for n in range(6))


async def _asks(case: Case, desk: Desk) -> Output:
    request = ModelRequest(
        tier="smart",
        prompt="post.update@1",
        messages=(ChatMessage(role="user", content=f"Post about {case.id}."),),
        sampling=Sampling(seed=desk.seed),
        scope=desk.scope,
    )
    return {"text": (await desk.gateway.complete(request)).text}


def _full(answered: Answered) -> Score:
    return Score(value=1.0, why="there is text")


def _suite(task: Callable[[Case, Desk], Awaitable[Output]] = _asks) -> Suite:
    return Suite(
        name="tiny",
        description="Six small questions.",
        cases=CASES,
        task=task,
        scorers=(Scorer("there", _full),),
        main="there",
        prompts=("post",),
    )


@dataclass
class Bench:
    evaluations: EvaluationService
    house: House = field(default_factory=House)

    async def run(self, suite: Suite, actor: Actor = EVALUATOR, **changes: Any) -> EvalRun:
        runner = Runner(self.evaluations, self.house.gateway, EMBEDDER, SystemClock(), parallel=3)
        order = Order(suite=suite, cases=suite.cases, book=TrialBook(SHIPPED, suite.prompts))
        return await runner.run(actor, replace(order, **changes))

    async def samples(self, run: EvalRun) -> dict[str, EvalSample]:
        return {s.case_id: s for s in await self.evaluations.samples(EVALUATOR, run.id)}

    @property
    def asked(self) -> int:
        return len(self.house.endpoint.calls)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evals") / "label.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
async def bench(migrated: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    shutil.copy(migrated, tmp_path / "label.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'label.db'}")
    yield Bench(EvaluationService(database, SystemClock()))
    await database.close()


async def test_every_sample_keeps_its_answer_scores_cost_and_words(bench: Bench) -> None:
    run = await bench.run(_suite())
    assert (run.status, run.totals.scored, run.totals.cost.calls) == ("finished", 6, 6)
    samples = await bench.samples(run)
    said = await bench.evaluations.transcripts(EVALUATOR, run.id)
    for case in CASES:
        sample = samples[case.id]
        [call] = said[str(sample.transcript_id)].calls
        assert call.completion is not None
        assert sample.output == {"text": call.completion.text}
        assert case.id in call.asked[-1].content
    assert {s.slice for s in results_of(run, list(samples.values())).slices} == {"half", "mistake"}


async def test_the_same_run_again_asks_no_model(bench: Bench) -> None:
    first = await bench.run(_suite(), epochs=2)
    asked = bench.asked
    again = await bench.run(_suite(), epochs=2)
    assert asked == 12
    assert bench.asked == asked
    assert (again.id == first.id, again.totals.reused, again.totals.cost.calls) == (False, 12, 0)
    await bench.run(_suite(), epochs=2, seed=2)
    assert bench.asked > asked


async def test_other_scorers_score_known_answers_anew(bench: Bench) -> None:
    await bench.run(_suite())
    stricter = Scorer("there", lambda answered: Score(value=0.25, why="hard to please"), version=2)
    run = await bench.run(replace(_suite(), scorers=(stricter,)))
    assert bench.asked == 6
    assert {s.value("there") for s in (await bench.samples(run)).values()} == {0.25}


async def test_failed_is_nothing_and_unscored_is_no_number(bench: Bench) -> None:
    async def task(case: Case, desk: Desk) -> Output:
        if case.id == "case-0":
            raise UnusableAnswer("code refused every candidate")
        if case.id == "case-1":
            raise ModelTimeout("too slow")
        return await _asks(case, desk)

    run = await bench.run(_suite(task))
    samples = await bench.samples(run)
    assert (run.totals.failed, run.totals.unscored, run.totals.scored) == (1, 1, 4)
    assert samples["case-0"].value("there") == 0.0
    assert samples["case-1"].value("there") is None
    results = results_of(run, list(samples.values()))
    assert results.scores[0].scored == 5
    assert results.scores[0].mean == pytest.approx(0.8)
    assert (results.states["case-0"], results.states["case-1"]) == ("failed", "unscored")
    # What could not be measured is asked again; what failed was paid for.
    again = await bench.run(_suite(_asks))
    assert again.totals.failed == 1
    assert again.totals.scored == 5


async def test_a_case_whose_epochs_disagree_is_flaky(bench: Bench) -> None:
    async def task(case: Case, desk: Desk) -> Output:
        if case.id == "case-0" and str(desk.scope.run_id).endswith("/2"):
            raise UnusableAnswer("not this time")
        return await _asks(case, desk)

    run = await bench.run(_suite(task), epochs=2)
    samples = await bench.evaluations.samples(EVALUATOR, run.id)
    assert results_of(run, samples).states["case-0"] == "flaky"
    assert results_of(run, samples).tally.flaky == 1


async def test_what_no_case_survives_stops_the_run_and_it_goes_on_later(bench: Bench) -> None:
    down = True

    async def task(case: Case, desk: Desk) -> Output:
        if down and case.id == "case-5":
            raise ModelUnavailable("nobody answers")
        return await _asks(case, desk)

    with pytest.raises(ModelUnavailable):
        await bench.run(_suite(task))
    [stopped] = await bench.evaluations.page(EVALUATOR)
    assert stopped.status == "stopped"
    assert stopped.failure is not None
    kept = len(await bench.samples(stopped))
    asked = bench.asked
    down = False
    ended = await bench.run(_suite(task))
    assert (ended.id, ended.status, ended.totals.scored) == (stopped.id, "finished", 6)
    assert bench.asked - asked <= 6 - kept


async def test_only_who_may_evaluate_runs_and_who_may_read_sees(bench: Bench) -> None:
    with pytest.raises(Forbidden):
        await bench.run(_suite(), actor=VIEWER)
    assert bench.asked == 0
    run = await bench.run(_suite(), actor=OPERATOR)
    assert await bench.evaluations.get(VIEWER, run.id) == run
    with pytest.raises(Forbidden):
        await bench.evaluations.get(Actor(kind="operator", id="nobody"), run.id)


async def test_a_recorded_run_is_replayed_without_a_model(bench: Bench) -> None:
    first = await bench.run(_suite())
    said = (await bench.evaluations.transcripts(EVALUATOR, first.id)).values()
    recorded = [call for transcript in said for call in transcript.calls]
    replay = ReplayingGateway(recorded, first.subject.models)
    desk = Desk(
        gateway=replay,
        embedder=EMBEDDER,
        book=SHIPPED,
        seed=1,
        scope=CallScope(),
    )
    asked = bench.asked
    runner = Runner(bench.evaluations, replay, EMBEDDER, SystemClock())
    twice = replace(_suite(), task_digest="other code, same words")
    order = Order(suite=twice, cases=CASES, book=TrialBook(SHIPPED, ("post",)))
    again = await runner.run(EVALUATOR, order)
    assert (bench.asked, again.totals.reused, again.totals.scored) == (asked, 0, 6)
    before, after = await bench.samples(first), await bench.samples(again)
    assert {k: s.output for k, s in before.items()} == {k: s.output for k, s in after.items()}
    with pytest.raises(PartMissing, match="holds no answer"):
        await _asks(Case(id="never-asked", input={}), desk)


async def test_the_report_escapes_what_models_and_cases_say(bench: Bench) -> None:
    evil = "<script>alert(1)</script>"

    async def task(case: Case, desk: Desk) -> Output:
        return {"text": evil}

    case = Case(id="case-x", input={"say": evil}, tags={"genre": evil})
    run = await bench.run(replace(_suite(task), cases=(case,)), cases=(case,))
    samples = await bench.evaluations.samples(EVALUATOR, run.id)
    page = report_html(run, samples, await bench.evaluations.transcripts(EVALUATOR, run.id))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "http" not in page.replace("http-equiv", "")
