"""The page of insights."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.context import Context
from api.security import LocalOperator
from api.web.insight_view import insights_page

router = APIRouter(prefix="/operator/insights", include_in_schema=False)


@router.get("")
async def insights(context: Context, operator: LocalOperator) -> HTMLResponse:
    """What changed in the last week."""
    return insights_page(await context.insights.week(operator)).response()
