"""One approval: exactly what is decided on, and the decision."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.context import ApiContext
from api.web.artist_page import credit_lines
from api.web.diffs import Piece, text_diff
from api.web.operator_views import (
    Notice,
    WorkCard,
    media_url,
    outcome,
    work_card,
)
from api.web.page import Page
from api.web.post_card import PostCard, post_card
from api.web.revision_card import RevisionCard, revision_card
from domain.actor import Actor
from domain.approval import REJECT_REASONS, Approval
from domain.artist import Artist
from domain.release import Release
from services.views import ApprovalView


class EditLine(BaseModel):
    """What somebody changed in a post's words."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: datetime
    pieces: tuple[Piece, ...]


class ApprovalPage(Page):
    """An approval's page."""

    template: ClassVar[str] = "approval.html"

    approval: Approval = Field(description="The approval with its digest.")
    waits: bool = Field(description="Whether it still can be decided.")
    artist: Artist = Field(description="Whose work it is.")
    releases: tuple[Release, ...] = Field(description="Releases decided on.")
    works: tuple[WorkCard, ...] = Field(description="Their works.")
    posts: tuple[PostCard, ...] = Field(description="Posts decided on, as each channel shows it.")
    typed: dict[str, str] = Field(description="Words typed for posts that were refused.")
    edits: dict[str, tuple[EditLine, ...]] = Field(description="What people changed, by post.")
    revision: RevisionCard | None = Field(description="The version before, and what was asked.")
    follow_up: str = Field(description="Where the version is that answers this one's rejection.")
    people: tuple[tuple[str, str], ...] = Field(description="Names with their roles.")
    passed: bool = Field(description="Whether every quality check of the works passes.")
    reasons: tuple[str, ...] = Field(description="Reasons for a no.")
    answer: tuple[tuple[str, ...], str] = Field(description="Reasons and words given for a no.")
    notice: Notice | None = Field(description="What went wrong just now.")
    ended: Notice | None = Field(description="How it ended, and who ended it.")


async def approval_page(
    context: ApiContext,
    operator: Actor,
    approval_id: str,
    notice: Notice | None = None,
    answer: tuple[tuple[str, ...], str] = ((), ""),
    typed: dict[str, str] | None = None,
) -> ApprovalPage:
    """Read an approval's page."""
    view = await context.views.approval(operator, approval_id)
    approval = view.approval
    title = view.releases[0].title if view.releases else "a post"
    decision = approval.decision
    by = {edit.by for edit in approval.edits} | ({decision.by} if decision else set())
    names = await context.overview.names(by)
    return ApprovalPage(
        title=f"Approve {title} by {view.artist.stage_name} · Greenroom",
        approval=approval,
        waits=approval.status.value == "waiting",
        artist=view.artist,
        releases=tuple(view.releases),
        works=tuple(work_card(work) for work in view.works),
        posts=await _posts(context, operator, view),
        typed=typed or {},
        edits=_edits(view, names),
        revision=await revision_card(context, operator, approval),
        follow_up=await _follow_up(context, operator, approval),
        people=tuple(line for release in view.releases for line in credit_lines(release)),
        passed=all(work.passed for work in view.works),
        reasons=REJECT_REASONS,
        answer=answer,
        notice=notice,
        ended=outcome(approval, names[decision.by] if decision else "", context.clock.now()),
    )


def _edits(view: ApprovalView, names: dict[str, str]) -> dict[str, tuple[EditLine, ...]]:
    """The changes of each post, each from the words before it to those after it."""
    found: dict[str, tuple[EditLine, ...]] = {}
    for post in view.posts:
        mine = [edit for edit in view.approval.edits if edit.post_id == post.id]
        after = [*(edit.before for edit in mine[1:]), post.payload.text]
        found[post.id] = tuple(
            EditLine(by=names[edit.by], at=edit.at, pieces=text_diff(edit.before, words))
            for edit, words in zip(mine, after[: len(mine)], strict=True)
        )
    return found


async def _follow_up(context: ApiContext, operator: Actor, approval: Approval) -> str:
    """Where the version is that answers a rejection: its approval, until then its run."""
    run = await context.revisions.follow_up(operator, approval)
    if run is None:
        return ""
    return (
        f"/operator/approvals/{run.approval_id}" if run.approval_id else f"/operator/runs/{run.id}"
    )


async def _posts(context: ApiContext, operator: Actor, view: ApprovalView) -> tuple[PostCard, ...]:
    files = {file.sha256: media_url(file) for work in view.works for file in work.files}
    accounts = await context.channels.of_artist(operator, view.artist.id)
    names = {account.network: account.account for account in accounts}
    return tuple(
        post_card(
            post,
            context.channels.capabilities(post.payload.channel),
            names.get(post.payload.channel),
            files,
        )
        for post in view.posts
    )
