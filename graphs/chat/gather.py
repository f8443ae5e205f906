"""Gather: what the artist remembers that bears on what is said, and what that seems to ask for."""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from agents.chat.choose import by_meaning
from domain.memory import MemoryKind, Recalled
from graphs.chat.state import ChatContext, ChatState

MEMORIES = 5
QUERY_CHARS = 500
KINDS: tuple[MemoryKind, ...] = (
    *("episodic", "semantic", "audience", "relationship", "reflection"),
)


async def gather(state: ChatState, runtime: Runtime[ChatContext]) -> dict[str, Any]:
    """Both at once: a person waits."""
    context = runtime.context
    parts, ask = context.parts, context.ask
    recalled, choice = await asyncio.gather(
        parts.memory.recall(
            context.artist.id,
            KINDS,
            ask.said[:QUERY_CHARS],
            now=parts.clock.now(),
            limit=MEMORIES,
        ),
        by_meaning(ask.said, parts.embedder),
    )
    return {
        "remembered": [r.record.text for r in recalled if not r.record.untrusted],
        "comments": [_told(r) for r in recalled if r.record.untrusted],
        "chosen": choice.action,
        "about": choice.about,
        "sure": choice.sure,
        "acts": 0,
        "done": [],
    }


def _told(found: Recalled) -> str:
    return found.record.text
