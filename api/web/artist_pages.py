"""The artists' pages of the dashboard: all of them, one of them, who one is."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import Context
from api.listing import NUMBER_MAX
from api.security import FromOurPage, LocalOperator
from api.web.artist_forms import BRIEF_KEPT, ArtistForm
from api.web.artist_views import (
    artist_desk_page,
    artist_live,
    artist_profile_page,
    artists_page,
)
from api.web.memory_view import artist_memory_page
from api.web.once import Sent, once
from api.web.operator_views import Notice, bad_notice
from domain.errors import Conflict, InvalidInput
from domain.memory import MemoryKind

router = APIRouter(prefix="/operator/artists", include_in_schema=False)
SEE_OTHER = 303
DONE = {
    "pause": "Paused. Nothing begins until you resume it; what runs goes to its end.",
    "resume": "It works again.",
    "retire": "Retired. Its page and its music stay.",
}
EDITED = {
    "edited": "Saved as a new version. Whatever it does next follows it.",
    "same": "Nothing was different, so there is no new version.",
}


@router.get("")
async def artists(
    context: Context, operator: LocalOperator, after: str | None = None
) -> HTMLResponse:
    """All artists, and the form for another."""
    return (await artists_page(context, operator, after)).response()


@router.post("", dependencies=[FromOurPage])
async def create_artist(
    context: Context,
    operator: LocalOperator,
    sent: Sent,
    brief: Annotated[str, Form()] = "",
    genre: Annotated[str, Form()] = "",
    seed: Annotated[str, Form()] = "",
) -> Response:
    """Create an artist and start its debut; the same form sent twice makes one."""
    form = ArtistForm(brief=brief[:BRIEF_KEPT], genre=genre, seed=seed)

    async def create() -> Response:
        number = form.seed_number
        artist = await context.artists.create(operator, brief, genre or None, number)
        run = await context.runs.start(operator, artist.id, "debut", seed=number)
        return RedirectResponse(f"/operator/runs/{run.id}", SEE_OTHER)

    try:
        return await once(context, operator, sent, create)
    except InvalidInput as error:
        page = await artists_page(context, operator, form=form.refused(error))
        return page.response(error.status)


@router.get("/{handle}")
async def artist(
    handle: str, context: Context, operator: LocalOperator, done: str | None = None
) -> HTMLResponse:
    """One artist."""
    notice = Notice(kind="good", text=DONE[done]) if done in DONE else None
    return (await artist_desk_page(context, operator, handle, notice)).response()


@router.get("/{handle}/live")
async def artist_fragment(handle: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of an artist's page that follows the event log."""
    return (await artist_live(context, operator, handle)).response()


@router.get("/{handle}/profile")
async def artist_profile(
    handle: str,
    context: Context,
    operator: LocalOperator,
    below: Annotated[int | None, Query(ge=1, le=NUMBER_MAX)] = None,
    done: str | None = None,
) -> HTMLResponse:
    """Who it is, and the versions of that, a page at a time."""
    notice = Notice(kind="good", text=EDITED[done]) if done in EDITED else None
    return (await artist_profile_page(context, operator, handle, below, notice)).response()


@router.get("/{handle}/memory")
async def artist_memory(
    handle: str,
    context: Context,
    operator: LocalOperator,
    q: Annotated[str, Query(max_length=200)] = "",
    kind: MemoryKind | Literal[""] = "",
    after: str | None = None,
    done: str | None = None,
) -> HTMLResponse:
    """What it remembers, to look through and to search."""
    notice = Notice(kind="good", text="Forgotten, for good.") if done == "forgotten" else None
    page = await artist_memory_page(context, operator, handle, q, kind or None, after, notice)
    return page.response()


@router.post("/{handle}/memory/{memory_id}/forget", dependencies=[FromOurPage])
async def forget(
    handle: str, memory_id: str, context: Context, operator: LocalOperator
) -> Response:
    """Let it forget one thing for good."""
    await context.memories.forget(operator, handle, memory_id)
    return RedirectResponse(f"/operator/artists/{handle}/memory?done=forgotten", SEE_OTHER)


@router.post("/{handle}/{act}", dependencies=[FromOurPage])
async def steer_artist(
    handle: str, act: str, context: Context, operator: LocalOperator
) -> Response:
    """Run a cycle, pause, resume or retire."""
    moves = {
        "pause": context.artists.pause,
        "resume": context.artists.resume,
        "retire": context.artists.retire,
    }
    try:
        if act == "runs":
            run = await context.runs.start(operator, handle)
            return RedirectResponse(f"/operator/runs/{run.id}", SEE_OTHER)
        if act not in moves:
            raise InvalidInput(f"there is no way to {act} an artist", field="act")
        await moves[act](operator, handle)
    except (Conflict, InvalidInput) as error:
        page = await artist_desk_page(context, operator, handle, bad_notice(error))
        return page.response(error.status)
    return RedirectResponse(f"/operator/artists/{handle}?done={act}", SEE_OTHER)
