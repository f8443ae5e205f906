"""Ask a person for a decision on one exact thing, take it, and let the run go on."""

from __future__ import annotations

from datetime import timedelta

import structlog

from domain.actor import SYSTEM, Actor
from domain.approval import (
    Approval,
    ApprovalStatus,
    Decision,
    RejectReason,
    Verdict,
    standing,
)
from domain.errors import Conflict
from domain.plain import plain_text
from domain.ports.clock import Clock
from domain.post import PostStatus
from domain.run import Run
from domain.steering import ruling
from services.approval_moves import decided_on, held_approval
from services.base import held_run
from services.catalogue import subjects_of
from services.editing_posts import EditsPosts, Reword
from services.reading_approvals import ReadsApprovals
from services.runs import RunService
from services.steering_read import goes_out_at, steering_of
from store.database import Database
from store.unit import UnitOfWork

# Who approves what no person did: a run's own order, or an artist's level.
BY_RUN = "policy:auto"
AUTOPILOT = "policy:autopilot"
# What goes out by itself does not expire just before.
AFTER_VETO = timedelta(days=1)
_log = structlog.get_logger(__name__)


class ApprovalService(EditsPosts, ReadsApprovals):
    """Use cases of approvals.

    `reword` renders a post's new words as its channel would show them, or refuses them.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        runs: RunService,
        time_to_live: timedelta,
        reword: Reword | None = None,
    ) -> None:
        super().__init__(database, clock, time_to_live, reword)
        self.runs = runs

    async def open(
        self,
        actor: Actor,
        approval_id: str,
        artist_id: str,
        run_id: str,
        release_ids: tuple[str, ...],
        post_ids: tuple[str, ...],
    ) -> Approval:
        """Open the approval minted as `approval_id`, bound to the present content.

        How the artist is steered and what the run was told decide whether a person is asked, or
        it is approved by itself: at once, or when nobody objects in time; always on record.
        """
        actor.must_be("artist", "system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            run = await held_run(unit, run_id)
            for known in await unit.approvals.of_run(run_id):
                if known.id == approval_id:
                    return known
            subjects = await subjects_of(unit, release_ids, post_ids)
            approval = self._new(approval_id, artist_id, run_id, subjects)
            approval = await _versioned(unit, approval, run)
            approval, policy = await self._ruled(unit, approval, run)
            await unit.approvals.add(approval)
            await unit.runs.save(run.amend(now, approval_id=approval.id))
            for post_id in post_ids:
                post = await unit.posts.get(post_id)
                if post.status is PostStatus.DRAFT:
                    await unit.posts.save(post.move_to(PostStatus.AWAITING_APPROVAL, now))
            self._emit(unit, actor, approval)
            if policy is not None and approval.auto_approve_at is None:
                decision = Decision(verdict="approve", by=policy, at=now)
                approval = await self._apply(unit, actor, approval, decision)
            await unit.commit()
        return approval

    async def decide(
        self,
        actor: Actor,
        approval_id: str,
        verdict: Verdict,
        *,
        digest: str | None = None,
        reason: RejectReason | None = None,
        also: tuple[RejectReason, ...] = (),
        comment: str = "",
    ) -> Approval:
        """Take a person's decision on exactly what `digest` names (default: the content bound).

        `also` are further reasons for the same no. The same decision by the same person again is
        harmless. Raises `ApprovalClosed` when it is closed, expired, or the content is no longer
        what was bound.
        """
        actor.must("approve")
        now = self.clock.now()
        decision = Decision(
            verdict=verdict,
            reason=reason,
            also=also,
            comment=plain_text(comment),
            by=f"{actor.kind}:{actor.id}",
            at=now,
        )
        async with self.database.unit() as unit:
            approval = await held_approval(unit, approval_id)
            actor.must_see(approval.artist_id)
            seen = approval.digest if digest is None else digest
            if seen != approval.digest or not _repeats(approval, decision):
                await self._check_content(unit, approval)
                approval = await self._apply(unit, actor, approval, decision, seen)
                await unit.commit()
        await self.runs.wake(SYSTEM, approval.run_id)
        return approval

    async def approve_by_policy(
        self, unit: UnitOfWork, approval: Approval, policy: str
    ) -> Approval:
        """Approve, inside a unit that holds it, what nobody objected to.

        Raises `ApprovalClosed` when the content is no longer what was bound.
        """
        await self._check_content(unit, approval)
        decision = Decision(verdict="approve", by=policy, at=self.clock.now())
        return await self._apply(unit, SYSTEM, approval, decision)

    async def _ruled(
        self, unit: UnitOfWork, approval: Approval, run: Run
    ) -> tuple[Approval, str | None]:
        """The approval with the end of its veto window, and who approves it by itself, if so."""
        steering = await steering_of(unit, approval.artist_id)
        rule = ruling(steering, run.own)
        if rule.asked:
            return approval, None
        now = self.clock.now()
        at = await goes_out_at(unit, steering, now + rule.veto)
        policy = BY_RUN if steering.level is None else AUTOPILOT
        if at <= now:
            return approval, policy
        expires = max(approval.expires_at, at + AFTER_VETO)
        return approval.amend(now, auto_approve_at=at, expires_at=expires), policy

    async def expire_due(self, actor: Actor) -> list[Approval]:
        """Close what nobody decided in time and let those runs end.

        Each is closed by itself: one that cannot be does not keep the others waiting.
        """
        async with self.database.unit() as unit:
            due = await unit.approvals.due(self.clock.now())
        closed = []
        for approval in due:
            try:
                expired = await self._expire(actor, approval.id)
            except Conflict as error:
                _log.warning("approval not expired", approval_id=approval.id, why=error.message)
                continue
            if expired is not None:
                closed.append(expired)
                await self.runs.wake(SYSTEM, expired.run_id)
        return closed

    async def _expire(self, actor: Actor, approval_id: str) -> Approval | None:
        """Close one approval; None when somebody decided meanwhile."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            approval = await held_approval(unit, approval_id)
            if approval.status is not ApprovalStatus.WAITING:
                return None
            expired = await unit.approvals.save(approval.expire(now))
            for post_id in decided_on(approval)[1]:
                post = await unit.posts.get(post_id)
                await unit.posts.save(post.move_to(PostStatus.EXPIRED, now))
            self._emit(unit, SYSTEM, expired)
            await unit.commit()
        return expired


async def _versioned(unit: UnitOfWork, approval: Approval, run: Run) -> Approval:
    """The approval with the one it answers, where its run revises what was rejected."""
    if run.parent_run_id is None:
        return approval
    earlier = standing(await unit.approvals.of_run(run.parent_run_id))
    if earlier is None or earlier.status is not ApprovalStatus.REJECTED:
        return approval
    return approval.amend(approval.created_at, revises=earlier.id, version=earlier.version + 1)


def _repeats(approval: Approval, decision: Decision) -> bool:
    old = approval.decision
    same = decision.model_copy(update={"at": old.at}) if old is not None else None
    return old is not None and old == same
