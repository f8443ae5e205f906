"""Draw: the cover."""

from __future__ import annotations

from agents.seeds import derive_seed
from domain.score import MoodPoint
from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from tools.draw_cover import DrawCover, DrawnCover

TRIES = 4


async def draw(state: CycleState, context: RunContext) -> Outcome:
    """Draw until the picture passes its gates, from one seed after another.

    A revision of the music leaves a cover that passed as it is; one that was sent back is no
    model for the next.
    """
    work = await context.house.works.get(context.actor, state["work_id"])
    if any(r.subject == "cover" and r.passed for r in work.reports):
        return Outcome(update={}, says="The cover passed before; it stays.")
    artist = await context.house.artists.find(context.actor, context.artist_id)
    mood = artist.mood.decayed(context.house.clock.now())
    cpu_s = 0.0
    for attempt in range(TRIES):
        cover = await context.toolbox.use(
            "draw_cover",
            DrawCover(
                work_id=state["work_id"],
                mood=MoodPoint(
                    valence=mood.valence, arousal=mood.arousal, dominance=mood.dominance
                ),
                seed=derive_seed(state["seed"], "cover", state["revision"] * TRIES + attempt),
                size_px=context.house.rules.cover_size_px,
                unlike_work_id=work.revises,
            ),
            DrawnCover,
        )
        cpu_s += cover.cpu_s
        if cover.passed:
            break
    chosen = ", ".join(cover.choices.values())
    return Outcome(
        update={},
        says=f"Drew the cover ({chosen}), try {attempt + 1}.",
        facts=cover.model_dump(),
        child_cpu_s=cpu_s,
    )
