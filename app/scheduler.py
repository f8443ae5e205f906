"""The scheduler process: does the label's duties by the clock while it holds the lead."""

from __future__ import annotations

from collections.abc import Callable

from app.ground import Edges
from app.health_server import show_health
from app.home import Home
from app.roles import Role, check_apart
from app.signals import End, on_end
from app.wiring import open_label
from runtime.settings import Settings


async def keep_schedule(
    settings: Settings, announce: Callable[[str], None], edges: Edges | None = None
) -> None:
    """Stand by or lead until asked to end; calls `announce(name)` when it stands."""
    check_apart(settings)
    home = Home.of(settings).claim()
    end = End()
    with on_end(end.note):
        async with (
            open_label(settings, home, edges, role=Role.SCHEDULER) as label,
            show_health(label),
        ):
            announce(label.engine.worker_id)
            await end.asked()
    home.release()
