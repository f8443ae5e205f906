"""Tools about approvals: read exactly what would go out, then decide on exactly that."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.mcp.tool import Arguments, Caller, McpTool, Result
from api.mcp.tools.artists import HANDLE
from api.mcp.tools.works import lyrics_of
from domain.approval import RejectReason
from services.views import ApprovalView


class ListApprovals(Arguments):
    """Whose."""

    artist: str | None = Field(default=None, description=f"{HANDLE} None: all.")


class NameApproval(Arguments):
    """Which approval."""

    approval_id: str


class Decide(NameApproval):
    """What is decided, on exactly which content."""

    verdict: Literal["approve", "reject"]
    digest: str = Field(description="As `show_approval` told it; refused when it has changed.")
    reason: RejectReason | None = Field(default=None, description="Needed to reject.")
    comment: str = Field(default="", max_length=2000, description="What the artist reads of it.")


class Change(NameApproval):
    """What should be different, in exactly which content."""

    digest: str = Field(description="As `show_approval` told it; refused when it has changed.")
    reasons: list[RejectReason] = Field(
        min_length=1, description="What they name is made anew; everything else stays."
    )
    comment: str = Field(min_length=1, max_length=2000, description="What the artist is told.")


class Begun(Result):
    """The run that makes another version."""

    run_id: str


class ApprovalLine(Result):
    """An approval in a list."""

    id: str
    artist: str
    run_id: str
    status: str
    expires_at: datetime
    digest: str


class Approvals(Result):
    """What waits for a person, oldest first."""

    approvals: list[ApprovalLine]


class PostSheet(Result):
    """A post exactly as it would go out."""

    id: str
    channel: str
    text: str


class SongSheet(Result):
    """A song of a release that would go out."""

    work_id: str
    title: str
    passed: bool = Field(description="Whether every gate was passed.")
    lyrics: str


class ApprovalSheet(ApprovalLine):
    """Everything that would go out with a yes."""

    releases: list[str]
    songs: list[SongSheet]
    posts: list[PostSheet]
    page: str = Field(description="Where a person can listen and look.")


def _line(view: ApprovalView) -> ApprovalLine:
    found = view.approval
    return ApprovalLine(
        id=found.id,
        artist=view.artist.handle,
        run_id=found.run_id,
        status=found.status.value,
        expires_at=found.expires_at,
        digest=found.digest,
    )


async def list_approvals(caller: Caller, asked: ListApprovals) -> Approvals:
    """List what waits for a person's yes or no, oldest first."""
    context = caller.context
    artist_id = None
    if asked.artist is not None:
        artist_id = (await context.artists.find(caller.actor, asked.artist)).id
    found = await context.views.waiting(caller.actor, artist_id)
    return Approvals(approvals=[_line(view) for view in found])


async def show_approval(caller: Caller, asked: NameApproval) -> ApprovalSheet:
    """Show exactly what would go out with a yes: songs, words and posts, and the digest of it."""
    view = await caller.context.views.approval(caller.actor, asked.approval_id)
    works = [await caller.context.works.get(caller.actor, work.id) for work in view.works]
    passed = {work.id: work.passed for work in view.works}
    return ApprovalSheet(
        **_line(view).model_dump(),
        releases=[release.title for release in view.releases],
        songs=[
            SongSheet(
                work_id=work.id, title=work.title, passed=passed[work.id], lyrics=lyrics_of(work)
            )
            for work in works
        ],
        posts=[
            PostSheet(id=post.id, channel=post.payload.channel, text=post.payload.text)
            for post in view.posts
        ],
        page=caller.page(f"/operator/approvals/{view.approval.id}"),
    )


async def decide_approval(caller: Caller, asked: Decide) -> ApprovalLine:
    """Say yes or no to exactly what `digest` names; a yes publishes it.

    Ask your person first: this cannot be taken back. A second decision is refused.
    """
    await caller.context.approvals.decide(
        caller.actor,
        asked.approval_id,
        asked.verdict,
        digest=asked.digest,
        reason=asked.reason,
        comment=asked.comment,
    )
    return _line(await caller.context.views.approval(caller.actor, asked.approval_id))


async def ask_for_changes(caller: Caller, asked: Change) -> Begun:
    """Reject exactly what `digest` names and have the artist make another version of it.

    Ask your person first: the version sent back cannot go out any more.
    """
    run = await caller.context.revisions.ask(
        caller.actor,
        asked.approval_id,
        reasons=asked.reasons,
        comment=asked.comment,
        digest=asked.digest,
    )
    return Begun(run_id=run.id)


TOOLS = (
    McpTool(
        "list_approvals",
        "List approvals",
        "read",
        ListApprovals,
        Approvals,
        list_approvals,
        read_only=True,
    ),
    McpTool(
        "show_approval",
        "Show an approval",
        "read",
        NameApproval,
        ApprovalSheet,
        show_approval,
        read_only=True,
    ),
    McpTool(
        "decide_approval",
        "Decide an approval",
        "approve",
        Decide,
        ApprovalLine,
        decide_approval,
        destructive=True,
        open_world=True,
    ),
    McpTool(
        "ask_for_changes",
        "Ask for changes",
        "approve",
        Change,
        Begun,
        ask_for_changes,
        destructive=True,
    ),
)
