"""The audit log, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.context import Context
from api.schemas import Page
from api.security import Operator
from domain.audit import AuditEntry, Outcome
from services.audit import AuditFilter

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("")
async def list_audit(
    context: Context,
    operator: Operator,
    person: Annotated[
        str | None, Query(description="Somebody's id; `local`: this machine.")
    ] = None,
    artist: Annotated[str | None, Query(description="Handle or id of an artist.")] = None,
    operation: Annotated[
        str | None, Query(max_length=200, description="A part of what was done, such as `DELETE`.")
    ] = None,
    outcome: Outcome | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[AuditEntry]:
    """List what people did, newest first."""
    wanted = AuditFilter(
        user_id=person,
        artist=artist,
        operation=operation,
        outcome=outcome,
        since=since,
        until=until,
    )
    found = await context.people.audit.page(operator, after, limit, wanted)
    return Page(items=found, next=found[-1].id if len(found) == limit else None)


@router.get("/{entry_id}")
async def show_audit_entry(entry_id: str, context: Context, operator: Operator) -> AuditEntry:
    """Show one entry."""
    return await context.people.audit.get(operator, entry_id)
