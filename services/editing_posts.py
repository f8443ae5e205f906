"""Change a waiting post's words, which takes a new approval of the new content."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.actor import Actor
from domain.approval import Approval, ApprovalStatus, TextEdit
from domain.errors import ApprovalClosed, NotFound
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.post import Payload, Post, PostStatus
from domain.seen import Seen
from services.approval_moves import ApprovalMoves, decided_on
from services.base import held_run
from services.catalogue import editable, subjects_of
from store.database import Database
from store.unit import UnitOfWork

Reword = Callable[[Post, str], Awaitable[Payload]]


class EditsPosts(ApprovalMoves):
    """`reword` renders a post's new words as its channel would show them, or refuses them."""

    def __init__(
        self, database: Database, clock: Clock, time_to_live: timedelta, reword: Reword | None
    ) -> None:
        super().__init__(database, clock, time_to_live)
        self.reword = reword

    async def edit_post(
        self,
        actor: Actor,
        approval_id: str,
        post_id: str,
        text: str,
        *,
        seen: Seen | None = None,
    ) -> Approval:
        """Change a waiting post's words: voids the approval, opens a new one on the new content.

        Raises `InvalidInput` naming what does not fit the channel, `StaleVersion` when the
        approval is not the one that was `seen`.
        """
        actor.must("approve")
        async with self.database.unit() as unit:
            approval, post, words = await _edit(unit, actor, approval_id, post_id, text)
        if seen is not None:
            seen.check("approval", approval.row_version)
        if words == post.payload.text:
            return approval
        # Rendering may ask the network, so nothing is locked meanwhile; then all is read again.
        payload = await self._reworded(post, words)
        async with self.database.unit() as unit:
            await unit.lock(f"approval:{approval_id}")
            approval, post, _ = await _edit(unit, actor, approval_id, post_id, text)
            fresh = await self._replace(unit, actor, approval, post, payload)
            await unit.commit()
        return fresh

    async def _replace(
        self, unit: UnitOfWork, actor: Actor, approval: Approval, post: Post, payload: Payload
    ) -> Approval:
        """Put the new words in the post, and a fresh approval in the place of the old."""
        now = self.clock.now()
        run = await held_run(unit, approval.run_id)
        edit = TextEdit(
            post_id=post.id, before=post.payload.text, by=f"{actor.kind}:{actor.id}", at=now
        )
        post = await unit.posts.save(post.edited(payload, now))
        await unit.posts.save(post.move_to(PostStatus.AWAITING_APPROVAL, now))
        fresh = await self._renewed(unit, approval, edit)
        voided = await unit.approvals.save(approval.void(now, replaced_by=fresh.id))
        await unit.approvals.add(fresh)
        await unit.runs.save(run.amend(now, approval_id=fresh.id))
        self._emit(unit, actor, voided)
        self._emit(unit, actor, fresh)
        return fresh

    async def _renewed(self, unit: UnitOfWork, approval: Approval, edit: TextEdit) -> Approval:
        """The same approval on the content as it is now, no sooner at its end."""
        fresh = self._new(
            new_id("approval"),
            approval.artist_id,
            approval.run_id,
            await subjects_of(unit, *decided_on(approval)),
            (*approval.edits, edit),
        )
        return fresh.amend(
            self.clock.now(),
            revises=approval.revises,
            version=approval.version,
            auto_approve_at=approval.auto_approve_at,
            expires_at=max(fresh.expires_at, approval.expires_at),
        )

    async def _reworded(self, post: Post, words: str) -> Payload:
        if self.reword is not None:
            return await self.reword(post, words)
        return post.payload.model_copy(update={"text": words})


async def _edit(
    unit: UnitOfWork, actor: Actor, approval_id: str, post_id: str, text: str
) -> tuple[Approval, Post, str]:
    """A waiting approval, its post and the words it may get; says what is in the way."""
    approval = await unit.approvals.get(approval_id)
    actor.must_see(approval.artist_id)
    if approval.status is not ApprovalStatus.WAITING:
        raise ApprovalClosed(
            f"approval {approval.id} is {approval.status} already",
            remedy="Look at the run; it shows the approval that counts.",
        )
    if post_id not in decided_on(approval)[1]:
        raise NotFound(f"approval {approval.id} is not about post {post_id}", field="post")
    post = await unit.posts.get(post_id)
    return approval, post, editable(post, text)
