"""Render: the score becomes sound."""

from __future__ import annotations

from domain.work import WorkStatus
from graphs.context import RunContext
from graphs.cycle.revising import keeps
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from services.works import Made
from tools.render_song import RenderedSong, RenderSong


async def render(state: CycleState, context: RunContext) -> Outcome:
    """Render, master and judge the decoded files; a recording that nobody minded stays."""
    mix = state.get("mix", 0)
    if keeps(state, "audio"):
        await context.house.works.grow(context.actor, state["work_id"], WorkStatus.RENDERED, Made())
        says = "The recording stays as it was."
        return Outcome(update={}, says=says, snapshot={"mix": mix})
    song = await context.toolbox.use(
        "render_song",
        RenderSong(
            work_id=state["work_id"],
            revision=state["revision"],
            mix=mix,
            repair=tuple(state.get("repair", ())),
            singer=state.get("singer"),
        ),
        RenderedSong,
    )
    verdict = "and it passed every gate" if song.passed else "but a gate failed"
    return Outcome(
        update={},
        snapshot={"mix": mix},
        says=(
            f"Rendered {song.duration_s:.0f} seconds of sound, {verdict}. "
            f"Made by {song.made_by}: {song.why}"
        ),
        facts=song.model_dump(),
        child_cpu_s=song.cpu_s,
    )
