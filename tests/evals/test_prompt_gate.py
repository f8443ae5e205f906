from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from domain.errors import Conflict, InvalidInput, NotFound
from domain.evaluation import Case, EvalRun, EvalSubject, Output, Score
from domain.ids import new_id
from domain.ports.model import ModelGateway
from evals.books import TrialBook
from evals.prompt_gate import PromptGate, PromptGates
from evals.recording import Recording, read_recording, recording_of, write_recording
from evals.sampling import Place, Sampler
from evals.suite import Answered, Desk, Scorer, Suite, digest_of
from evals.suites.posts.task import run as write_post
from prompts import SHIPPED, Prompt
from prompts.book import FOLDER
from runtime.clock import SystemClock
from runtime.gateway.scripted import ScriptedAnswer
from tests.agents.house import EMBEDDER, House

GOOD = ("The lamp stays on and I keep listening.", "Back at the table with half a chorus.")
BAD = ("I am silent.", "I am silent today.")
EPOCHS = 2
CASES = tuple(
    Case(
        id=f"case-{n}",
        input={"kind": "update", "artist": "otto", "network": "stage", "subject": f"day {n}"},
    )
    for n in range(10)
)


def _warm(answered: Answered) -> Score:
    return Score(value=0.0 if "silent" in str(answered.output["text"]) else 1.0)


SUITE = Suite(
    name="warmth",
    description="Ten days of an artist.",
    cases=CASES,
    task=write_post,
    scorers=(Scorer("warm", _warm),),
    main="warm",
    prompts=("post",),
)


def _house(*texts: str) -> House:
    return House({"post.update": list(texts)})


async def _recorded(suite: Suite = SUITE) -> Recording:
    gateway = _house(*GOOD).gateway
    book = TrialBook(SHIPPED, suite.prompts)
    sampler = Sampler(suite, gateway, EMBEDDER, SystemClock(), book, seed=1, profile=None)
    now = SystemClock().now()
    run = EvalRun(
        id=new_id("eval"),
        created_at=now,
        updated_at=now,
        suite=suite.name,
        suite_digest=suite.digest,
        key="any",
        subject=EvalSubject(
            prompts=book.refs,
            prompts_digest=book.digest,
            models={tier: await gateway.traits(tier) for tier in ("fast", "smart", "judge")},
            version="1",
            code_digest="any",
        ),
        main=suite.main,
        scorers=tuple(scorer.name for scorer in suite.scorers),
        case_ids=tuple(case.id for case in suite.cases),
        epochs=EPOCHS,
        status="finished",
    )
    asked = [
        await sampler.ask(
            Place(run.id, case, epoch, "any", digest_of([suite.scorers_digest, None]))
        )
        for case in suite.cases
        for epoch in range(1, EPOCHS + 1)
    ]
    said = {transcript.id: transcript for _, transcript in asked}
    return recording_of(run, [sample for sample, _ in asked], said, model_digest="qwen")


@pytest.fixture(scope="module")
def recording() -> Recording:
    return asyncio.run(_recorded())


@dataclass
class Live:
    """A model that counts how often it was opened."""

    house: House
    opened: int = field(default=0)

    def __call__(self) -> ModelGateway:
        self.opened += 1
        return self.house.gateway


async def _judge(
    recording: Recording,
    live: Callable[[], ModelGateway],
    *prompts: Prompt,
    suite: Suite = SUITE,
    digest: str = "qwen",
    seconds: float = 60.0,
) -> PromptGate:
    gates = PromptGates(EMBEDDER, SystemClock(), digest, live)
    book = TrialBook(SHIPPED, suite.prompts, prompts)
    return await gates.judge(suite, book, recording, seconds)


def _reworded(words: str) -> Prompt:
    shipped = (FOLDER / "post" / "update.short.md").read_text()
    return Prompt.parse(shipped.replace("You are {{ name }}", f"{words} {{{{ name }}}}"), "trial")


async def test_an_unchanged_prompt_is_answered_from_the_record(recording: Recording) -> None:
    live = Live(_house(*BAD))
    found = await _judge(recording, live)
    assert (found.verdict, found.replayed, found.calls, live.opened) == ("unchanged", 20, 0, 0)


async def test_a_worse_prompt_is_asked_and_fails(recording: Recording) -> None:
    live = Live(_house(*BAD))
    found = await _judge(recording, live, _reworded("Be silent,"))
    assert found.report is not None
    assert (found.verdict, found.live, found.replayed) == ("fail", 20, 0)
    assert found.calls == len(live.house.endpoint.calls) > 0


async def test_another_prompt_that_is_as_good_does_not_fail(recording: Recording) -> None:
    found = await _judge(recording, Live(_house(*GOOD)), _reworded("Here you are"))
    assert (found.verdict, found.live) == ("pass", 20)


async def test_code_that_makes_less_of_the_same_words_fails_without_a_model(
    recording: Recording,
) -> None:
    async def cut(case: Case, desk: Desk) -> Output:
        await write_post(case, desk)
        return {"text": "silent"}

    live = Live(_house(*GOOD))
    found = await _judge(recording, live, suite=replace(SUITE, task=cut))
    assert (found.verdict, found.calls, live.opened) == ("fail", 0, 0)


async def test_scorers_of_today_score_both_sides(recording: Recording) -> None:
    strict = Scorer("warm", lambda answered: Score(value=0.0), version=2)
    found = await _judge(recording, Live(_house(*BAD)), suite=replace(SUITE, scorers=(strict,)))
    assert found.verdict == "unchanged"
    again = await _judge(
        recording,
        Live(_house(*BAD)),
        _reworded("Be silent,"),
        suite=replace(SUITE, scorers=(strict,)),
    )
    assert again.report is not None
    assert again.report.comparison is not None
    assert again.report.comparison.baseline_mean == 0.0


async def test_what_is_not_asked_in_time_is_left_out_and_told(recording: Recording) -> None:
    slow = ScriptedAnswer(text=GOOD[0], fault="slow", delay_s=30)
    found = await _judge(
        recording,
        Live(House({"post.update": [slow]})),  # type: ignore[list-item]
        _reworded("Slowly,"),
        seconds=0.05,
    )
    assert (found.verdict, found.live, found.left_out) == ("undecided", 0, 20)
    assert "time" in found.reason


async def test_another_model_or_another_question_is_not_compared(recording: Recording) -> None:
    with pytest.raises(Conflict, match="another model"):
        await _judge(recording, Live(_house(*GOOD)), digest="llama")
    other = CASES[0].model_copy(update={"input": {**CASES[0].input, "subject": "snow"}})
    found = await _judge(recording, Live(_house(*BAD)), suite=SUITE.with_cases([other]))
    assert (found.replayed, found.live) == (18, 0)


def test_a_recording_is_one_small_file_that_is_always_the_same(
    recording: Recording, tmp_path: Path
) -> None:
    path = write_recording(recording, tmp_path)
    first = path.read_bytes()
    assert read_recording("warmth", tmp_path) == recording
    write_recording(recording, tmp_path)
    assert path.read_bytes() == first
    assert len(first) < 30_000
    with pytest.raises(NotFound, match="not recorded"):
        read_recording("opera", tmp_path)
    path.write_bytes(first[:50])
    with pytest.raises(InvalidInput, match="cannot be used"):
        read_recording("warmth", tmp_path)
