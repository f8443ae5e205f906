"""The tool that searches an artist's own memory."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.memory import MEMORY_KINDS, MemoryKind, Recalled
from tools.context import ToolContext
from tools.tool import Tool


class RecallMemories(BaseModel):
    """What to look for."""

    model_config = ConfigDict(frozen=True)

    query: str = Field(min_length=1, max_length=500)
    kinds: tuple[MemoryKind, ...] = MEMORY_KINDS
    limit: int = Field(default=8, ge=1, le=30)


class Memories(BaseModel):
    """What was found, best first."""

    model_config = ConfigDict(frozen=True)

    found: tuple[Recalled, ...]


async def recall_memories(context: ToolContext, arguments: RecallMemories) -> Memories:
    """Search your own memories; other artists' memories are never found."""
    found = await context.memory.recall(
        context.artist_id,
        arguments.kinds,
        arguments.query,
        now=context.works.clock.now(),
        limit=arguments.limit,
    )
    return Memories(found=tuple(found))


RECALL_MEMORIES = Tool("recall_memories", RecallMemories, recall_memories, "read")
