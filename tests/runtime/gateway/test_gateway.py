from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, JsonValue

from domain.errors import (
    BudgetExceeded,
    LoopDetected,
    ModelTimeout,
    ModelUnavailable,
    RealModelForbidden,
    UnusableAnswer,
)
from domain.trimmed import Trimmed
from runtime.embedded.catalogue import find
from runtime.embedded.endpoint import EmbeddedEndpoint
from runtime.embedded.supervisor import ServerOptions, Supervisor
from runtime.gateway.budget import Limits
from runtime.gateway.openai_endpoint import OpenAIEndpoint
from runtime.gateway.scripted import ScriptedAnswer, ScriptedEndpoint, ScriptEntry
from runtime.shared.answers import AnswerCache, MemoryAnswerCache, SqliteAnswerCache
from runtime.shared.limits import Rates
from tests.runtime.gateway.support import ROOMY, Bench, ask


class Colour(BaseModel):
    name: str = Field(min_length=3)
    warm: bool
    reason: Annotated[str, Trimmed(30)] = ""


class Nested(BaseModel):
    kind: Literal["a", "b"]
    title: str
    parts: list[Colour]


def scripted(*answers: ScriptEntry) -> ScriptedEndpoint:
    return ScriptedEndpoint({"test.colour": list(answers)}, order="sequence")


REFUSE = ScriptedAnswer(fault="refuse")
TIMEOUT = ScriptedAnswer(fault="timeout")


async def test_a_completion_is_booked_with_its_cost() -> None:
    bench = Bench([scripted("blue")], price_in=1.0, price_out=10.0)
    completion = await bench.gateway.complete(ask())
    (record,) = bench.ledger.records
    assert (completion.text, completion.model, completion.cached) == ("blue", "model-0", False)
    expected = (completion.usage.prompt_tokens + completion.usage.completion_tokens * 10) / 1e6
    assert record.cost_usd == pytest.approx(expected)
    assert record.cost_usd > 0
    assert (record.outcome, record.prompt, record.scope.run_id) == ("ok", "test.colour@1", "run-1")


async def test_failures_are_retried_with_growing_waits_and_booked() -> None:
    bench = Bench([scripted(REFUSE, REFUSE, "blue")])
    assert (await bench.gateway.complete(ask())).text == "blue"
    assert bench.outcomes == ["model_unavailable", "model_unavailable", "ok"]
    assert 0.25 <= bench.waits[0] <= 0.5 <= bench.waits[1] <= 1.0


async def test_a_timeout_counts_its_prompt_as_used() -> None:
    bench = Bench([scripted(TIMEOUT, TIMEOUT, "never reached")])
    with pytest.raises(ModelTimeout):
        await bench.gateway.complete(ask())
    assert [r.usage.prompt_tokens > 0 for r in bench.ledger.records] == [True, True]


async def test_a_timeout_takes_its_prompt_from_the_rate_too() -> None:
    bench = Bench([scripted(TIMEOUT, TIMEOUT)], rates=Rates(tokens_minute=60_000))
    with pytest.raises(ModelTimeout):
        await bench.gateway.complete(ask("colour " * 3000))
    (level,) = (await bench.lines[0].limits.levels()).values()
    assert level.tokens is not None
    assert level.tokens < 6_000, "the bucket holds 10,000, and two prompts may have been billed"


async def test_the_fallback_answers_and_is_named() -> None:
    bench = Bench([scripted(REFUSE), scripted("blue")])
    completion = await bench.gateway.complete(ask())
    assert (completion.text, completion.model) == ("blue", "model-1")


async def test_an_open_circuit_goes_straight_to_the_fallback() -> None:
    first, second = scripted(REFUSE), scripted("blue")
    bench = Bench([first, second])
    for number in range(4):
        await bench.gateway.complete(ask(f"question {number}"))
    assert len(first.calls) == 5, "the breaker opens after five failures"
    assert len(second.calls) == 4
    assert (await bench.gateway.traits("fast")).model == "model-1"


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_a_repeatable_request_is_answered_from_the_cache(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    cache: AnswerCache = MemoryAnswerCache() if kind == "memory" else SqliteAnswerCache(path)
    endpoint = scripted("blue", "red")
    bench = Bench([endpoint], cache=cache, price_out=10.0)
    first = await bench.gateway.complete(ask(temperature=0))
    second = await bench.gateway.complete(ask(temperature=0))
    assert (second.text, second.cached, second.cost_usd) == (first.text, True, 0.0)
    assert len(endpoint.calls) == 1
    assert bench.outcomes == ["ok", "cached"]
    assert [record.answered for record in bench.ledger.records] == ["blue", "blue"]
    assert bench.ledger.records[1].usage.completion_tokens == 0
    assert (await cache.counts()).model_dump() == {"hits": 1, "misses": 1}
    other = await bench.gateway.complete(ask(temperature=0, prompt="test.colour@2"))
    assert other.text == "red", "another prompt version is another question"
    await bench.gateway.aclose()


async def test_the_sqlite_cache_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    first = Bench([scripted("blue")], cache=SqliteAnswerCache(path))
    await first.gateway.complete(ask(seed=3))
    await first.gateway.aclose()
    second = Bench([scripted("red")], cache=SqliteAnswerCache(path))
    assert (await second.gateway.complete(ask(seed=3))).text == "blue"
    await second.gateway.aclose()


async def test_an_unseeded_draw_is_not_cached() -> None:
    bench = Bench([scripted("blue", "red")])
    texts = [(await bench.gateway.complete(ask())).text for _ in range(2)]
    assert texts == ["blue", "red"]


async def test_candidates_come_in_the_order_of_their_seeds() -> None:
    bench = Bench([scripted("a", "b", "c")])
    texts = [c.text for c in await bench.gateway.candidates(ask(), [2, 0, 1])]
    assert texts == ["c", "a", "b"]


async def test_candidates_fail_with_one_error_of_the_family() -> None:
    bench = Bench([scripted(REFUSE)])
    with pytest.raises(ModelUnavailable):
        await bench.gateway.candidates(ask(), [1, 2])


async def test_a_bad_form_is_shown_to_the_model_and_repaired() -> None:
    endpoint = scripted(
        "no json here", {"name": "x", "warm": True}, {"name": "teal", "warm": False, "reason": ""}
    )
    bench = Bench([endpoint])
    result = await bench.gateway.structured(ask(), Colour)
    assert (result.value.name, result.attempts) == ("teal", 3)
    second, third = endpoint.calls[1].messages, endpoint.calls[2].messages
    assert second[-2].content == "no json here"
    assert "no JSON object" in second[-1].content
    assert "name" in third[-1].content
    assert len(third) == 3, "only the last failure is shown"


async def test_no_answer_is_invented_when_all_tries_fail() -> None:
    bench = Bench([scripted(ScriptedAnswer(fault="nonsense"))])
    with pytest.raises(UnusableAnswer) as caught:
        await bench.gateway.structured(ask(), Colour)
    assert caught.value.facts["prompt"] == "test.colour@1"
    assert bench.outcomes == ["ok", "ok", "ok"], "every try was paid for"


async def test_an_answer_that_was_cut_off_gets_more_room() -> None:
    cut = ScriptedAnswer(text='{"name": "te', finish_reason="length")
    endpoint = scripted(cut, {"name": "teal", "warm": False, "reason": ""})
    await Bench([endpoint]).gateway.structured(ask(max_tokens=40), Colour)
    assert [c.sampling.max_tokens for c in endpoint.calls] == [40, 60]


async def test_the_schema_is_strict_and_keeps_a_field_called_title() -> None:
    parts: list[JsonValue] = [
        {"name": "teal", "warm": False, "reason": "It is. And it runs on for ever and ever"}
    ]
    endpoint = scripted({"kind": "a", "title": "t", "parts": parts})
    result = await Bench([endpoint]).gateway.structured(ask(), Nested)
    schema = endpoint.calls[0].schema
    assert schema is not None
    assert schema["required"] == ["kind", "title", "parts"]
    assert schema["additionalProperties"] is False
    colour = schema["$defs"]["Colour"]  # type: ignore[index,call-overload]
    assert colour["properties"]["reason"]["maxLength"] == 42  # type: ignore[index,call-overload]
    assert result.value.parts[0].reason == "It is."


async def test_streaming_yields_and_books() -> None:
    bench = Bench([scripted("deep sea blue")])
    pieces = [piece async for piece in bench.gateway.stream(ask())]
    assert pieces == ["deep", " sea", " blue"]
    assert bench.outcomes == ["ok"]
    assert bench.ledger.records[0].usage.completion_tokens > 0
    assert bench.ledger.records[0].asked == ask().messages
    assert bench.ledger.records[0].answered == "deep sea blue"


async def test_a_stream_is_tried_again_and_elsewhere_before_its_first_piece() -> None:
    bench = Bench([scripted(REFUSE), scripted(REFUSE, "blue")])
    assert [piece async for piece in bench.gateway.stream(ask())] == ["blue"]
    assert bench.outcomes == ["model_unavailable"] * 4 + ["ok"]


async def test_a_stream_that_finds_nobody_says_so() -> None:
    with pytest.raises(ModelUnavailable):
        await anext(Bench([scripted(REFUSE)]).gateway.stream(ask()))


async def test_a_cancelled_call_is_booked_as_perhaps_billed() -> None:
    bench = Bench([scripted(ScriptedAnswer(text="blue", fault="slow", delay_s=3))])
    call = asyncio.create_task(bench.gateway.complete(ask()))
    await asyncio.sleep(0.02)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert bench.outcomes == ["cancelled"]
    assert bench.ledger.records[0].usage.prompt_tokens > 0


async def test_a_missing_fallback_does_not_hide_why_it_was_needed(tmp_path: Path) -> None:
    absent = EmbeddedEndpoint(Supervisor(find("smollm2-135m"), tmp_path, ServerOptions()))
    bench = Bench([scripted(REFUSE), absent])
    with pytest.raises(ModelUnavailable, match="refuses"):
        await bench.gateway.complete(ask())
    await bench.gateway.aclose()


async def test_an_answer_that_did_not_fit_is_not_kept() -> None:
    endpoint = scripted("no json", "still none", "none again", {"name": "teal", "warm": True})
    bench = Bench([endpoint])
    with pytest.raises(UnusableAnswer):
        await bench.gateway.structured(ask(temperature=0), Colour)
    assert (await bench.gateway.structured(ask(temperature=0), Colour)).value.name == "teal"
    again = await bench.gateway.structured(ask(temperature=0), Colour)
    assert again.completion.cached


async def test_a_stream_left_early_is_booked_as_interrupted() -> None:
    bench = Bench([scripted("deep sea blue")])
    stream = bench.gateway.stream(ask())
    assert await anext(stream) == "deep"
    await stream.aclose()
    assert bench.outcomes == ["interrupted"]
    assert bench.ledger.records[0].usage.completion_tokens > 0
    assert bench.ledger.records[0].answered == "deep"


async def test_the_loop_guard_stops_a_run_even_when_the_cache_answers() -> None:
    bench = Bench([scripted("blue")], repeats=3)
    for _ in range(3):
        await bench.gateway.complete(ask(temperature=0))
    with pytest.raises(LoopDetected):
        await bench.gateway.complete(ask(temperature=0))
    await bench.gateway.complete(ask(temperature=0, run_id="run-2"))
    await bench.gateway.complete(ask("Another question.", temperature=0))


async def test_failures_do_not_count_as_a_loop() -> None:
    faults = [ScriptedAnswer(fault="refuse")] * 4
    endpoint = ScriptedEndpoint({"test.colour": [*faults, "blue"]}, order="sequence")
    bench = Bench([endpoint], repeats=2, attempts=1)
    for _ in range(4):
        with pytest.raises(ModelUnavailable):
            await bench.gateway.complete(ask(temperature=0.5))
    assert (await bench.gateway.complete(ask(temperature=0.5))).text == "blue"


TIGHT = {
    "budget_run_tokens": Limits(300, 10**6, 100, 100),
    "budget_artist_tokens_day": Limits(10**6, 300, 100, 100),
    "budget_artist_usd_day": Limits(10**6, 10**6, 0.003, 100),
    "budget_label_usd_day": Limits(10**6, 10**6, 100, 0.003),
}


@pytest.mark.parametrize("setting", TIGHT)
async def test_each_budget_stops_the_run_before_the_call(setting: str) -> None:
    endpoint = scripted("blue " * 100)
    bench = Bench([endpoint], limits=TIGHT[setting], price_out=10.0)
    await bench.gateway.complete(ask(max_tokens=200))
    with pytest.raises(BudgetExceeded) as caught:
        await bench.gateway.complete(ask(max_tokens=200))
    assert caught.value.field == setting
    assert f"GREENROOM_{setting.upper()}" in (caught.value.remedy or "")
    assert len(endpoint.calls) == 1


async def test_the_daily_budget_opens_again_the_next_day() -> None:
    limits = TIGHT["budget_artist_tokens_day"]
    bench = Bench([scripted("blue " * 100)], limits=limits)
    await bench.gateway.complete(ask(max_tokens=200))
    bench.clock.advance(timedelta(hours=25))
    await bench.gateway.complete(ask(max_tokens=200))


async def test_a_free_model_is_not_stopped_by_a_money_budget() -> None:
    limits = Limits(10**6, 10**6, 0.0, 0.0)
    assert (await Bench([scripted("blue")], limits=limits).gateway.complete(ask())).text == "blue"


async def test_concurrent_calls_cannot_pass_a_budget_together() -> None:
    slow = ScriptedAnswer(text="x" * 600, fault="slow", delay_s=0.05)
    bench = Bench([scripted(slow)], limits=Limits(500, 10**6, 100, 100))
    calls = (bench.gateway.complete(ask(max_tokens=200, seed=s)) for s in range(6))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert any(isinstance(r, BudgetExceeded) for r in results)
    assert (await bench.ledger.spent_by_run("run-1")).tokens <= 500


async def test_real_models_can_be_forbidden() -> None:
    endpoint = OpenAIEndpoint("http://127.0.0.1:9/v1", None)
    bench = Bench([endpoint], limits=ROOMY, forbid_real=True)
    with pytest.raises(RealModelForbidden):
        await bench.gateway.complete(ask())
    with pytest.raises(RealModelForbidden):
        await anext(bench.gateway.stream(ask()))
    await bench.gateway.aclose()
