"""What the inbox of approvals shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from api.context import ApiContext
from api.web.operator_views import Notice, WaitingCard, outcome, waiting_card
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.approval import REJECT_REASONS
from domain.errors import Forbidden, NotFound
from services.inbox import Decided, InboxItem

CARDS_A_PAGE = 20
CLOSED_SHOWN = 12


class ClosedLine(WaitingCard):
    """An approval that is over, and who ended it."""

    by: str = Field(description="Empty where time did.")
    words: str


class InboxLive(Fragment):
    """The part of the inbox that follows the event log."""

    template: ClassVar[str] = "inbox_live.html"

    cards: tuple[WaitingCard, ...] = Field(description="What waits, oldest first.")
    next_url: str = Field(description="The page behind, if there is one.")
    first_url: str = Field(description="The first page, where this is another.")
    closed: tuple[ClosedLine, ...] = Field(description="What was decided last, newest first.")
    reasons: tuple[str, ...] = Field(description="Reasons for a no.")
    comment: str = Field(description="What was typed as the reason's words.")


class InboxPage(Page):
    """The inbox."""

    template: ClassVar[str] = "inbox.html"

    live_html: InboxLive = Field(description="The part that follows the event log.")
    live_url: str = Field(description="Where that part is fetched again; empty: it stays.")
    notice: Notice | None = Field(description="What just happened, if anything.")
    refused: tuple[Decided, ...] = Field(description="Chosen ones that were not decided, and why.")
    last_event: int = Field(description="Event id from which the page follows.")


async def inbox_live(
    context: ApiContext, operator: Actor, after: str | None = None, comment: str = ""
) -> InboxLive:
    """Read one page of the inbox."""
    found = await context.inbox.waiting(operator, after, CARDS_A_PAGE + 1)
    shown = found[:CARDS_A_PAGE]
    closed = await context.inbox.decided(operator, CLOSED_SHOWN)
    names = await context.overview.names(
        {item.approval.decision.by for item in closed if item.approval.decision}
    )
    more = len(found) > CARDS_A_PAGE
    return InboxLive(
        cards=tuple(waiting_card(item) for item in shown),
        next_url=f"/operator/approvals?after={shown[-1].approval.id}" if more else "",
        first_url="/operator/approvals" if after else "",
        closed=tuple(_closed(item, names) for item in closed),
        reasons=REJECT_REASONS,
        comment=comment,
    )


async def inbox_page(
    context: ApiContext,
    operator: Actor,
    after: str | None = None,
    notice: Notice | None = None,
    comment: str = "",
    *,
    decided: Sequence[Decided] = (),
    verdict: str = "",
) -> InboxPage:
    """Read the inbox, with what became of those that were just decided together."""
    last_event = await context.views.last_event()
    done = [one for one in decided if one.refused is None]
    if done:
        words = "Approved" if verdict == "approve" else "Rejected"
        titles = ", ".join(f"“{one.title}”" for one in done)
        notice = Notice(kind="good", text=f"{words}: {titles}.")
    return InboxPage(
        title="Approvals · Greenroom",
        live_html=await inbox_live(context, operator, after, comment),
        live_url="" if after else "/operator/approvals/live",
        notice=notice,
        refused=tuple(
            [await _told(context, operator, one) for one in decided if one.refused is not None]
        ),
        last_event=last_event,
    )


def _closed(item: InboxItem, names: dict[str, str]) -> ClosedLine:
    decision = item.approval.decision
    reason = decision.because if decision else ""
    return ClosedLine(
        **waiting_card(item).model_dump(),
        by=names[decision.by] if decision else "",
        words=f"{reason}: {decision.comment}" if decision and decision.comment else reason,
    )


async def _told(context: ApiContext, operator: Actor, one: Decided) -> Decided:
    """Say who was there before, where somebody was."""
    try:
        approval = await context.approvals.get(operator, one.approval_id)
    except (NotFound, Forbidden):
        return one
    by = approval.decision.by if approval.decision else ""
    names = await context.overview.names({by} if by else ())
    ended = outcome(approval, names.get(by, ""), context.clock.now())
    return one if ended is None else one.model_copy(update={"refused": ended.text})
