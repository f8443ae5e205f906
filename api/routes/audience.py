"""What visitors wrote: read it, hide what does not belong on a public page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.audience import AudienceEvent

router = APIRouter(tags=["audience"])


@router.get("/artists/{handle}/comments")
async def list_comments(
    handle: str,
    context: Context,
    operator: Operator,
    hidden: Annotated[bool, Query(description="Hidden ones as well.")] = False,
) -> Page[AudienceEvent]:
    """List an artist's newest comments; their words are untrusted text."""
    artist = await context.artists.find(operator, handle)
    return Page(items=await context.audience.comments(operator, artist.id, hidden=hidden))


@router.post("/comments/{comment_id}/hide", status_code=status.HTTP_204_NO_CONTENT)
async def hide_comment(comment_id: str, context: Context, operator: Operator) -> None:
    """Take a comment off the public page; the artist does not perceive it any more."""
    await context.audience.hide(operator, comment_id, True)


@router.post("/comments/{comment_id}/show", status_code=status.HTTP_204_NO_CONTENT)
async def show_comment(comment_id: str, context: Context, operator: Operator) -> None:
    """Put a hidden comment back."""
    await context.audience.hide(operator, comment_id, False)
