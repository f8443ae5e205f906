"""What the audit page shows: who did what, from where, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.page import Page
from domain.actor import Actor
from domain.audit import LOCAL, AuditEntry, Outcome
from domain.errors import NotFound
from services.audit import AuditFilter

SHOWN = 50
KINDS = {"done": "good", "refused": "ask", "failed": "bad", "begun": "info"}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class AuditLine(_Part):
    """One act."""

    at: datetime
    who: str
    key: str | None
    what: str
    operation: str
    subject: str | None
    artist: str | None
    address: str
    outcome: str
    kind: str
    status: int | None


class AuditFilters(_Part):
    """The filters as typed."""

    person: str = ""
    artist: str = ""
    operation: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return any(self.model_dump().values())


class AuditPage(Page):
    """The log."""

    template: ClassVar[str] = "audit.html"

    lines: tuple[AuditLine, ...] = Field(description="Acts, newest first.")
    filters: AuditFilters = Field(description="What is shown.")
    outcomes: tuple[str, ...] = Field(description="Outcomes to choose from.")
    next_url: str | None = Field(description="The older ones.")
    first_url: str | None = Field(description="The newest ones, from an older page.")


async def audit_page(
    context: ApiContext, actor: Actor, filters: AuditFilters, after: str | None
) -> AuditPage:
    """Read one page of the log."""
    wanted = await _wanted(context, actor, filters)
    found = [] if wanted is None else await context.people.audit.page(actor, after, SHOWN, wanted)
    query = {name: value for name, value in filters.model_dump().items() if value}
    older = {**query, "after": found[-1].id} if len(found) == SHOWN else None
    return AuditPage(
        title="Audit log · Greenroom",
        lines=audit_lines(found),
        filters=filters,
        outcomes=tuple(Outcome),
        next_url=f"/operator/audit?{urlencode(older)}" if older else None,
        first_url=f"/operator/audit?{urlencode(query)}" if after else None,
    )


def audit_lines(entries: Sequence[AuditEntry]) -> tuple[AuditLine, ...]:
    """Entries as pages show them."""
    return tuple(
        AuditLine(
            at=entry.created_at,
            who="This machine" if entry.user_id == LOCAL else entry.who,
            key=entry.key,
            what=entry.what,
            operation=entry.operation,
            subject=entry.subject,
            artist=entry.artist,
            address=entry.address,
            outcome=entry.outcome.value,
            kind=KINDS[entry.outcome.value],
            status=entry.status,
        )
        for entry in entries
    )


async def _wanted(context: ApiContext, actor: Actor, filters: AuditFilters) -> AuditFilter | None:
    """The filter that was typed; None where it names nobody."""
    actor.must("administer")
    person = filters.person.strip() or None
    if person is not None and person != LOCAL:
        try:
            person = (await context.people.people.get(actor, person)).id
        except NotFound:
            return None
    return AuditFilter(
        user_id=person,
        artist=filters.artist.strip() or None,
        operation=filters.operation.strip() or None,
        outcome=Outcome(filters.outcome) if filters.outcome in tuple(Outcome) else None,
        since=_midnight(filters.since),
        until=_midnight(filters.until, days=1),
    )


def _midnight(typed: str, days: int = 0) -> datetime | None:
    """The beginning of a day in UTC; what is no day does not filter."""
    try:
        return datetime.combine(date.fromisoformat(typed), time(), UTC) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
