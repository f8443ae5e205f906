from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from api.openai.answers import Answer, begun
from api.openai.told import StopAt, Teller
from domain.actor import OPERATOR
from domain.errors import BudgetExceeded, GreenroomError, NotFound
from domain.ports.chat import AnswerFailed, ChatAsk, ChatEvent, Finished, TextPiece
from tests.api.openai.conftest import PIECES, SAID, USAGE
from tests.support.talking import SteeredChat

ASK = ChatAsk(artist_id="artist_1", said="Hello", key="k")
SPENT = AnswerFailed(code="budget_exceeded", message="the day's tokens are spent")


def answer(*stops: str) -> Answer:
    return Answer("chatcmpl_1", 1_700_000_000, "mara", Teller("http://label"), StopAt(stops))


async def lines(chat: SteeredChat, *stops: str, usage: bool = False) -> list[str]:
    async with begun(chat.answer(OPERATOR, ASK), 1.0) as events:
        return [line async for line in answer(*stops).lines(events, usage=usage)]


def text_of(chunks: list[dict[str, Any]]) -> str:
    return "".join(c["delta"].get("content", "") for chunk in chunks for c in chunk["choices"])


async def test_a_whole_answer_is_what_the_client_library_calls_a_completion() -> None:
    async with begun(SteeredChat(SAID).answer(OPERATOR, ASK), 1.0) as events:
        whole = await answer().whole(events)
    found = ChatCompletion.model_validate(whole.model_dump(mode="json"), strict=True)
    assert found.choices[0].message.content == "The radar draws a ring of green."
    assert found.choices[0].finish_reason == "stop"
    assert found.usage is not None
    assert found.usage.total_tokens == USAGE.prompt_tokens + USAGE.completion_tokens


async def test_every_line_of_a_stream_is_a_chunk_and_the_last_says_done() -> None:
    *sent, done = await lines(SteeredChat(SAID), usage=True)
    assert done == "[DONE]"
    chunks = [json.loads(line) for line in sent]
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk, strict=True)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert text_of(chunks) == "The radar draws a ring of green."
    assert chunks[-2]["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] == USAGE.prompt_tokens


async def test_usage_is_told_only_to_those_who_ask() -> None:
    assert not any("usage" in line for line in await lines(SteeredChat(SAID)))


async def test_a_stop_ends_the_text_and_the_answer_is_still_heard_to_its_end() -> None:
    chat = SteeredChat(SAID)
    *sent, _ = await lines(chat, "a ring", usage=True)
    chunks = [json.loads(line) for line in sent]
    assert text_of(chunks) == "The radar draws "
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["total_tokens"] > 0
    assert chat.closed == 1


async def test_an_answer_that_was_cut_off_by_its_length_says_so() -> None:
    long = (TextPiece(text="The"), Finished(finish_reason="length", usage=USAGE))
    *sent, _ = await lines(SteeredChat(long))
    assert json.loads(sent[-1])["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("events", "kind"),
    [((SPENT,), BudgetExceeded), ((NotFound("gone"),), NotFound)],
)
async def test_what_fails_at_once_fails_before_a_stream_begins(
    events: tuple[ChatEvent | GreenroomError, ...], kind: type[GreenroomError]
) -> None:
    with pytest.raises(kind):
        async with begun(SteeredChat(events).answer(OPERATOR, ASK), 1.0):
            pytest.fail("the answer began")


async def test_what_fails_later_is_told_in_the_stream_and_nothing_follows() -> None:
    *sent, last = await lines(SteeredChat((TextPiece(text="The radar "), SPENT)))
    assert text_of([json.loads(line) for line in sent]) == "The radar "
    assert json.loads(last)["error"]["code"] == "insufficient_quota"


async def test_a_slow_first_word_is_waited_for_in_the_stream() -> None:
    chat = SteeredChat((None, TextPiece(text="late")))
    async with begun(chat.answer(OPERATOR, ASK), 0.01) as events:
        chat.go.set()
        assert await anext(events) == TextPiece(text="late")


async def test_the_artist_stops_when_nobody_listens_any_more() -> None:
    chat = SteeredChat((PIECES[0], None))
    async with begun(chat.answer(OPERATOR, ASK), 1.0) as events:
        assert await anext(events) == PIECES[0]
        assert chat.closed == 0
    assert chat.closed == 1
