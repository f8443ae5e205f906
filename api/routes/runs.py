"""Runs: list, show, resume, follow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse

from api.context import Context
from api.follow import LAST_ID, first_id, stream
from api.listing import After, Limit, OfArtist
from api.schemas import Page, RunRow
from api.security import Asking, Operator
from domain.run import Run, RunStatus, StepRecord
from services.usage import ModelCall
from services.views import RunView

router = APIRouter(prefix="/runs", tags=["runs"])
Last = Annotated[int, Query(ge=0, le=LAST_ID, description="Only lines behind this id.")]


class CancelReason(BaseModel):
    """Why a run is ended."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"why": "the words are wrong"}]}
    )

    why: str = Field(default="", max_length=500)


@router.get("")
async def list_runs(
    context: Context,
    operator: Operator,
    artist: OfArtist = None,
    state: Annotated[
        RunStatus | None, Query(alias="status", description="Only in this state.")
    ] = None,
    after: After = None,
    limit: Limit = 20,
) -> Page[RunRow]:
    """List runs, newest first."""
    artist_id = (await context.artists.find(operator, artist)).id if artist else None
    found = await context.views.runs(operator, artist_id, after, limit, state)
    rows = [RunRow(run=run, artist=who.handle, stage_name=who.stage_name) for run, who in found]
    return Page(items=rows, next=rows[-1].run.id if len(rows) == limit else None)


@router.get("/{run_id}")
async def show_run(run_id: str, context: Context, operator: Operator) -> RunView:
    """Show a run with its works, files, reports, posts, steps and cost."""
    return await context.views.run(operator, run_id)


@router.get("/{run_id}/steps/{step_id}")
async def show_step(run_id: str, step_id: str, context: Context, operator: Operator) -> StepRecord:
    """Show what one step saw (its snapshot), what it gave (its report), and what it cost."""
    return await context.views.step(operator, run_id, step_id)


@router.get("/{run_id}/calls")
async def show_model_calls(
    run_id: str,
    context: Context,
    operator: Operator,
    step: Annotated[str | None, Query(description="Of this step only, such as `conceive`.")] = None,
) -> list[ModelCall]:
    """Show what models were asked and what they answered, with cost and time, in order.

    The first 200 calls. Their words are kept for `GREENROOM_MODEL_TEXTS_DAYS`.
    """
    return await context.usage.calls(operator, run_id, step)


@router.post("/{run_id}/resume", status_code=status.HTTP_202_ACCEPTED)
async def resume_run(run_id: str, response: Response, context: Context, operator: Operator) -> Run:
    """Go on with a failed run at the step it was in."""
    run = await context.runs.resume(operator, run_id)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.post("/{run_id}/cancel")
async def cancel_run(
    run_id: str, context: Context, operator: Operator, body: CancelReason | None = None
) -> Run:
    """End a run at once, whatever it is at; nothing of it becomes public any more."""
    return await context.runs.cancel(operator, run_id, body.why if body else "")


@router.get("/{run_id}/events", response_class=EventSourceResponse)
async def follow_run(
    run_id: str, request: Request, context: Context, caller: Asking, after: Last = 0
) -> EventSourceResponse:
    """Follow a run as server-sent events; `Last-Event-ID` goes on where a reader was cut off."""
    await context.runs.get(caller.actor, run_id)
    return stream(context, caller, first_id(request, after), run_id=run_id)
