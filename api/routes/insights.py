"""Insights: what changed in a week, how sure that is, and what comes next."""

from __future__ import annotations

from fastapi import APIRouter

from api.context import Context
from api.listing import OfArtist
from api.security import Operator
from services.insights import Insights

router = APIRouter(prefix="/insights", tags=["insights"])


@router.get("")
async def show_insights(context: Context, operator: Operator, artist: OfArtist = None) -> Insights:
    """Show the last seven full days against those before, with intervals and forecasts."""
    return await context.insights.week(operator, artist)
