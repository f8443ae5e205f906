"""Runs: all of them, one with every step, and what can be done about it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.operator_run import run_live, run_page, step_detail
from api.web.operator_views import RunLine, bad_notice, run_line
from api.web.page import Page
from domain.actor import Actor
from domain.errors import Conflict

router = APIRouter(prefix="/operator/runs", include_in_schema=False)
SEE_OTHER = 303
RUNS_A_PAGE = 50


class RunsPage(Page):
    """Runs, newest first."""

    template: ClassVar[str] = "runs.html"

    runs: tuple[RunLine, ...] = Field(description="One page of them.")
    stage_name: str = Field(description="Whose, where only one artist's are shown.")
    handle: str = Field(description="Its handle.")
    next_url: str = Field(description="The page behind, if there is one.")
    first_url: str = Field(description="The first page, where this is another.")


async def runs_page(
    context: ApiContext, operator: Actor, handle: str, after: str | None
) -> RunsPage:
    """Read one page of runs, of one artist where `handle` names one."""
    artist = await context.artists.find(operator, handle) if handle else None
    only = artist.id if artist else None
    found = await context.views.runs(operator, only, after, RUNS_A_PAGE + 1)
    shown = found[:RUNS_A_PAGE]
    base = f"/operator/runs?artist={artist.handle}&" if artist else "/operator/runs?"
    more = len(found) > RUNS_A_PAGE
    return RunsPage(
        title="Runs · Greenroom",
        runs=tuple(run_line(run, who) for run, who in shown),
        stage_name=artist.stage_name if artist else "",
        handle=artist.handle if artist else "",
        next_url=f"{base}after={shown[-1][0].id}" if more else "",
        first_url=base[:-1] if after else "",
    )


@router.get("")
async def runs(
    context: Context,
    operator: LocalOperator,
    artist: Annotated[str, Query(max_length=60)] = "",
    after: str | None = None,
) -> HTMLResponse:
    """Runs, newest first."""
    return (await runs_page(context, operator, artist, after)).response()


@router.get("/{run_id}")
async def run(run_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """One run."""
    return (await run_page(context, operator, run_id)).response()


@router.get("/{run_id}/live")
async def run_fragment(run_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of a run's page that follows the event log."""
    return (await run_live(context, operator, run_id)).response()


@router.get("/{run_id}/steps/{number}")
async def run_step(
    run_id: str, number: int, context: Context, operator: LocalOperator
) -> HTMLResponse:
    """What one step saw and gave."""
    return (await step_detail(context, operator, run_id, number)).response()


@router.post("/{run_id}/resume", dependencies=[FromOurPage])
async def resume(run_id: str, context: Context, operator: LocalOperator) -> Response:
    """Go on with a failed run."""
    try:
        await context.runs.resume(operator, run_id)
    except Conflict as error:
        return (await run_page(context, operator, run_id, bad_notice(error))).response(error.status)
    return RedirectResponse(f"/operator/runs/{run_id}", SEE_OTHER)


@router.post("/{run_id}/stop", dependencies=[FromOurPage])
async def stop(run_id: str, context: Context, operator: LocalOperator) -> Response:
    """End it at once; nothing of it becomes public any more."""
    try:
        await context.runs.cancel(operator, run_id, "stopped from its page")
    except Conflict as error:
        return (await run_page(context, operator, run_id, bad_notice(error))).response(error.status)
    return RedirectResponse(f"/operator/runs/{run_id}", SEE_OTHER)


@router.post("/{run_id}/discard", dependencies=[FromOurPage])
async def discard(
    run_id: str,
    context: Context,
    operator: LocalOperator,
    why: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Give a failed run up for good."""
    try:
        await context.runs.discard(operator, run_id, why)
    except Conflict as error:
        return (await run_page(context, operator, run_id, bad_notice(error))).response(error.status)
    return RedirectResponse(f"/operator/runs/{run_id}", SEE_OTHER)


@router.post("/{run_id}/again", dependencies=[FromOurPage])
async def again(run_id: str, context: Context, operator: LocalOperator) -> Response:
    """Begin a new cycle of the same artist with the same seed."""
    before = await context.runs.get(operator, run_id)
    try:
        fresh = await context.runs.start(operator, before.artist_id, seed=before.seed)
    except Conflict as error:
        return (await run_page(context, operator, run_id, bad_notice(error))).response(error.status)
    return RedirectResponse(f"/operator/runs/{fresh.id}", SEE_OTHER)
