"""Remembering from a graph's node."""

from __future__ import annotations

from datetime import datetime

from domain.ids import new_id
from domain.memory import MemoryKind, MemoryRecord, hash_text
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
    """Remember a text of this run; the same text again is the same memory."""
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
