"""One run: every step with what it saw and gave, what was made, what it cost."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from api.context import ApiContext
from api.web.operator_views import (
    LiveRun,
    Notice,
    WorkCard,
    line_of_view,
    work_card,
)
from api.web.page import Fragment, Page
from domain.actor import Actor
from domain.errors import NotFound
from domain.post import Post
from domain.run import Failure
from services.timeline import StepLine
from services.usage import ModelCall


class RunLive(Fragment):
    """The part of a run's page that follows the event log."""

    template: ClassVar[str] = "run_live.html"

    run: LiveRun = Field(description="The run with its steps.")
    failure: Failure | None = Field(description="Why it stopped, with the remedy.")
    approval_id: str | None = Field(description="The approval it waits for.")
    asked_by: str | None = Field(description="The run whose rejection asked for this one.")
    works: tuple[WorkCard, ...] = Field(description="What it made.")
    posts: tuple[Post, ...] = Field(description="What it posts.")


class StepDetail(Fragment):
    """What one step saw and what it gave, fetched when somebody opens it."""

    template: ClassVar[str] = "step.html"

    line: StepLine = Field(description="The step with snapshot and report.")
    calls: tuple[ModelCall, ...] = Field(description="The models it called, in order.")


class RunPage(Page):
    """A run's page."""

    template: ClassVar[str] = "run.html"

    run_id: str = Field(description="The run's id.")
    handle: str = Field(description="Whose run it is.")
    stage_name: str = Field(description="What it is called.")
    live_html: RunLive = Field(description="The part that follows the event log.")
    notice: Notice | None = Field(description="What just happened, if anything.")
    last_event: int = Field(description="Event id from which the page follows.")


async def run_live(context: ApiContext, operator: Actor, run_id: str) -> RunLive:
    """Read what a run's page follows."""
    seen = await context.views.run(operator, run_id)
    steps = await context.views.timeline(operator, run_id)
    return RunLive(
        run=LiveRun(
            line=line_of_view(seen),
            steps=tuple(steps),
            tokens=seen.tokens,
            cost_usd=seen.cost_usd,
        ),
        failure=seen.failure,
        approval_id=seen.approval_id if seen.status == "waiting" else None,
        asked_by=(await context.runs.get(operator, run_id)).parent_run_id,
        works=tuple(work_card(work) for work in seen.works),
        posts=tuple(seen.posts),
    )


async def step_detail(context: ApiContext, operator: Actor, run_id: str, number: int) -> StepDetail:
    """Read one step, counted from 1; raises `NotFound`."""
    lines = await context.views.timeline(operator, run_id)
    if not 1 <= number <= len(lines):
        raise NotFound(f"run {run_id} has no step {number}")
    line = lines[number - 1]
    report = {name: value for name, value in line.report.items() if name != "says"}
    calls = await context.usage.calls(operator, run_id, line.step)
    return StepDetail(line=line.model_copy(update={"report": report}), calls=tuple(calls))


async def run_page(
    context: ApiContext, operator: Actor, run_id: str, notice: Notice | None = None
) -> RunPage:
    """Read a run's page."""
    last_event = await context.views.last_event()
    live = await run_live(context, operator, run_id)
    return RunPage(
        title=f"{live.run.line.stage_name}: run · Greenroom",
        run_id=run_id,
        handle=live.run.line.handle,
        stage_name=live.run.line.stage_name,
        live_html=live,
        notice=notice,
        last_event=last_event,
    )
