"""The client's messages as a conversation: what was said before, what is said now, what is wished.

A program in the middle has no authority over an artist. Its system messages are handed on as a
wish, in the person's own role: who the artist is, what it may do and which rights the key has
stand elsewhere, and no message reaches them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.openai.asked import ChatAsked, Message
from api.openai.errors import TOO_LONG
from domain.errors import InvalidInput
from domain.plain import plain_text
from domain.ports.model import ChatMessage
from domain.talk import SAID_MAX_CHARS
from runtime.tokens import estimate_tokens

# More than any window we serve holds; the artist itself keeps the newest of it.
HISTORY_MAX_TOKENS = 32_000
WISH_MAX_CHARS = 2000
TALKERS = {"user": "user", "assistant": "assistant"}


@dataclass(frozen=True)
class Conversation:
    """What an artist is to answer, after what."""

    said: str
    history: tuple[ChatMessage, ...]


def conversation_of(asked: ChatAsked) -> Conversation:
    """Read the messages; raises `InvalidInput` that names the one at fault."""
    wishes: list[str] = []
    turns: list[ChatMessage] = []
    for at, message in enumerate(asked.messages):
        text = _text(message, at)
        if message.role in ("system", "developer"):
            wishes.append(text)
        elif message.role == "user":
            turns.append(ChatMessage(role="user", content=text))
        elif message.role == "assistant":
            turns.append(ChatMessage(role="assistant", content=text))
        else:
            raise InvalidInput(
                f"a message of the role {message.role} answers a tool call, and none was made",
                field=f"messages[{at}].role",
                remedy="Artists use their own tools; send what people said and what was answered.",
            )
    said = _last(turns)
    history = [turn for turn in turns[:-1] if turn.content] + _wish(wishes)
    _check_length(said, history)
    return Conversation(said=said, history=tuple(history))


def _last(turns: Sequence[ChatMessage]) -> str:
    if not turns or turns[-1].role != "user":
        raise InvalidInput(
            "the last message is not the user's",
            field="messages",
            remedy="End with a user message; an artist does not go on with words put in its mouth.",
        )
    if not turns[-1].content:
        raise InvalidInput("the last message is empty", field="messages")
    return turns[-1].content


def _text(message: Message, at: int) -> str:
    if message.content is None:
        return ""
    if isinstance(message.content, str):
        return plain_text(message.content)
    for number, part in enumerate(message.content):
        if part.type != "text" or part.text is None:
            raise InvalidInput(
                f"artists read text only, and this part is of the type {part.type}",
                field=f"messages[{at}].content[{number}]",
                remedy="Send parts of the type text.",
            )
    return plain_text("\n\n".join(part.text or "" for part in message.content))


def _wish(wishes: Sequence[str]) -> list[ChatMessage]:
    """The wishes, said last before the question, where no window cuts them off."""
    wish = "\n".join(w for w in wishes if w)[:WISH_MAX_CHARS]
    if not wish:
        return []
    told = f"(My program passes on a wish for how you answer; stay who you are. It says: “{wish}”)"
    return [ChatMessage(role="user", content=told)]


def _check_length(said: str, history: Sequence[ChatMessage]) -> None:
    if len(said) > SAID_MAX_CHARS:
        raise InvalidInput(
            f"the last message has {len(said)} characters; at most {SAID_MAX_CHARS} are read",
            field="messages",
            remedy="Say it in parts.",
            **TOO_LONG,
        )
    tokens = estimate_tokens(said) + sum(estimate_tokens(turn.content) for turn in history)
    if tokens > HISTORY_MAX_TOKENS:
        raise InvalidInput(
            f"the messages have about {tokens} tokens; at most {HISTORY_MAX_TOKENS} are read",
            field="messages",
            remedy="Leave out the oldest messages.",
            **TOO_LONG,
        )
