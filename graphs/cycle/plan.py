"""Plan: choose the next legal action; mint every id that later steps use."""

from __future__ import annotations

from datetime import datetime

from agents.planner.plan import ArtistPlanner
from domain.ids import new_id
from domain.plan import LegalAction, Order, Plan, PlanFacts
from graphs.context import RunContext
from graphs.cycle.recall import recalled
from graphs.cycle.state import CycleState
from graphs.steps import Outcome

NEXT = {"write_and_release_song": "conceive", "post_update": "update", "rest": "remember"}


async def plan(state: CycleState, context: RunContext) -> Outcome:
    """Choose among the legal actions; the legal set comes from code, the chooser is recorded."""
    house = context.house
    perceived = state["perceived"]
    artist = await house.artists.find(context.actor, context.artist_id)
    profile = (await house.artists.profile(context.actor, artist.id)).profile
    facts = PlanFacts(
        mood=artist.mood.decayed(datetime.fromisoformat(perceived["at"])),
        days_since_release=perceived["days_since_release"],
        days_since_post=perceived["days_since_post"],
        approvals_waiting=perceived["approvals_waiting"],
        new_plays=perceived["plays"],
        new_likes=max(0, perceived["likes"]),
        new_comments=perceived["comments"],
        orders=tuple(Order.model_validate(item) for item in perceived.get("orders", [])),
        recalled=await recalled(state, context),
    )
    legal = [LegalAction.model_validate(item) for item in perceived["legal"]]
    chosen, report = await ArtistPlanner(house.gateway, house.embedder, profile).plan(
        facts, legal, seed=state["seed"], scope=context.scope("plan")
    )
    await house.runs.note(context.actor, context.run.id, action=chosen.action)
    return Outcome(
        update={
            "action": chosen.action,
            "subject": chosen.subject,
            "reason": chosen.reason,
            "directive_id": chosen.directive_id,
            "work_id": new_id("work"),
            "release_id": new_id("release"),
            "post_id": new_id("post"),
            "approval_id": new_id("approval"),
        },
        says=_says(chosen, facts),
        goto=NEXT[chosen.action],
        facts={"plan": chosen.model_dump(mode="json")},
        report=report,
    )


def _says(chosen: Plan, facts: PlanFacts) -> str:
    """The action and its reason, with the label's own words where it follows them."""
    said = f"{chosen.action.replace('_', ' ').capitalize()}: {chosen.reason}"
    followed = next((o for o in facts.orders if o.id == chosen.directive_id), None)
    if followed is None:
        return said
    progress = f" ({followed.progress} so far)" if followed.progress else ""
    return f"{said} I follow the {followed.kind} “{followed.text}”{progress}."
