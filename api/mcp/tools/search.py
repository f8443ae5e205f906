"""The tool that looks for anything by its words."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from domain.search import SEARCH_KINDS, SearchKind, asked_words, excerpt


class Search(Arguments):
    """What to look for, and among what."""

    query: str = Field(min_length=1, max_length=200)
    kinds: tuple[SearchKind, ...] = SEARCH_KINDS
    limit: int = Field(default=20, ge=1, le=100)


class Hit(Result):
    """One thing that has the words."""

    kind: SearchKind
    id: str
    artist: str | None = Field(description="Whose it is, by handle.")
    title: str
    excerpt: str
    at: datetime


class Hits(Result):
    """What was found, what is called so first."""

    hits: list[Hit]


async def search(caller: Caller, asked: Search) -> Hits:
    """Search artists, profiles, works, lyrics, posts, directives, memories and runs by words.

    Every word must occur; a word's beginning is enough.
    """
    found = await caller.context.desk.search.find(
        caller.actor, asked.query, asked.kinds, asked.limit
    )
    words = asked_words(asked.query)
    return Hits(
        hits=[
            Hit(
                kind=hit.entry.kind,
                id=hit.entry.subject_id,
                artist=hit.artist.handle if hit.artist else None,
                title=hit.entry.title,
                excerpt=excerpt(hit.entry.text, words),
                at=hit.entry.at,
            )
            for hit in found
        ]
    )


TOOLS = (McpTool("search", "Search", "read", Search, Hits, search, read_only=True),)
