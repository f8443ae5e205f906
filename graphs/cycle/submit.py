"""Submit: ask for approval of the exact thing, in a node of its own before the interrupt."""

from __future__ import annotations

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
        automatic=context.run.approve == "auto",
    )
    return Outcome(
        update={},
        says=f"Approval {approval.id} is {approval.status.value}.",
        facts={"approval_id": approval.id, "digest": approval.digest},
    )
