"""The inbox of approvals, one approval, and what is decided there."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.context import Context
from api.security import FromOurPage, LocalOperator
from api.web.inbox_view import inbox_live, inbox_page
from api.web.operator_approval import approval_page
from api.web.operator_views import Notice, bad_notice
from domain.approval import RejectReason
from domain.errors import Conflict, InvalidInput

router = APIRouter(prefix="/operator/approvals", include_in_schema=False)
SEE_OTHER = 303
DONE = {
    "approved": "Approved. The run goes on and publishes exactly what you saw.",
    "rejected": "Rejected, with your reason. The artist remembers it.",
    "changes": "Sent back. The artist tries again in a new run, knowing what you said.",
}


@router.get("")
async def inbox(
    context: Context, operator: LocalOperator, after: str | None = None, done: str | None = None
) -> HTMLResponse:
    """What waits for a decision."""
    notice = Notice(kind="good", text=DONE[done]) if done in DONE else None
    return (await inbox_page(context, operator, after, notice)).response()


@router.get("/live")
async def inbox_fragment(context: Context, operator: LocalOperator) -> HTMLResponse:
    """The part of the inbox that follows the event log."""
    return (await inbox_live(context, operator)).response()


@router.post("", dependencies=[FromOurPage])
async def decide_many(
    context: Context,
    operator: LocalOperator,
    verdict: Annotated[Literal["approve", "reject"], Form()],
    chosen: Annotated[list[str] | None, Form(max_length=200)] = None,
    reason: Annotated[RejectReason | Literal[""], Form()] = "",
    comment: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Decide each that was chosen, as `APPROVAL DIGEST`; what has changed is refused by name."""
    pairs = [(one.partition(" ")[0], one.partition(" ")[2]) for one in chosen or ()]
    try:
        done = await context.inbox.decide_many(
            operator, verdict, pairs, reason=reason or None, comment=comment
        )
    except InvalidInput as error:
        page = await inbox_page(context, operator, None, bad_notice(error), comment)
        return page.response(error.status)
    page = await inbox_page(context, operator, None, None, decided=done, verdict=verdict)
    return page.response(200 if all(one.refused is None for one in done) else 409)


@router.get("/{approval_id}")
async def approval(approval_id: str, context: Context, operator: LocalOperator) -> HTMLResponse:
    """One approval."""
    return (await approval_page(context, operator, approval_id)).response()


@router.post("/{approval_id}/approve", dependencies=[FromOurPage])
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
        page = await approval_page(context, operator, approval_id, bad_notice(error))
        return page.response(error.status)
    return RedirectResponse(f"/operator/runs/{decided.run_id}", SEE_OTHER)


@router.post("/{approval_id}/reject", dependencies=[FromOurPage])
async def reject(
    approval_id: str,
    context: Context,
    operator: LocalOperator,
    digest: Annotated[str, Form(max_length=64)],
    reason: Annotated[list[RejectReason] | None, Form()] = None,
    comment: Annotated[str, Form(max_length=2000)] = "",
    again: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Say no, with reasons; with `again` the artist makes what they name anew at once."""
    words, reasons = comment.strip(), tuple(dict.fromkeys(reason or ()))
    try:
        if again:
            run = await context.revisions.ask(
                operator, approval_id, digest=digest, reasons=reasons, comment=words
            )
            return RedirectResponse(f"/operator/runs/{run.id}", SEE_OTHER)
        await context.approvals.decide(
            operator,
            approval_id,
            "reject",
            digest=digest,
            reason=reasons[0] if reasons else None,
            also=reasons[1:],
            comment=words,
        )
    except (Conflict, InvalidInput) as error:
        page = await approval_page(
            context, operator, approval_id, bad_notice(error), (reasons, comment)
        )
        return page.response(error.status)
    return RedirectResponse(f"/operator/approvals/{approval_id}", SEE_OTHER)


@router.post("/{approval_id}/posts/{post_id}", dependencies=[FromOurPage])
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
        page = await approval_page(
            context, operator, approval_id, bad_notice(error), typed={post_id: text}
        )
        return page.response(error.status)
    return RedirectResponse(f"/operator/approvals/{fresh.id}", SEE_OTHER)
