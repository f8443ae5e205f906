"""Approve: the run stops here until a person has decided, or time is over."""

from __future__ import annotations

from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from domain.approval import Approval, ApprovalStatus
from domain.errors import Conflict
from graphs.context import RunContext
from graphs.cycle.state import CycleState

Next = Literal["release", "publish", "remember"]


async def approve(state: CycleState, runtime: Runtime[RunContext]) -> Command[Any]:
    """Interrupt while the approval waits; afterwards go where the decision leads.

    Nothing but a read stands before the interrupt, and the decision is read from the store,
    never taken from the value that resumed the run.
    """
    context = runtime.context
    approval = await context.house.approvals.standing_of(context.actor, context.run.id)
    if approval is None:
        raise Conflict("the run has no approval", remedy="Resume the run.")
    # Whatever resumed the run, only a closed approval lets it pass.
    while approval.status is ApprovalStatus.WAITING:
        interrupt({"approval_id": approval.id, "digest": approval.digest})
        approval = (
            await context.house.approvals.standing_of(context.actor, context.run.id) or approval
        )
    await _hold_back(context, approval)
    return Command(
        update={"verdict": approval.status.value, "approval_id": approval.id},
        goto=_after(approval.status, state["action"]),
    )


async def _hold_back(context: RunContext, approval: Approval) -> None:
    """Interrupt what is approved while quiet hours or the day's limit keep it from going out."""
    while approval.status is ApprovalStatus.APPROVED:
        until = await context.house.steering.held_back_until(context.artist_id)
        if until is None:
            return
        interrupt({"approval_id": approval.id, "until": until.isoformat()})


def _after(status: ApprovalStatus, action: str) -> Next:
    if status is not ApprovalStatus.APPROVED:
        return "remember"
    return "release" if action == "write_and_release_song" else "publish"
