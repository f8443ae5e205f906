"""The worker process: takes runs as far as they go, several at a time."""

from __future__ import annotations

from collections.abc import Callable

from app.ground import Edges
from app.handing import hand_over
from app.health_server import show_health
from app.home import Home
from app.roles import Role, check_apart
from app.signals import End, on_end
from app.wiring import open_label
from runtime.settings import Settings


async def work(
    settings: Settings, announce: Callable[[str], None], edges: Edges | None = None
) -> None:
    """Work until asked to end: then the steps under way end, and the rest goes to others.

    Steps that take longer than `drain_s`, or a second signal, are cut short; whoever takes the
    run up begins that step again. Calls `announce(worker_id)` when it takes runs.
    """
    check_apart(settings)
    home = Home.of(settings).claim()
    end = End()
    with on_end(end.note):
        async with (
            open_label(settings, home, edges, role=Role.WORKER) as label,
            show_health(label),
        ):
            announce(label.engine.worker_id)
            await end.asked()
            await hand_over(label, end.insisted())
    home.release()
