"""Tools about runs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE
from domain.artist import Artist
from domain.run import Failure, Run


class StartRun(Arguments):
    """Whose day to run, and how."""

    artist: str = Field(description=HANDLE)
    approve: Literal["ask", "auto"] | None = Field(
        default=None,
        description="`auto` lets out what passes the gates, and needs the right to approve; "
        "null: as the artist's level of autonomy has it.",
    )
    seed: int | None = Field(default=None, ge=0, lt=2**31, description="For the same run again.")


class ListRuns(Arguments):
    """Whose runs, and which page of them."""

    artist: str | None = Field(default=None, description=f"{HANDLE} None: all.")
    after: str | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=20, ge=1, le=200)


class NameRun(Arguments):
    """Which run."""

    run_id: str


class CancelRun(NameRun):
    """Which run is ended, and why."""

    why: str = Field(default="", max_length=500)


class RunLine(Result):
    """A run in a list."""

    id: str
    artist: str
    kind: str
    status: str
    action: str | None = Field(description="What the artist decided to do.")
    started_at: datetime

    @classmethod
    def of(cls, run: Run, artist: Artist) -> RunLine:
        """The run as a list tells it."""
        return RunLine(
            id=run.id,
            artist=artist.handle,
            kind=run.kind,
            status=run.status.value,
            action=run.action,
            started_at=run.created_at,
        )


class Runs(Result):
    """Runs, newest first."""

    runs: list[RunLine]
    next: str | None = Field(description="Send it as `after` for the next page; null: no more.")


class RunSheet(RunLine):
    """A run with all that it made and cost."""

    steps: list[str]
    works: list[str] = Field(description="Ids; `show_work` tells more.")
    approval_id: str | None = Field(description="What waits for a person or did.")
    failure: Failure | None
    tokens: int
    cost_usd: float
    page: str


async def start_run(caller: Caller, asked: StartRun) -> RunLine:
    """Start one cycle of an artist: it decides what to do, makes it, and asks as its level wants.

    Answers at once; `show_run` tells how far it is. It takes minutes.
    """
    context = caller.context
    artist = await context.artists.find(caller.actor, asked.artist)
    run = await context.runs.start(
        caller.actor, artist.handle, approve=asked.approve, seed=asked.seed
    )
    return RunLine.of(run, artist)


async def list_runs(caller: Caller, asked: ListRuns) -> Runs:
    """List runs, newest first."""
    context = caller.context
    artist_id = None
    if asked.artist is not None:
        artist_id = (await context.artists.find(caller.actor, asked.artist)).id
    found = await context.views.runs(caller.actor, artist_id, asked.after, asked.limit)
    lines = [RunLine.of(run, artist) for run, artist in found]
    return Runs(runs=lines, next=lines[-1].id if len(lines) == asked.limit else None)


async def show_run(caller: Caller, asked: NameRun) -> RunSheet:
    """Show how far a run is, what it made, what it cost, and why it stopped if it did."""
    run = await caller.context.views.run(caller.actor, asked.run_id)
    return RunSheet(
        id=run.id,
        artist=run.artist,
        kind=run.kind,
        status=run.status,
        action=run.action,
        started_at=run.started_at,
        steps=[step.step for step in run.steps],
        works=[work.id for work in run.works],
        approval_id=run.approval_id,
        failure=run.failure,
        tokens=run.tokens,
        cost_usd=run.cost_usd,
        page=caller.page(f"/operator/runs/{run.id}"),
    )


async def cancel_run(caller: Caller, asked: CancelRun) -> RunLine:
    """End a run at once, whatever it is at; nothing of it becomes public any more.

    Ask your person first: it does not go on again. A second time is harmless.
    """
    return await _told(
        caller, await caller.context.runs.cancel(caller.actor, asked.run_id, asked.why)
    )


async def resume_run(caller: Caller, asked: NameRun) -> RunLine:
    """Go on with a failed run at the step it was in; `show_run` tells how far it is."""
    return await _told(caller, await caller.context.runs.resume(caller.actor, asked.run_id))


async def _told(caller: Caller, run: Run) -> RunLine:
    return RunLine.of(run, await caller.context.artists.find(caller.actor, run.artist_id))


TOOLS = (
    McpTool("start_run", "Start a run", "steer", StartRun, RunLine, start_run, open_world=True),
    McpTool("list_runs", "List runs", "read", ListRuns, Runs, list_runs, read_only=True),
    McpTool("show_run", "Show a run", "read", NameRun, RunSheet, show_run, read_only=True),
    McpTool(
        "cancel_run",
        "Cancel a run",
        "steer",
        CancelRun,
        RunLine,
        cancel_run,
        destructive=True,
        idempotent=True,
    ),
    McpTool("resume_run", "Resume a run", "steer", NameRun, RunLine, resume_run, open_world=True),
)
