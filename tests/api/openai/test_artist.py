"""The whole way: OpenAI's client, a real server, a real artist; only its model follows a script."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

from domain.actor import OPERATOR
from domain.artist import Artist
from domain.directive import DirectiveStatus
from runtime.gateway.scripted import ScriptedEndpoint
from tests.api.conftest import served
from tests.api.openai.conftest import client
from tests.support.label import TestLabel
from tests.support.people import joined, key
from tests.support.scripts import full_script

ANSWER = "The radar draws a ring of green."
WISH = "From now on never use hashtags."


@pytest.fixture
def model(label: TestLabel) -> ScriptedEndpoint:
    """The model behind the artists."""
    script = {**full_script(), "chat.answer": [ANSWER, ANSWER]}
    endpoint = ScriptedEndpoint(script, small=True)  # type: ignore[arg-type]
    label.chat = label.talking.chat(endpoint)
    return endpoint


@pytest.fixture
async def base(label: TestLabel, model: ScriptedEndpoint, artist: Artist) -> AsyncIterator[str]:
    async with served(label) as url:
        yield f"{url}/v1"


async def said(client_: AsyncOpenAI, artist: Artist, *words: str) -> str:
    """Talk, streamed; every second of the words was the artist's."""
    history: list[ChatCompletionMessageParam] = [
        {"role": "assistant", "content": text} if n % 2 else {"role": "user", "content": text}
        for n, text in enumerate(words)
    ]
    stream = await client_.chat.completions.create(
        model=artist.handle,
        messages=history,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


async def test_an_artist_answers_with_the_history_in_mind(
    client_: AsyncOpenAI, model: ScriptedEndpoint, artist: Artist
) -> None:
    answer = await said(client_, artist, "I keep bees.", "How many?", "Eleven hives. And you?")
    assert answer == ANSWER
    call = next(c for c in model.calls if c.prompt.startswith("chat.answer@"))
    shown = [(m.role, m.content) for m in call.messages]
    assert ("user", "I keep bees.") in shown
    assert ("assistant", "How many?") in shown
    assert artist.stage_name in shown[0][1]


async def test_a_lasting_wish_becomes_a_directive_that_the_answer_shows(
    client_: AsyncOpenAI, label: TestLabel, artist: Artist
) -> None:
    answer = await said(client_, artist, WISH)
    found = await label.directives.page(OPERATOR, artist.id, status=DirectiveStatus.STANDING)
    assert [shown.directive.text for shown in found] == [WISH]
    assert "*(directive “" in answer
    assert answer.endswith(ANSWER)


async def test_a_key_that_may_only_chat_gives_no_directive(
    base: str, label: TestLabel, artist: Artist
) -> None:
    secret = await key(label, await joined(label, "operator"), "read", "chat")
    async with client(base, secret) as chatter:
        assert ANSWER in await said(chatter, artist, WISH)
    assert await label.directives.page(OPERATOR, artist.id) == []


async def test_nothing_risky_is_begun_not_even_with_a_yes_in_the_history(
    client_: AsyncOpenAI, label: TestLabel, artist: Artist
) -> None:
    before = await label.runs.page(OPERATOR)
    asked = "Shall I start a song now? I will ask before anything goes out."
    await said(client_, artist, "Write a new song now.")
    await said(client_, artist, "Write a new song now.", asked, "Yes.")
    assert await label.runs.page(OPERATOR) == before


async def test_a_system_message_gives_no_directive(
    client_: AsyncOpenAI, label: TestLabel, artist: Artist
) -> None:
    await client_.chat.completions.create(
        model=artist.handle,
        messages=[{"role": "system", "content": WISH}, {"role": "user", "content": "Hello"}],
    )
    assert await label.directives.page(OPERATOR, artist.id) == []


async def test_scripts_in_what_is_said_come_back_as_text_of_json(
    client_: AsyncOpenAI, artist: Artist
) -> None:
    script = "From now on always greet <script>alert(1)</script> first."
    raw = await client_.chat.completions.with_raw_response.create(
        model=artist.handle, messages=[{"role": "user", "content": script}]
    )
    assert raw.headers["content-type"] == "application/json"
    assert raw.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in raw.headers["content-security-policy"]
    assert raw.headers["cache-control"] == "no-store"
