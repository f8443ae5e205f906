"""Memories: what an artist remembers, to be read, corrected and forgotten."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.etags import SeenVersion, tag
from api.listing import After, Limit, page
from api.schemas import Page
from api.security import Operator
from domain.memory import MEMORY_MAX_CHARS, MemoryKind, MemoryRecord

router = APIRouter(prefix="/artists/{handle}/memories", tags=["memories"])


class Correction(BaseModel):
    """How it really was."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "The show was in Hamburg."}]}
    )

    text: str = Field(min_length=1, max_length=MEMORY_MAX_CHARS)


@router.get("")
async def list_memories(
    handle: str,
    context: Context,
    operator: Operator,
    kind: Annotated[MemoryKind | None, Query(description="Only of this kind.")] = None,
    query: Annotated[
        str | None,
        Query(max_length=500, description="Words: what the artist would recall, in one page."),
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[MemoryRecord]:
    """List what an artist remembers, last stored first, or what it recalls at some words."""
    if query is not None:
        found = await context.memories.search(operator, handle, query, kind, limit)
        return Page(items=found)
    return page(await context.memories.page(operator, handle, kind, after, limit), limit)


@router.get("/{memory_id}")
async def show_memory(
    handle: str, memory_id: str, response: Response, context: Context, operator: Operator
) -> MemoryRecord:
    """Show one memory."""
    found = await context.memories.get(operator, handle, memory_id)
    tag(response, found.row_version)
    return found


@router.patch("/{memory_id}")
async def correct_memory(
    handle: str,
    memory_id: str,
    body: Correction,
    seen: SeenVersion,
    response: Response,
    context: Context,
    operator: Operator,
) -> MemoryRecord:
    """Correct a memory: gives the new one, which supersedes the old one and has another id."""
    found = await context.memories.correct(operator, handle, memory_id, body.text, seen=seen)
    tag(response, found.row_version)
    return found


@router.delete("/{memory_id}")
async def forget_memory(
    handle: str, memory_id: str, context: Context, operator: Operator
) -> MemoryRecord:
    """Make the artist forget one memory for good; gives back what it was."""
    return await context.memories.forget(operator, handle, memory_id)
