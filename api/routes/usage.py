"""Usage: tokens and money."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.context import Context
from api.listing import OfArtist
from api.security import Operator
from services.usage import Usage

router = APIRouter(prefix="/usage", tags=["usage"])
USUAL = timedelta(days=30)


@router.get("")
async def show_usage(
    context: Context,
    operator: Operator,
    artist: OfArtist = None,
    since: Annotated[
        AwareDatetime | None, Query(description="From this moment on; none: the last 30 days.")
    ] = None,
) -> Usage:
    """Show tokens and money by day and by artist."""
    return await context.usage.since(operator, since or context.clock.now() - USUAL, artist)
