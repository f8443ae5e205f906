"""Search over everything: what has the words, with the words marked, by kind."""

from __future__ import annotations

from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.context import Context
from api.security import LocalOperator
from api.web.page import Page
from domain.search import SEARCH_KINDS, SearchKind, asked_words, excerpt, marked
from services.search import Found

router = APIRouter(prefix="/operator/search", include_in_schema=False)
PAGE = "/operator/search"
SHOWN = 40
# The store ranks 400 of what has the words.
PAGES = 10
NAMES: dict[SearchKind, tuple[str, str]] = {
    "artist": ("Artist", "Artists"),
    "profile": ("Profile", "Profiles"),
    "work": ("Song", "Songs"),
    "lyrics": ("Lyrics", "Lyrics"),
    "post": ("Post", "Posts"),
    "directive": ("Directive", "Directives"),
    "memory": ("Memory", "Memories"),
    "run": ("Run", "Runs"),
}
Pieces = tuple[tuple[str, bool], ...]


class Hit(BaseModel):
    """One thing that was found; pieces that are marked carry the words."""

    model_config = ConfigDict(frozen=True)

    kind: str
    title: Pieces
    words: Pieces
    who: str
    url: str


class SearchPage(Page):
    """What was found."""

    template: ClassVar[str] = "search.html"

    query: str = Field(description="The words, as typed.")
    hits: tuple[Hit, ...] = Field(description="What has them.")
    kinds: tuple[tuple[str, str, bool], ...] = Field(description="Kinds to look among.")
    kind: str = Field(description="The kind that is looked among; empty for all.")
    next_url: str = Field(description="What comes behind, if anything may.")
    first_url: str = Field(description="The best of it, where this is what comes behind.")
    cut: bool = Field(description="Whether there may be more than anybody pages through.")


@router.get("")
async def search(
    context: Context,
    operator: LocalOperator,
    q: Annotated[str, Query(max_length=400)] = "",
    kind: str = "",
    page: Annotated[int, Query(ge=1, le=PAGES)] = 1,
) -> HTMLResponse:
    """The page; without words it says what can be found."""
    among: tuple[SearchKind, ...] = tuple(k for k in SEARCH_KINDS if k == kind) or SEARCH_KINDS
    skip = (page - 1) * SHOWN
    found = await context.desk.search.find(operator, q, among, SHOWN + 1, skip)
    more = len(found) > SHOWN
    words = asked_words(q)
    return SearchPage(
        title=f"{q.strip()} · Search · Greenroom" if q.strip() else "Search · Greenroom",
        query=q,
        hits=tuple(_hit(one, words) for one in found[:SHOWN]),
        kinds=(
            ("Everything", _url(q, ""), not kind),
            *((NAMES[k][1], _url(q, k), k == kind) for k in SEARCH_KINDS),
        ),
        kind=kind if kind in SEARCH_KINDS else "",
        next_url=_url(q, kind, page + 1) if more and page < PAGES else "",
        first_url=_url(q, kind) if page > 1 else "",
        cut=more and page == PAGES,
    ).response()


def _url(query: str, kind: str, page: int = 1) -> str:
    behind = {"page": str(page)} if page > 1 else {}
    return f"{PAGE}?{urlencode({'q': query} | ({'kind': kind} if kind else {}) | behind)}"


def _hit(found: Found, words: tuple[str, ...]) -> Hit:
    entry = found.entry
    who = found.artist.stage_name if found.artist else ""
    title = entry.title or excerpt(entry.text, words, 90)
    told = excerpt(entry.text, words) if entry.title else ""
    return Hit(
        kind=NAMES[entry.kind][0],
        title=tuple(marked(title, words)),
        words=tuple(marked(told, words)) if told else (),
        who=who if who != entry.title else "",
        url=_place(found),
    )


def _place(found: Found) -> str:
    entry, artist = found.entry, found.artist
    if entry.kind in ("work", "lyrics"):
        return f"/operator/catalogue/{entry.subject_id}"
    if entry.kind in ("run", "post") and entry.run_id:
        return f"/operator/runs/{entry.run_id}"
    handle = artist.handle if artist else entry.artist_id
    return f"/operator/artists/{handle}{'/profile' if entry.kind == 'profile' else ''}"
