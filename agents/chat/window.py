"""What fits into the model's window: directives always, the rest by what matters most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.errors import LimitReached
from domain.ports.model import ChatMessage
from domain.trimmed import trim_to_sentence

Count = Callable[[str], int]
# What a chat template adds around every message.
MESSAGE_TOKENS = 6
# Turns that stay as they are as long as anything else can be left out.
FRESH = 4
SHORTEST_CHARS = 200


@dataclass(frozen=True)
class Content:
    """Everything that could be told; `directives` and the sense of `said` are never left out."""

    said: str
    directives: tuple[str, ...] = ()
    history: tuple[ChatMessage, ...] = ()
    remembered: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    biography: str = ""
    summary: str = ""


Render = Callable[[Content], Sequence[ChatMessage]]


def tokens_of(messages: Sequence[ChatMessage], count: Count) -> int:
    """Tokens of a whole request's messages."""
    return sum(count(m.content) + MESSAGE_TOKENS for m in messages)


def fit(content: Content, render: Render, limit: int, count: Count) -> tuple[ChatMessage, ...]:
    """The messages with as much of the content as `limit` tokens hold.

    Left out one after another: old turns, memories, comments, samples, then the summary, fresh
    turns, the biography and what was done are shortened, and what was said last of all. Raises
    `LimitReached` where not even the directives fit.
    """
    while True:
        messages = tuple(render(content))
        over = tokens_of(messages, count) - limit
        if over <= 0:
            return messages
        smaller = _smaller(content, over, count)
        if smaller is None:
            raise LimitReached(
                f"the standing directives do not fit into the model's {limit} tokens",
                field="directives",
                remedy="Revoke some directives, or use a model with a longer context.",
            )
        content = smaller


def _smaller(content: Content, over: int, count: Count) -> Content | None:
    """The content without what matters least; at least `over` tokens less where one kind holds
    so much."""
    if len(content.history) > FRESH:
        return replace(content, history=_without_oldest(content.history, over, count, FRESH))
    for field in ("remembered", "comments", "samples"):
        if kept := getattr(content, field):
            return replace(content, **{field: kept[:-1]})
    if len(content.summary) > SHORTEST_CHARS:
        return replace(content, summary=_half(content.summary))
    if content.history:
        return replace(content, history=_without_oldest(content.history, over, count, 0))
    for field in ("summary", "biography"):
        if text := getattr(content, field):
            shorter: dict[str, Any] = {field: _half(text) if len(text) > SHORTEST_CHARS else ""}
            return replace(content, **shorter)
    if any(len(line) > SHORTEST_CHARS for line in content.done):
        return replace(content, done=tuple(_half(line) for line in content.done))
    if content.done:
        return replace(content, done=content.done[:-1])
    if len(content.said) > SHORTEST_CHARS:
        return replace(content, said=_half(content.said))
    return None


def _without_oldest(
    history: tuple[ChatMessage, ...], over: int, count: Count, fresh: int
) -> tuple[ChatMessage, ...]:
    gone = 0
    while over > 0 and len(history) - gone > fresh:
        over -= count(history[gone].content) + MESSAGE_TOKENS
        gone += 1
    return history[gone:]


def _half(text: str) -> str:
    return trim_to_sentence(text, max(SHORTEST_CHARS // 2, len(text) // 2))


def to_fold(history: Sequence[ChatMessage], room: int, count: Count) -> int:
    """How many of the oldest messages a summary should tell: none while two thirds of `room`
    hold all, then so many that a third does."""
    sizes = [count(m.content) + MESSAGE_TOKENS for m in history]
    left = sum(sizes)
    if left <= room * 2 // 3:
        return 0
    folded = 0
    while left > room // 3 and len(sizes) - folded > FRESH:
        left -= sizes[folded]
        folded += 1
    return folded
