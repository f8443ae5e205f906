"""What an artist's memory page of the dashboard shows."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.artist_views import ArtistHead, head_of
from api.web.operator_views import Notice
from api.web.page import Page
from domain.actor import Actor
from domain.memory import MEMORY_KINDS, MemoryKind, MemoryRecord

MEMORIES_A_PAGE = 50


class MemoryLine(BaseModel):
    """One thing that an artist remembers."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    text: str
    happened_at: datetime
    importance: float
    source: str
    untrusted: bool
    run_id: str | None


class ArtistMemoryPage(Page):
    """What an artist remembers."""

    template: ClassVar[str] = "artist_memory.html"

    head: ArtistHead = Field(description="Who it is.")
    kinds: tuple[str, ...] = Field(description="Kinds of memories.")
    kind: str = Field(description="The kind that is shown; empty: all.")
    query: str = Field(description="The words that are looked for.")
    memories: tuple[MemoryLine, ...] = Field(description="Last stored first, or most useful first.")
    next_url: str = Field(description="The page behind, if there is one.")
    first_url: str = Field(description="The first page, where this is another.")
    notice: Notice | None = Field(description="What just happened, if anything.")


async def artist_memory_page(
    context: ApiContext,
    operator: Actor,
    handle: str,
    query: str = "",
    kind: MemoryKind | None = None,
    after: str | None = None,
    notice: Notice | None = None,
) -> ArtistMemoryPage:
    """Read what an artist remembers: a page of it, or what answers a query best."""
    artist = await context.artists.find(operator, handle)
    words = query.strip()
    if words:
        found = await context.memories.search(operator, artist.id, words, kind)
    else:
        found = await context.memories.page(operator, artist.id, kind, after, MEMORIES_A_PAGE + 1)
    shown = found[:MEMORIES_A_PAGE]
    more = not words and len(found) > MEMORIES_A_PAGE
    base = f"/operator/artists/{artist.handle}/memory?kind={kind or ''}"
    return ArtistMemoryPage(
        title=f"Memory of {artist.stage_name} · Greenroom",
        head=head_of(context, artist),
        kinds=MEMORY_KINDS,
        kind=kind or "",
        query=query,
        memories=tuple(_line(one) for one in shown),
        next_url=f"{base}&after={shown[-1].id}" if more else "",
        first_url=base if after else "",
        notice=notice,
    )


def _line(one: MemoryRecord) -> MemoryLine:
    return MemoryLine(
        id=one.id,
        kind=one.kind,
        text=one.text,
        happened_at=one.happened_at,
        importance=one.importance,
        source=one.source,
        untrusted=one.untrusted,
        run_id=one.source_run_id,
    )
