"""Look things up by their words or their time, move a slot, and see the wave of a sound."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.context import Context
from api.listing import After, Limit, OfArtist
from api.schemas import Page
from api.security import Operator
from domain.errors import InvalidInput
from domain.search import SEARCH_KINDS, SearchKind, asked_words, excerpt
from services.schedules_view import ScheduleView, schedule_view

router = APIRouter()
LONGEST = timedelta(days=93)
FIRST, LAST = 1970, 2200


class SearchHit(BaseModel):
    """One thing that has the words."""

    model_config = ConfigDict(frozen=True)

    kind: SearchKind
    id: str = Field(description="Of the thing itself; of a profile, its artist's.")
    title: str = Field(description="What it is called; empty where it has no name.")
    excerpt: str = Field(description="A stretch of its text around the first of the words.")
    artist: str = Field(description="The artist's handle.")
    run_id: str | None
    at: AwareDatetime


class SearchHits(BaseModel):
    """What was found, the best first, and the words that were looked for."""

    words: list[str]
    items: list[SearchHit]


class CalendarItem(BaseModel):
    """One thing in its place in time."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["slot", "release", "post", "expires", "veto"] = Field(
        description="`expires` and `veto`: when a waiting approval ends, unheeded or unopposed."
    )
    at: AwareDatetime
    artist: str = Field(description="The artist's handle.")
    id: str = Field(description="Of the schedule, release, post or approval.")
    text: str
    moved: bool = Field(default=False, description="Whether a person moved the slot there.")


class SlotMove(BaseModel):
    """Which slot, and where to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"slot": "2026-05-05T16:30:00Z", "to": "2026-05-06T09:00:00Z"}]
        },
    )

    slot: AwareDatetime = Field(description="When the artist would act.")
    to: AwareDatetime = Field(description="When it is to act instead, this once.")


class SlotMoved(BaseModel):
    """The schedule as it is now; `warnings` tell what else is close."""

    schedule: ScheduleView
    slot: AwareDatetime
    to: AwareDatetime
    warnings: list[str]


@router.get("/search", tags=["search"])
async def search(
    context: Context,
    operator: Operator,
    q: Annotated[str, Query(max_length=400, description="Words, or beginnings of words.")],
    kind: Annotated[list[SearchKind] | None, Query(description="Among these kinds only.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SearchHits:
    """Find what has every word, among all artists that you see."""
    found = await context.desk.search.find(operator, q, kind or SEARCH_KINDS, limit)
    words = asked_words(q)
    return SearchHits(
        words=list(words),
        items=[
            SearchHit(
                kind=one.entry.kind,
                id=one.entry.subject_id,
                title=one.entry.title,
                excerpt=excerpt(one.entry.text, words),
                artist=one.artist.handle if one.artist else one.entry.artist_id,
                run_id=one.entry.run_id,
                at=one.entry.at,
            )
            for one in found
        ],
    )


@router.get("/calendar", tags=["calendar"])
async def calendar(
    context: Context,
    operator: Operator,
    begin: Annotated[AwareDatetime, Query(description="From this moment on.")],
    end: Annotated[AwareDatetime, Query(description="Up to this moment, 93 days at most.")],
    artist: OfArtist = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[CalendarItem]:
    """List slots that come, what went out, and approvals that end, in order."""
    if not (begin.year >= FIRST and end.year <= LAST):
        raise InvalidInput(
            f"the calendar goes from {FIRST} to {LAST}",
            field="begin" if begin.year < FIRST else "end",
            remedy="Give a moment of these years.",
        )
    if not begin < end or end - begin > LONGEST:
        raise InvalidInput(
            f"the calendar is read {LONGEST.days} days at a time",
            field="end",
            remedy="Give an end behind the begin, and ask for the rest again.",
        )
    found, behind = await context.desk.calendar.page(operator, begin, end, limit, after, artist)
    return Page(
        items=[
            CalendarItem(
                kind=entry.kind,
                at=entry.at,
                artist=entry.artist.handle,
                id=entry.subject_id,
                text=entry.text,
                moved=entry.moved,
            )
            for entry in found
        ],
        next=behind,
    )


@router.post("/artists/{handle}/schedules/{name}/move", tags=["schedules"])
async def move_slot(
    handle: str, name: str, body: SlotMove, context: Context, operator: Operator
) -> SlotMoved:
    """Let the artist act at another time than its rhythm says, this once.

    The same move the other way round undoes it.
    """
    moved = await context.schedules.move(operator, handle, body.slot, body.to, name)
    artist = await context.artists.find(operator, handle)
    return SlotMoved(
        schedule=schedule_view(moved.schedule, artist),
        slot=moved.slot_at,
        to=moved.to_at,
        warnings=list(moved.warnings),
    )
