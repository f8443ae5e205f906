"""The engine room's page, and the buttons on it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.operations_view import done_words, operations_live, operations_page
from api.web.operator_views import Notice
from domain.actor import Actor
from domain.dead_letters import DeadFilter
from domain.errors import Conflict, GreenroomError, InvalidInput, NotFound
from services.operations_view import Swept

router = APIRouter(prefix="/operator/operations", include_in_schema=False)
SEE_OTHER = 303
PAGE = "/operator/operations"


@router.get("")
async def operations(
    context: Context,
    operator: LocalOperator,
    done: str | None = None,
    many: int = 1,
    refused: int = 0,
    left: int = 0,
) -> HTMLResponse:
    """The page; the query tells what was just done."""
    notice = done_words(done, many, refused, left)
    return (await operations_page(context, operator, notice)).response()


@router.get("/live")
async def live(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part that is followed."""
    return (await operations_live(context, operator)).response()


@router.post("/dead-letters/{act}", dependencies=[FromOurPage])
async def sweep(
    act: Literal["replay", "discard"],
    context: Context,
    operator: LocalOperator,
    code: Annotated[str, Form(max_length=100)] = "",
    why: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    """Replay or discard all that failed in the same way."""
    wanted = DeadFilter(code=code or None)
    try:
        if act == "replay":
            return _swept("replayed", await context.operations.replay_all(operator, wanted))
        return _swept("discarded", await context.operations.discard_all(operator, wanted, why))
    except InvalidInput as error:
        return await _refused(context, operator, error)


@router.post("/dead-letters/{run_id}/replay", dependencies=[FromOurPage])
async def replay(run_id: str, context: Context, operator: LocalOperator) -> Response:
    """Queue a failed run again."""
    try:
        await context.operations.replay(operator, run_id)
    except (Conflict, NotFound) as error:
        return await _refused(context, operator, error)
    return _done("replayed")


@router.post("/dead-letters/{run_id}/discard", dependencies=[FromOurPage])
async def discard(
    run_id: str,
    context: Context,
    operator: LocalOperator,
    why: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    """Give a failed run up."""
    try:
        await context.operations.discard(operator, run_id, why)
    except (Conflict, NotFound, InvalidInput) as error:
        return await _refused(context, operator, error)
    return _done("discarded")


@router.post("/workers/{worker_id}/drain", dependencies=[FromOurPage])
async def drain(worker_id: str, context: Context, operator: LocalOperator) -> Response:
    """Make a worker take nothing new."""
    try:
        await context.operations.drain(operator, worker_id)
    except NotFound as error:
        return await _refused(context, operator, error)
    return _done("drained")


def _done(done: str) -> Response:
    return RedirectResponse(f"{PAGE}?done={done}", SEE_OTHER)


def _swept(done: str, swept: Swept) -> Response:
    counts = f"many={len(swept.done)}&refused={len(swept.refused)}&left={swept.left}"
    return RedirectResponse(f"{PAGE}?done={done}&{counts}", SEE_OTHER)


async def _refused(context: ApiContext, operator: Actor, error: GreenroomError) -> Response:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    notice = Notice(kind="bad", text=text, remedy=error.remedy)
    return (await operations_page(context, operator, notice)).response(error.status)
