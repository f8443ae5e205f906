"""Posts: look through them, and settle those whose outcome nobody knows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.context import Context
from api.listing import OfArtist, Wanted, narrowed, page
from api.schemas import Page, Settlement
from api.security import Operator
from domain.post import Post, PostStatus

router = APIRouter(prefix="/posts", tags=["posts"])


@router.get("")
async def list_posts(
    context: Context,
    operator: Operator,
    wanted: Wanted,
    artist: OfArtist = None,
    status: Annotated[list[PostStatus] | None, Query(description="In one of these.")] = None,
) -> Page[Post]:
    """List posts with exactly what each channel gets or got."""
    found = await context.catalogue.posts(operator, narrowed(wanted, status), artist)
    return page(found, wanted.limit)


@router.get("/{post_id}")
async def show_post(post_id: str, context: Context, operator: Operator) -> Post:
    """Show one post."""
    return await context.catalogue.post(operator, post_id)


@router.post("/{post_id}/settle")
async def settle(post_id: str, body: Settlement, context: Context, operator: Operator) -> Post:
    """Say whether a post of unknown outcome was published; refused for any other post."""
    return await context.publishing.settle(
        operator, post_id, published=body.published, remote_id=body.remote_id
    )
