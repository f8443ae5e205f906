"""The operator's pages: this machine only, signed in by the start token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from api.context import ApiContext, Context
from api.follow import first_id, stream
from api.media import send_file
from api.security import (
    FromOurPage,
    LocalOperator,
    must_be_local,
    operator_by_cookie,
    operator_cookie_name,
    operator_cookie_value,
    same,
)
from api.web.operator_approval import approval_page
from api.web.operator_home import ArtistForm, operator_home, operator_live
from api.web.operator_run import run_live, run_page, step_detail
from api.web.operator_views import Notice
from domain.approval import RejectReason
from domain.errors import Conflict, GreenroomError, InvalidInput

router = APIRouter(prefix="/operator", include_in_schema=False)
SEE_OTHER = 303
SIGNED_IN_DAYS = 30


@router.get("")
async def home(request: Request, context: Context, token: str | None = None) -> Response:
    """The first page; `?token=` signs this browser in and vanishes from the address."""
    if token is not None:
        must_be_local(request, context)
        if same(token, context.token):
            return _signed_in(context)
    operator = await operator_by_cookie(request, context)
    return (await operator_home(context, operator)).response()


def _signed_in(context: ApiContext) -> Response:
    response = RedirectResponse("/operator", SEE_OTHER)
    response.set_cookie(
        operator_cookie_name(context.token),
        operator_cookie_value(context.token),
        max_age=SIGNED_IN_DAYS * 24 * 3600,
        path="/operator",
        httponly=True,
        samesite="strict",
    )
    return response


@router.get("/live")
async def live(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of the first page that follows the event log."""
    return (await operator_live(context, operator)).response()


@router.get("/events")
async def events(
    request: Request,
    context: Context,
    operator: LocalOperator,
    after: int = 0,
    run_id: str | None = None,
) -> EventSourceResponse:
    """The event log for the pages' scripts."""
    return stream(context, operator, first_id(request, after), run_id)


@router.get("/media/{sha256}/{filename}")
async def media(
    sha256: str, filename: str, context: Context, operator: LocalOperator
) -> FileResponse:
    """A made file, released or not."""
    await context.works.check_file(operator, sha256)
    return await send_file(context.media, sha256, filename=filename)


@router.post("/artists", dependencies=[FromOurPage])
async def create_artist(
    context: Context,
    operator: LocalOperator,
    brief: Annotated[str, Form()] = "",
    genre: Annotated[str, Form()] = "",
    seed: Annotated[str, Form()] = "",
) -> Response:
    """Create an artist and start its debut."""
    try:
        number = _seed(seed)
        artist = await context.artists.create(operator, brief, genre or None, number)
        run = await context.runs.start(operator, artist.id, "debut", seed=number)
    except InvalidInput as error:
        form = ArtistForm(
            brief=brief[:20_000],
            genre=genre,
            seed=seed,
            field=error.field,
            error=error.message,
            remedy=error.remedy,
        )
        return (await operator_home(context, operator, form)).response(error.status)
    return RedirectResponse(f"/operator/runs/{run.id}", SEE_OTHER)


@router.post("/artists/{handle}/{act}", dependencies=[FromOurPage])
async def steer_artist(
    handle: str, act: str, context: Context, operator: LocalOperator
) -> Response:
    """Run a cycle, pause, resume or retire."""
    moves = {
        "pause": context.artists.pause,
        "resume": context.artists.resume,
        "retire": context.artists.retire,
    }
    try:
        if act == "runs":
            run = await context.runs.start(operator, handle)
            return RedirectResponse(f"/operator/runs/{run.id}", SEE_OTHER)
        if act not in moves:
            raise InvalidInput(f"there is no way to {act} an artist", field="act")
        await moves[act](operator, handle)
    except (Conflict, InvalidInput) as error:
        return (await operator_home(context, operator, notice=_bad(error))).response(error.status)
    return RedirectResponse("/operator", SEE_OTHER)


@router.get("/runs/{run_id}")
async def run(run_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """One run."""
    return (await run_page(context, operator, run_id)).response()


@router.get("/runs/{run_id}/live")
async def run_fragment(run_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of a run's page that follows the event log."""
    return (await run_live(context, operator, run_id)).response()


@router.get("/runs/{run_id}/steps/{number}")
async def run_step(
    run_id: str, number: int, context: Context, operator: LocalOperator
) -> HTMLResponse:
    """What one step saw and gave."""
    return (await step_detail(context, operator, run_id, number)).response()


@router.post("/runs/{run_id}/resume", dependencies=[FromOurPage])
async def resume(run_id: str, context: Context, operator: LocalOperator) -> Response:
    """Go on with a failed run."""
    try:
        await context.runs.resume(operator, run_id)
    except Conflict as error:
        return (await run_page(context, operator, run_id, _bad(error))).response(error.status)
    return RedirectResponse(f"/operator/runs/{run_id}", SEE_OTHER)


@router.get("/approvals/{approval_id}")
async def approval(approval_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """One approval."""
    return (await approval_page(context, operator, approval_id)).response()


@router.post("/approvals/{approval_id}/approve", dependencies=[FromOurPage])
async def approve(
    approval_id: str,
    context: Context,
    operator: LocalOperator,
    digest: Annotated[str, Form(max_length=64)],
) -> Response:
    """Say yes to exactly what was shown."""
    try:
        decided = await context.approvals.decide(operator, approval_id, "approve", digest=digest)
    except Conflict as error:
        return (await approval_page(context, operator, approval_id, _bad(error))).response(
            error.status
        )
    return RedirectResponse(f"/operator/runs/{decided.run_id}", SEE_OTHER)


@router.post("/approvals/{approval_id}/reject", dependencies=[FromOurPage])
async def reject(
    approval_id: str,
    context: Context,
    operator: LocalOperator,
    digest: Annotated[str, Form(max_length=64)],
    reason: Annotated[RejectReason | None, Form()] = None,
    comment: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say no, with a reason."""
    try:
        await context.approvals.decide(
            operator, approval_id, "reject", digest=digest, reason=reason, comment=comment.strip()
        )
    except (Conflict, InvalidInput) as error:
        return (await approval_page(context, operator, approval_id, _bad(error))).response(
            error.status
        )
    return RedirectResponse(f"/operator/approvals/{approval_id}", SEE_OTHER)


@router.post("/approvals/{approval_id}/posts/{post_id}", dependencies=[FromOurPage])
async def edit_post(
    approval_id: str,
    post_id: str,
    context: Context,
    operator: LocalOperator,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Change a post's words; the page goes on with the approval that replaces this one."""
    try:
        fresh = await context.approvals.edit_post(operator, approval_id, post_id, text)
    except (Conflict, InvalidInput) as error:
        return (await approval_page(context, operator, approval_id, _bad(error))).response(
            error.status
        )
    return RedirectResponse(f"/operator/approvals/{fresh.id}", SEE_OTHER)


def _seed(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or int(text) >= 2**31:
        raise InvalidInput(
            "the seed is not a whole number",
            field="seed",
            remedy="Leave it empty, or give 0 to 2147483647.",
        )
    return int(text)


def _bad(error: GreenroomError) -> Notice:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    return Notice(kind="bad", text=text, remedy=error.remedy)
