"""What happens to an approval whoever decides: bound to its content, applied to it, told of."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.actor import Actor
from domain.approval import Approval, ApprovalStatus, Decision, Subject, TextEdit, digest_of
from domain.errors import ApprovalClosed
from domain.ports.clock import Clock
from domain.post import PostStatus
from domain.release import ReleaseStatus
from domain.work import WorkStatus
from services.base import Service
from services.catalogue import subjects_of
from store.database import Database
from store.unit import UnitOfWork


class ApprovalMoves(Service):
    """Makes approvals and carries decisions out, inside a unit that holds the approval."""

    def __init__(self, database: Database, clock: Clock, time_to_live: timedelta) -> None:
        super().__init__(database, clock)
        self.time_to_live = time_to_live

    def _new(
        self,
        approval_id: str,
        artist_id: str,
        run_id: str,
        subjects: tuple[Subject, ...],
        edits: tuple[TextEdit, ...] = (),
    ) -> Approval:
        now = self.clock.now()
        return Approval(
            id=approval_id,
            created_at=now,
            updated_at=now,
            artist_id=artist_id,
            run_id=run_id,
            subjects=subjects,
            digest=digest_of(subjects),
            expires_at=now + self.time_to_live,
            edits=edits,
        )

    async def _check_content(self, unit: UnitOfWork, approval: Approval) -> None:
        if digest_of(await subjects_of(unit, *decided_on(approval))) != approval.digest:
            raise ApprovalClosed(
                "the content changed after this approval was asked for",
                remedy="Reload the page and decide on the new version.",
            )

    async def _apply(
        self,
        unit: UnitOfWork,
        actor: Actor,
        approval: Approval,
        decision: Decision,
        digest: str | None = None,
    ) -> Approval:
        now = self.clock.now()
        decided = await unit.approvals.save(
            approval.decide(decision, digest if digest is not None else approval.digest)
        )
        yes = decision.verdict == "approve"
        for subject in approval.subjects:
            if subject.kind == "post":
                post = await unit.posts.get(subject.id)
                target = PostStatus.APPROVED if yes else PostStatus.CANCELLED
                await unit.posts.save(post.move_to(target, now))
                continue
            release = await unit.releases.get(subject.id)
            status = ReleaseStatus.APPROVED if yes else ReleaseStatus.REJECTED
            await unit.releases.save(release.move_to(status, now))
            if not yes:
                for work_id in release.work_ids:
                    work = await unit.works.get(work_id)
                    await unit.works.save(work.move_to(WorkStatus.REJECTED, now))
        self._emit(unit, actor, decided)
        return decided

    def _emit(self, unit: UnitOfWork, actor: Actor, approval: Approval) -> None:
        waiting = approval.status is ApprovalStatus.WAITING
        unit.emit(
            self.event(
                "approval.opened" if waiting else "approval.closed",
                actor,
                artist_id=approval.artist_id,
                run_id=approval.run_id,
                subject_id=approval.id,
                status=approval.status.value,
                replaced_by=approval.replaced_by,
                revises=approval.revises,
                reason=approval.decision.reason if approval.decision else None,
                by=approval.decision.by if approval.decision else None,
                auto_approve_at=_iso(approval.auto_approve_at),
            )
        )


async def held_approval(unit: UnitOfWork, approval_id: str) -> Approval:
    """Read an approval that nobody else changes until this unit ends: the first decision wins."""
    await unit.lock(f"approval:{approval_id}")
    return await unit.approvals.get(approval_id)


def decided_on(approval: Approval) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The releases and the posts decided on."""
    return (
        tuple(s.id for s in approval.subjects if s.kind == "release"),
        tuple(s.id for s in approval.subjects if s.kind == "post"),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
