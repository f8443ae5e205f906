"""What talking with an artist asks of the upper rooms: an answer as a stream of typed events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from domain.actor import Actor
from domain.ports.model import ChatMessage, TokenUsage
from domain.talk import Act, Card


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class ChatAsk(_Value):
    """What a person says to an artist, after what was said before.

    `key` names the answer: whatever it does is done once under it, also when the answer is given
    again after a crash. `may_ask`: whether somebody can answer a question with yes or no; where
    nobody can, acts that need one are refused in words.
    """

    artist_id: str
    said: str
    key: str
    history: tuple[ChatMessage, ...] = Field(default=(), description="Oldest first.")
    summary: str = Field(default="", description="What was said before the history.")
    talk_id: str | None = Field(default=None, description="The talk it stands in, if in one.")
    may_ask: bool = True
    max_tokens: int | None = Field(default=None, description="Of the answer; None: the house's.")
    temperature: float | None = None


class TextPiece(_Value):
    """The next words."""

    type: Literal["text"] = "text"
    text: str


class ToolBegun(_Value):
    """The artist does something: `says` tells people what."""

    type: Literal["tool_begun"] = "tool_begun"
    tool: str
    says: str


class ToolEnded(_Value):
    """It is done, with cards to show; or not, and `why`."""

    type: Literal["tool_ended"] = "tool_ended"
    tool: str
    says: str
    cards: tuple[Card, ...] = ()
    why: str = ""


class Asked(_Value):
    """A risky act waits for a person's yes; it is done under the question's `id`."""

    type: Literal["question"] = "question"
    id: str
    text: str
    act: Act


class Finished(_Value):
    """The answer is whole."""

    type: Literal["finished"] = "finished"
    finish_reason: Literal["stop", "length"] = "stop"
    model: str = ""
    usage: TokenUsage = TokenUsage()


class AnswerFailed(_Value):
    """The answer ends here; what was said before stands."""

    type: Literal["failed"] = "failed"
    code: str
    message: str
    remedy: str | None = None


ChatEvent = Annotated[
    TextPiece | ToolBegun | ToolEnded | Asked | Finished | AnswerFailed,
    Field(discriminator="type"),
]


class Recap(_Value):
    """What was said before, in a few sentences, and how many messages it tells now."""

    summary: str = ""
    folded: int = 0


class ChatPort(Protocol):
    """Artists that talk."""

    def answer(self, actor: Actor, ask: ChatAsk) -> AsyncGenerator[ChatEvent, None]:
        """Answer, streamed; the last event is `Finished` or `AnswerFailed`.

        `actor` is the person: tools they have no right to are not offered. Raises `NotFound` for
        no such artist, `Forbidden` without the right to chat with it, before the first event.
        """

    async def sum_up(self, artist_id: str, summary: str, history: tuple[ChatMessage, ...]) -> Recap:
        """Fold the oldest messages into the summary where the history has grown long."""

    async def warm(self) -> None:
        """Make ready what the first answer would wait for."""


class ActsPort(Protocol):
    """What was asked before it is done."""

    async def do(self, actor: Actor, artist_id: str, act: Act, key: str) -> tuple[Card, ...]:
        """Do it once under `key`, however often it is asked for; tells what came of it."""
