"""Tools about how freely an artist acts, and what it may spend and post."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE, NameArtist
from domain.ports.model import Spent
from domain.rhythm import Window
from domain.seen import Seen
from domain.steering import Budgets, Level
from services.steering_change import SteeringChange


class ChangeSteering(Arguments):
    """Whose steering, and what of it."""

    artist: str = Field(description=HANDLE)
    version: int = Field(description="As `show_steering` told it; refused when it has changed.")
    change: SteeringChange = Field(
        description="What to set. What is left out stays as it is; null takes a limit away."
    )


class SteeringSheet(Result):
    """How an artist is steered, and how near its limits it is."""

    version: int = Field(description="Send it with a change.")
    level: Level | None = Field(description="Null: nobody has chosen; then it is supervised.")
    veto_hours: float = Field(description="On autopilot: how long a person may object.")
    quiet: Window | None = Field(description="Local hours in which nothing goes out.")
    tz: str
    posts_day: int | None
    budgets: Budgets = Field(description="The artist's own limits.")
    limits: Budgets = Field(description="Those that count: the lower of its own and the label's.")
    spent_day: Spent
    posted_today: int
    next_out: datetime = Field(description="When something may become public next.")
    asking: list[str] = Field(description="Schedules that ask a person in spite of autopilot.")
    leaving: list[str] = Field(description="Approvals that go out by themselves; ids.")


async def show_steering(caller: Caller, asked: NameArtist) -> SteeringSheet:
    """Show how freely an artist acts, what it may spend and post, and how near that it is."""
    view = await caller.context.steering.view(caller.actor, asked.artist)
    steering = view.steering
    return SteeringSheet(
        version=steering.row_version,
        level=steering.level,
        veto_hours=steering.veto_hours,
        quiet=steering.quiet,
        tz=steering.tz,
        posts_day=steering.posts_day,
        budgets=steering.budgets,
        limits=view.limits,
        spent_day=view.spent_day,
        posted_today=view.posted_today,
        next_out=view.next_out,
        asking=list(view.asking),
        leaving=[approval.id for approval in view.leaving],
    )


async def change_steering(caller: Caller, asked: ChangeSteering) -> SteeringSheet:
    """Change an artist's level of autonomy, quiet hours, posts a day or budgets.

    Ask your person first: to let more go out by itself takes the right to approve.
    """
    seen = Seen(versions=frozenset({asked.version}))
    await caller.context.steering.put(caller.actor, asked.artist, asked.change, seen=seen)
    return await show_steering(caller, NameArtist(artist=asked.artist))


TOOLS = (
    McpTool(
        "show_steering",
        "Show an artist's steering",
        "read",
        NameArtist,
        SteeringSheet,
        show_steering,
        read_only=True,
    ),
    McpTool(
        "change_steering",
        "Change an artist's steering",
        "steer",
        ChangeSteering,
        SteeringSheet,
        change_steering,
        destructive=True,
    ),
)
