"""Alerts: what an operator should look at, and what is over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.alert import Alert, AlertStatus

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.get("")
async def list_alerts(
    context: Context,
    operator: Operator,
    status: Annotated[AlertStatus | None, Query(description="Only open or closed ones.")] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[Alert]:
    """List alerts, newest first."""
    found = await context.alerts.page(operator, after, limit, status)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.get("/{alert_id}")
async def show_alert(alert_id: str, context: Context, operator: Operator) -> Alert:
    """Show one alert."""
    return await context.alerts.get(operator, alert_id)


@router.post("/{alert_id}/acknowledge")
async def acknowledge(alert_id: str, context: Context, operator: Operator) -> Alert:
    """Say that you have seen it; it stays open until what it tells of is over."""
    return await context.alerts.acknowledge(operator, alert_id)
