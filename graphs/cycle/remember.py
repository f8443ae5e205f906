"""Remember: what was done and decided."""

from __future__ import annotations

from datetime import datetime

from domain.post import PostStatus
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.memories import remember_text
from graphs.steps import Outcome

IMPORTANCE = {"approved": 0.8, "rejected": 0.9, "expired": 0.4}


async def remember(state: CycleState, context: RunContext) -> Outcome:
    """Write the cycle down as one episode, dated, with the operator's reason for a no."""
    at = datetime.fromisoformat(state["perceived"]["at"])
    text = await _episode(state, context, at)
    importance = IMPORTANCE.get(state.get("verdict", ""), 0.3)
    kept = await remember_text(context, "episodic", text, at=at, importance=importance)
    await _fulfil(state, context)
    return Outcome(update={}, says=f"I will remember: {text}", facts={"memory_id": kept.id})


async def _fulfil(state: CycleState, context: RunContext) -> None:
    """What was asked for once is done: it rested, or what it made was approved."""
    directive_id = state.get("directive_id")
    done = state["action"] == "rest" or state.get("verdict") == "approved"
    if directive_id is not None and done:
        await context.house.directives.done_once(context.actor, directive_id, context.run.id)


async def _episode(state: CycleState, context: RunContext, at: datetime) -> str:
    day = f"{at.day} {at:%B %Y}"
    verdict = state.get("verdict", "")
    if state["action"] == "rest":
        return f"On {day} I rested: {state['reason']}"
    ended = {
        "approved": "It was approved and is out.",
        "expired": "Nobody decided in time, so it stayed in the drawer.",
        "rejected": await _refusal(context),
    }.get(verdict, "")
    if state["action"] == "post_update":
        post = await context.house.catalogue.post(context.actor, state["post_id"])
        if verdict == "approved" and post.status is not PostStatus.PUBLISHED:
            ended = "It was approved, but it could not be published."
        return f"On {day} I wrote a post: “{post.payload.text}” {ended}".strip()
    work = await context.house.works.get(context.actor, state["work_id"])
    wrote = "revised" if work.revises else "wrote"
    return (
        f"On {day} I {wrote} the song “{work.title}” about {work.concept.theme}, "
        f"in {work.key} {work.mode} at {work.tempo_bpm:g} BPM. {ended}"
    ).strip()


async def _refusal(context: RunContext) -> str:
    approval = await context.house.approvals.standing_of(context.actor, context.run.id)
    decision = approval.decision if approval else None
    if decision is None:
        return "It was rejected."
    said = f" They said: {decision.comment}" if decision.comment else ""
    return f"It was rejected because of {decision.because}.{said}"
