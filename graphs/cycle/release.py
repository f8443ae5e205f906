"""Release: the approved single goes live on the stage."""

from __future__ import annotations

from graphs.context import RunContext
from graphs.cycle.state import CycleState
from graphs.steps import Outcome
from tools.release_single import Released, ReleaseSingle


async def release(state: CycleState, context: RunContext) -> Outcome:
    """Put the single on the artist's public page."""
    live = await context.toolbox.use(
        "release_single", ReleaseSingle(release_id=state["release_id"]), Released
    )
    return Outcome(update={}, says=f"The single is {live.status}.", facts=live.model_dump())
