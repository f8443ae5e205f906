"""Approvals: look at exactly what is decided on, then decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from api.context import Context
from api.etags import SeenVersion, tag
from api.listing import After, Limit, OfArtist, page
from api.schemas import (
    Approve,
    AskForChanges,
    DecidedMany,
    Decisions,
    NewWords,
    Page,
    Reject,
)
from api.security import Operator
from domain.approval import Approval, ApprovalStatus
from domain.run import Run
from services.revisions import Compared
from services.views import ApprovalView

router = APIRouter(prefix="/approvals", tags=["approvals"])


@router.get("")
async def list_approvals(
    context: Context,
    operator: Operator,
    waiting: Annotated[bool, Query(description="Only what waits, oldest first.")] = False,
    state: Annotated[
        ApprovalStatus | None, Query(alias="status", description="Only in this state.")
    ] = None,
    artist: OfArtist = None,
    after: After = None,
    limit: Limit = 20,
) -> Page[Approval]:
    """List approvals, newest first; with `waiting`, what waits for a person, oldest first."""
    if waiting:
        artist_id = (await context.artists.find(operator, artist)).id if artist else None
        found = await context.approvals.waiting(operator, artist_id)
        behind = [one for one in found if after is None or one.id > after]
        return page([one for one in behind if state in (None, one.status)][:limit], limit)
    return page(await context.approvals.page(operator, after, limit, state, artist), limit)


@router.post("/decisions")
async def decide_many(body: Decisions, context: Context, operator: Operator) -> DecidedMany:
    """Decide up to 50 at once; one that is closed or has changed is refused by name.

    The others are decided all the same.
    """
    pairs = [(one.approval_id, one.digest) for one in body.chosen]
    done = await context.inbox.decide_many(
        operator, body.verdict, pairs, reason=body.reason, comment=body.comment
    )
    return DecidedMany(decided=done)


@router.get("/{approval_id}")
async def show_approval(
    approval_id: str, response: Response, context: Context, operator: Operator
) -> ApprovalView:
    """Show an approval with its release, works, files, reports and posts."""
    view = await context.views.approval(operator, approval_id)
    tag(response, view.approval.row_version)
    return view


@router.post("/{approval_id}/approve")
async def approve(
    approval_id: str, context: Context, operator: Operator, body: Approve | None = None
) -> Approval:
    """Say yes; the run goes on and publishes."""
    digest = body.digest if body else None
    return await context.approvals.decide(operator, approval_id, "approve", digest=digest)


@router.post("/{approval_id}/reject")
async def reject(approval_id: str, body: Reject, context: Context, operator: Operator) -> Approval:
    """Say no, with a reason that the artist learns from."""
    return await context.approvals.decide(
        operator,
        approval_id,
        "reject",
        digest=body.digest,
        reason=body.reason,
        also=tuple(body.also),
        comment=body.comment,
    )


@router.post("/{approval_id}/changes", status_code=status.HTTP_202_ACCEPTED)
async def ask_for_changes(
    approval_id: str,
    body: AskForChanges,
    response: Response,
    context: Context,
    operator: Operator,
) -> Run:
    """Reject it, and have the artist make anew what the reasons name; gives the new run.

    Its approval names this one as `revises` and shows both versions. Asking needs the right to
    steer as well.
    """
    run = await context.revisions.ask(
        operator,
        approval_id,
        reasons=body.reasons,
        comment=body.comment,
        digest=body.digest,
    )
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return run


@router.get("/{approval_id}/revision")
async def show_revision(approval_id: str, context: Context, operator: Operator) -> Compared | None:
    """Show an approval beside the one it revises: what was asked for, and how it was answered."""
    approval = await context.approvals.get(operator, approval_id)
    return await context.revisions.compared(operator, approval)


@router.patch("/{approval_id}/posts/{post_id}")
async def edit_post(
    approval_id: str,
    post_id: str,
    body: NewWords,
    seen: SeenVersion,
    response: Response,
    context: Context,
    operator: Operator,
) -> Approval:
    """Change a waiting post's words; gives the new approval, which replaces this one."""
    fresh = await context.approvals.edit_post(operator, approval_id, post_id, body.text, seen=seen)
    tag(response, fresh.row_version)
    return fresh
