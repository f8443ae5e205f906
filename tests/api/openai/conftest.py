from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from domain.artist import Artist
from domain.ports.chat import ChatEvent, Finished, TextPiece
from domain.ports.model import TokenUsage
from tests.api.conftest import served
from tests.support.label import TOKEN, TestLabel, debut
from tests.support.talking import SteeredChat

USAGE = TokenUsage(prompt_tokens=120, completion_tokens=9)
PIECES = tuple(TextPiece(text=text) for text in ("The radar ", "draws a ring ", "of green."))
SAID: tuple[ChatEvent, ...] = (*PIECES, Finished(model="scripted", usage=USAGE))
WORDS = "The radar draws a ring of green."


@pytest.fixture
def chat(label: TestLabel) -> SteeredChat:
    """How the label's artists answer."""
    label.chat = SteeredChat(SAID)
    return label.chat


@pytest.fixture
async def artist(label: TestLabel) -> Artist:
    """An artist that can talk."""
    return await debut(label)


@pytest.fixture
async def base(label: TestLabel, chat: SteeredChat, artist: Artist) -> AsyncIterator[str]:
    """The address of `/v1` at a real server."""
    async with served(label) as url:
        yield f"{url}/v1"


def client(base: str, key: str = TOKEN) -> AsyncOpenAI:
    """The client library as people set it up; it does not try again, so that tests see errors."""
    return AsyncOpenAI(base_url=base, api_key=key, max_retries=0)


@pytest.fixture
async def client_(base: str) -> AsyncIterator[AsyncOpenAI]:
    """The client library with the label's token."""
    async with client(base) as opened:
        yield opened
