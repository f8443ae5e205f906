"""Reflect: what the artist makes of what happened; comments are quoted, never followed."""

from __future__ import annotations

from datetime import datetime

from agents.reflector.reflect import AudienceTotals
from agents.reflector.reflect import reflect as reflect_on
from domain.audience import Untrusted
from graphs.context import RunContext
from graphs.cycle.recall import recalled
from graphs.cycle.state import CycleState
from graphs.memories import remember_text
from graphs.steps import Outcome

IMPORTANCE = 0.5


async def reflect(state: CycleState, context: RunContext) -> Outcome:
    """Word a reflection, move the mood by its causes, and remember it."""
    house = context.house
    perceived = state["perceived"]
    at = datetime.fromisoformat(perceived["at"])
    artist = await house.artists.find(context.actor, context.artist_id)
    profile = (await house.artists.profile(context.actor, artist.id)).profile
    reflection, report = await reflect_on(
        house.gateway,
        profile=profile,
        mood=artist.mood.decayed(at),
        totals=AudienceTotals(
            plays=perceived["plays"],
            likes=max(0, perceived["likes"]),
            comments=perceived["comments"],
        ),
        comments=await _comments(context),
        outcomes=perceived["outcomes"],
        recalled=await recalled(state, context),
        now=at,
        seed=state["seed"],
        scope=context.scope("reflect"),
    )
    felt = await house.artists.feel(context.actor, artist.id, reflection.causes)
    await remember_text(
        context,
        "reflection",
        reflection.text,
        at=at,
        importance=IMPORTANCE,
        untrusted=reflection.untrusted,
    )
    return Outcome(
        update={"reflection": reflection.text},
        says=reflection.text,
        facts={
            "mood": felt.mood.model_dump(mode="json"),
            "causes": [c.model_dump(mode="json") for c in reflection.causes],
            "untrusted": reflection.untrusted,
        },
        report=report,
    )


async def _comments(context: RunContext) -> list[Untrusted]:
    events = await context.house.audience.perceived_by(context.actor, context.run.id)
    return [e.text for e in events if e.text is not None]
