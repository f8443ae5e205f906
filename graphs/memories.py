"""Remembering from a graph's node."""

from __future__ import annotations

from datetime import datetime

from domain.ids import new_id
from domain.memory import MEMORY_MAX_CHARS, MemoryKind, MemoryRecord, hash_text
from domain.trimmed import trim_to_sentence
from graphs.context import RunContext


async def remember_text(
    context: RunContext,
    kind: MemoryKind,
    text: str,
    *,
    at: datetime,
    importance: float,
    untrusted: bool = False,
) -> MemoryRecord:
    """Remember a text of this run; the same text again is the same memory.

    A text too long for a memory is cut at a sentence: it must not keep a run from ending.
    """
    text = trim_to_sentence(text, MEMORY_MAX_CHARS)
    now = context.house.clock.now()
    record = MemoryRecord(
        id=new_id("memory"),
        created_at=now,
        updated_at=now,
        artist_id=context.artist_id,
        kind=kind,
        text=text,
        happened_at=at,
        importance=importance,
        source_run_id=context.run.id,
        untrusted=untrusted,
        text_sha256=hash_text(text),
    )
    return await context.house.memory.remember(record)
