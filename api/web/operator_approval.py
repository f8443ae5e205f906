"""One approval: exactly what is decided on, and the decision."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from api.context import ApiContext
from api.web.artist_page import credit_lines
from api.web.operator_views import Notice, WorkCard, media_url, outcome, work_card
from api.web.page import Page
from api.web.post_card import PostCard, post_card
from domain.actor import Actor
from domain.approval import REJECT_REASONS, Approval
from domain.artist import Artist
from domain.release import Release
from services.views import ApprovalView


class ApprovalPage(Page):
    """An approval's page."""

    template: ClassVar[str] = "approval.html"

    approval: Approval = Field(description="The approval with its digest.")
    waits: bool = Field(description="Whether it still can be decided.")
    artist: Artist = Field(description="Whose work it is.")
    releases: tuple[Release, ...] = Field(description="Releases decided on.")
    works: tuple[WorkCard, ...] = Field(description="Their works.")
    posts: tuple[PostCard, ...] = Field(description="Posts decided on, as each channel shows it.")
    people: tuple[tuple[str, str], ...] = Field(description="Names with their roles.")
    passed: bool = Field(description="Whether every quality check of the works passes.")
    reasons: tuple[str, ...] = Field(description="Reasons for a no.")
    notice: Notice | None = Field(description="The outcome, or what went wrong.")


async def approval_page(
    context: ApiContext, operator: Actor, approval_id: str, notice: Notice | None = None
) -> ApprovalPage:
    """Read an approval's page."""
    view = await context.views.approval(operator, approval_id)
    title = view.releases[0].title if view.releases else "a post"
    return ApprovalPage(
        title=f"Approve {title} by {view.artist.stage_name} · Greenroom",
        approval=view.approval,
        waits=view.approval.status.value == "waiting",
        artist=view.artist,
        releases=tuple(view.releases),
        works=tuple(work_card(work) for work in view.works),
        posts=await _posts(context, operator, view),
        people=tuple(line for release in view.releases for line in credit_lines(release)),
        passed=all(work.passed for work in view.works),
        reasons=REJECT_REASONS,
        notice=notice or outcome(view.approval),
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
