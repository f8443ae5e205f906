"""Plan: choose the next legal action; mint every id that later steps use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agents.planner.plan import ArtistPlanner
from agents.planner.rules import PLAIN_WORDS
from domain.choice import CreativeChoice
from domain.ids import new_id
from domain.plan import Action, LegalAction, Order, Plan, PlanFacts
from graphs.context import RunContext
from graphs.cycle.recall import recalled
from graphs.cycle.revising import mix_of, plan_of, revised_by, told_of
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.revisions import Revised

NEXT = {"write_and_release_song": "conceive", "post_update": "update", "rest": "remember"}


async def plan(state: CycleState, context: RunContext) -> Outcome:
    """Choose among the legal actions; the legal set comes from code, the chooser is recorded.

    A run that was asked to make something anew does that.
    """
    revised = await revised_by(context)
    if revised is not None:
        return await _again(revised, state, context)
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
        update=_planned(chosen),
        says=_says(chosen, facts) + _ruled_out(perceived.get("denied", {})),
        goto=NEXT[chosen.action],
        facts={"plan": chosen.model_dump(mode="json")},
        report=report,
    )


async def _again(revised: Revised, state: CycleState, context: RunContext) -> Outcome:
    """What the label asked to be made anew; nobody chooses."""
    action: Action = "write_and_release_song" if revised.works else "post_update"
    before = plan_of(revised)
    reason = told_of(revised)
    choice = CreativeChoice(
        name="plan.action",
        options=(action,),
        probabilities=(1.0,),
        chosen=action,
        seed=state["seed"],
        reason=reason,
    )
    chosen = Plan(
        action=action,
        reason=reason,
        subject=before.subject if before else "",
        directive_id=before.directive_id if before else None,
        chooser="rules",
        choice=choice,
    )
    await context.house.runs.note(context.actor, context.run.id, action=action)
    version = revised.approval.version + 1
    return Outcome(
        update={**_planned(chosen), "keeps": list(revised.kept), "mix": mix_of(revised)},
        says=f"Version {version}. {reason}",
        goto=NEXT[action],
        snapshot={"revises": revised.approval.id, "reasons": list(revised.reasons)},
        facts={"plan": chosen.model_dump(mode="json"), "keeps": list(revised.kept)},
    )


def _planned(chosen: Plan) -> dict[str, object]:
    """The plan as the state carries it, with every id that later steps use."""
    return {
        "action": chosen.action,
        "subject": chosen.subject,
        "reason": chosen.reason,
        "directive_id": chosen.directive_id,
        "work_id": new_id("work"),
        "release_id": new_id("release"),
        "post_id": new_id("post"),
        "approval_id": new_id("approval"),
    }


def _says(chosen: Plan, facts: PlanFacts) -> str:
    """The action and its reason, with the label's own words where it follows them."""
    said = f"{chosen.action.replace('_', ' ').capitalize()}: {chosen.reason}"
    followed = next((o for o in facts.orders if o.id == chosen.directive_id), None)
    if followed is None:
        return said
    progress = f" ({followed.progress} so far)" if followed.progress else ""
    return f"{said} I follow the {followed.kind} “{followed.text}”{progress}."


def _ruled_out(denied: Mapping[str, str]) -> str:
    """What was no choice, with the words that ruled it out."""
    told = ""
    for why in dict.fromkeys(denied.values()):
        deeds = [plain for action, plain in PLAIN_WORDS.items() if denied.get(action) == why]
        told += f" I may not {' or '.join(deeds)}: {why.rstrip('.')}."
    return told
