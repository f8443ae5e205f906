"""The catalogue: all works with a player, one work whole, and the wave of its sound."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, JSONResponse

from api.context import Context
from api.security import LocalOperator
from api.web.catalogue_view import SOUNDS, ShelfForm, catalogue_page, work_page
from domain.errors import NotFound

router = APIRouter(prefix="/operator/catalogue", include_in_schema=False)
Text = Annotated[str, Query(max_length=200)]


async def typed(
    artist: Text = "",
    genre: Text = "",
    status: Text = "",
    since: Text = "",
    until: Text = "",
    order: Text = "newest",
    title: Annotated[str, Query(max_length=2000)] = "",
    after: Text = "",
) -> ShelfForm:
    """The filters of the address."""
    return ShelfForm(
        artist=artist, genre=genre, status=status, since=since, until=until, order=order,
        title=title, after=after,
    )  # fmt: skip


@router.get("")
async def catalogue(
    context: Context, operator: LocalOperator, form: Annotated[ShelfForm, Depends(typed)]
) -> HTMLResponse:
    """A page of the list."""
    return (await catalogue_page(context, operator, form)).response()


@router.get("/{work_id}")
async def work(work_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """One work."""
    return (await work_page(context, operator, work_id)).response()


@router.get("/{work_id}/wave")
async def wave(work_id: str, context: Context, operator: LocalOperator) -> JSONResponse:
    """How loud its sound is along its length: numbers from 0 to 100."""
    found = (await context.desk.shelf.work(operator, work_id)).work
    sound = next((a for a in map(found.asset, SOUNDS) if a is not None), None)
    if sound is None:
        raise NotFound(f"the work {work_id!r} has no sound yet")
    bars = await context.desk.waves.bars(sound.sha256)
    return JSONResponse(bars, headers={"Cache-Control": "private, max-age=3600"})
