"""Critique: code judges by the gates; revise until they hold or the revisions are spent."""

from __future__ import annotations

from agents.critic import critique as judge
from domain.errors import QualityRejected
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome

REDO = {"lyrics": "write", "score": "compose", "audio": "compose", "cover": "draw"}


async def critique(state: CycleState, context: RunContext) -> Outcome:
    """Accept, revise the earliest failing part, or give up with the reasons in words."""
    house = context.house
    work = await house.works.get(state["work_id"])
    verdict = judge(
        work.reports,
        revisions_done=state["revision"],
        revisions_allowed=house.rules.revisions,
    )
    if verdict.decision == "accept":
        return Outcome(
            update={},
            says="Every gate that applies is passed.",
            goto="package",
            facts=verdict.model_dump(),
        )
    why = "; ".join(verdict.reasons)
    if verdict.decision == "give_up" or verdict.redo is None:
        raise QualityRejected(
            f"“{work.title}” does not pass its gates: {why}",
            remedy="Raise GREENROOM_REVISIONS and resume the run, or start a new cycle.",
        )
    revision = state["revision"] + 1
    await house.works.revise(context.actor, work.id, revision)
    return Outcome(
        update={"revision": revision},
        says=f"Revision {revision}: {why}",
        goto=REDO[verdict.redo],
        facts=verdict.model_dump(),
        result="revise",
    )
