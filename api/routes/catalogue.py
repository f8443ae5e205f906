"""Works and releases of the whole label."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.context import Context
from api.listing import OfArtist, Wanted, narrowed, page
from api.schemas import Page
from api.security import Operator
from domain.release import Release, ReleaseStatus
from domain.work import WorkStatus
from services.views import WorkView

router = APIRouter(tags=["catalogue"])


@router.get("/works")
async def list_works(
    context: Context,
    operator: Operator,
    wanted: Wanted,
    artist: OfArtist = None,
    status: Annotated[list[WorkStatus] | None, Query(description="In one of these.")] = None,
) -> Page[WorkView]:
    """List works with their files and quality reports."""
    found = await context.catalogue.works(operator, narrowed(wanted, status), artist)
    return page([await context.views.work(work) for work in found], wanted.limit)


@router.get("/works/{work_id}")
async def show_work(work_id: str, context: Context, operator: Operator) -> WorkView:
    """Show one work with its files, reports, provenance and choices."""
    return await context.views.work(await context.works.get(operator, work_id))


@router.get("/releases")
async def list_releases(
    context: Context,
    operator: Operator,
    wanted: Wanted,
    artist: OfArtist = None,
    status: Annotated[list[ReleaseStatus] | None, Query(description="In one of these.")] = None,
) -> Page[Release]:
    """List releases."""
    found = await context.catalogue.releases(operator, narrowed(wanted, status), artist)
    return page(found, wanted.limit)


@router.get("/releases/{release_id}")
async def show_release(release_id: str, context: Context, operator: Operator) -> Release:
    """Show one release with its credits and disclosure."""
    return await context.catalogue.release(operator, release_id)
