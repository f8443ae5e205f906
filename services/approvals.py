"""Ask a person for a decision on one exact thing, take it, and let the run go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from domain.actor import SYSTEM, Actor
from domain.approval import (
    Approval,
    ApprovalStatus,
    Decision,
    RejectReason,
    Subject,
    TextEdit,
    Verdict,
    digest_of,
    standing,
)
from domain.errors import ApprovalClosed, Conflict, NotFound
from domain.ids import new_id
from domain.plain import plain_text
from domain.ports.clock import Clock
from domain.post import Payload, Post, PostStatus
from domain.release import ReleaseStatus
from domain.run import Run
from domain.seen import Seen
from domain.steering import ruling
from domain.work import WorkStatus
from services.base import Service, held_run
from services.catalogue import editable, subjects_of
from services.runs import RunService
from services.steering_read import goes_out_at, steering_of
from store.database import Database
from store.unit import UnitOfWork

# Who approves what no person did: a run's own order, or an artist's level.
BY_RUN = "policy:auto"
AUTOPILOT = "policy:autopilot"
# What goes out by itself does not expire just before.
AFTER_VETO = timedelta(days=1)
Reword = Callable[[Post, str], Awaitable[Payload]]
_log = structlog.get_logger(__name__)


class ApprovalService(Service):
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
        super().__init__(database, clock)
        self.runs = runs
        self.time_to_live = time_to_live
        self.reword = reword

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
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(f"approval:{approval_id}")
            approval, post, _ = await _edit(unit, actor, approval_id, post_id, text)
            run = await held_run(unit, approval.run_id)
            releases, posts = _ids(approval)
            before = post.payload.text
            post = await unit.posts.save(post.edited(payload, now))
            await unit.posts.save(post.move_to(PostStatus.AWAITING_APPROVAL, now))
            subjects = await subjects_of(unit, releases, posts)
            edit = TextEdit(post_id=post.id, before=before, by=f"{actor.kind}:{actor.id}", at=now)
            fresh = self._new(
                new_id("approval"),
                approval.artist_id,
                approval.run_id,
                subjects,
                (*approval.edits, edit),
            )
            fresh = fresh.amend(
                now,
                revises=approval.revises,
                version=approval.version,
                auto_approve_at=approval.auto_approve_at,
                expires_at=max(fresh.expires_at, approval.expires_at),
            )
            voided = await unit.approvals.save(approval.void(now, replaced_by=fresh.id))
            await unit.approvals.add(fresh)
            await unit.runs.save(run.amend(now, approval_id=fresh.id))
            self._emit(unit, actor, voided)
            self._emit(unit, actor, fresh)
            await unit.commit()
        return fresh

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
            for post_id in _ids(approval)[1]:
                post = await unit.posts.get(post_id)
                await unit.posts.save(post.move_to(PostStatus.EXPIRED, now))
            self._emit(unit, SYSTEM, expired)
            await unit.commit()
        return expired

    async def get(self, actor: Actor, approval_id: str) -> Approval:
        """One approval; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            approval = await unit.approvals.get(approval_id)
        actor.must_see(approval.artist_id)
        return approval

    async def waiting(self, actor: Actor, artist_id: str | None = None) -> list[Approval]:
        """What waits for a person, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.approvals.waiting(artist_id, only=actor.artists)

    async def page(
        self,
        actor: Actor,
        after: str | None = None,
        limit: int = 20,
        status: ApprovalStatus | None = None,
        artist: str | None = None,
    ) -> list[Approval]:
        """The approvals that the actor sees, newest first; raises `NotFound` for the artist."""
        actor.must_read()
        async with self.database.unit() as unit:
            artist_id = (await unit.artists.find(artist)).id if artist else None
            return await unit.approvals.page(after, limit, status, artist_id, actor.artists)

    async def standing_of(self, actor: Actor, run_id: str) -> Approval | None:
        """The run's approval that counts: the one that no edit has replaced."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = standing(await unit.approvals.of_run(run_id))
        if found is not None:
            actor.must_see(found.artist_id)
        return found

    async def _reworded(self, post: Post, words: str) -> Payload:
        if self.reword is not None:
            return await self.reword(post, words)
        return post.payload.model_copy(update={"text": words})

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
        if digest_of(await subjects_of(unit, *_ids(approval))) != approval.digest:
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


async def _versioned(unit: UnitOfWork, approval: Approval, run: Run) -> Approval:
    """The approval with the one it answers, where its run revises what was rejected."""
    if run.parent_run_id is None:
        return approval
    earlier = standing(await unit.approvals.of_run(run.parent_run_id))
    if earlier is None or earlier.status is not ApprovalStatus.REJECTED:
        return approval
    return approval.amend(approval.created_at, revises=earlier.id, version=earlier.version + 1)


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
    if post_id not in _ids(approval)[1]:
        raise NotFound(f"approval {approval.id} is not about post {post_id}", field="post")
    post = await unit.posts.get(post_id)
    return approval, post, editable(post, text)


def _ids(approval: Approval) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The releases and the posts decided on."""
    return (
        tuple(s.id for s in approval.subjects if s.kind == "release"),
        tuple(s.id for s in approval.subjects if s.kind == "post"),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _repeats(approval: Approval, decision: Decision) -> bool:
    old = approval.decision
    same = decision.model_copy(update={"at": old.at}) if old is not None else None
    return old is not None and old == same
