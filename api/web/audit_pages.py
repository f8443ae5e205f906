"""The audit log's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.context import Context
from api.security import LocalOperator
from api.web.audit_view import AuditFilters, audit_page

router = APIRouter(prefix="/operator/audit", include_in_schema=False)
Words = Annotated[str, Query(max_length=200)]


@router.get("")
async def audit(
    context: Context,
    operator: LocalOperator,
    person: Words = "",
    artist: Words = "",
    operation: Words = "",
    outcome: Words = "",
    since: Words = "",
    until: Words = "",
    after: str | None = None,
) -> HTMLResponse:
    """What people did, newest first."""
    filters = AuditFilters(
        person=person,
        artist=artist,
        operation=operation,
        outcome=outcome,
        since=since,
        until=until,
    )
    return (await audit_page(context, operator, filters, after)).response()
