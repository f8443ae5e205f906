"""Submit: ask for approval of the exact thing, in a node of its own before the interrupt."""

from __future__ import annotations

from domain.approval import Approval
from graphs.context import RunContext
from graphs.cycle.state import CycleState, posts_of
from graphs.steps import Outcome


async def submit(state: CycleState, context: RunContext) -> Outcome:
    """Open the approval, bound to the digest of release and posts as they are now."""
    approval = await context.house.approvals.open(
        context.actor,
        state["approval_id"],
        context.artist_id,
        context.run.id,
        (state["release_id"],) if state["action"] == "write_and_release_song" else (),
        tuple(posts_of(state)),
    )
    return Outcome(
        update={},
        says=_says(approval),
        facts={"approval_id": approval.id, "digest": approval.digest},
    )


def _says(approval: Approval) -> str:
    if approval.auto_approve_at is None:
        return f"Approval {approval.id} is {approval.status.value}."
    at = f"{approval.auto_approve_at:%d %B, %H:%M} UTC"
    return f"Approval {approval.id} is open to objections; without any it goes out on {at}."
