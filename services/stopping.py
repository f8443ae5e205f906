"""Stop a run at once: nothing of it is written or made public any more."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from domain.actor import Actor
from domain.approval import Approval, ApprovalStatus
from domain.errors import Conflict, StaleVersion
from domain.plain import plain_line
from domain.post import Post, PostStatus
from domain.release import ReleaseStatus
from domain.run import RUN_STATES, Run, RunStatus, Stopped
from services.base import held_run
from services.run_moves import RunMoves
from store.unit import UnitOfWork

WHY_MAX_CHARS = 500
TRIES = 4
# What has not left the house; it never will.
_NOT_OUT = (
    PostStatus.DRAFT,
    PostStatus.AWAITING_APPROVAL,
    PostStatus.APPROVED,
    PostStatus.SCHEDULED,
    PostStatus.FAILED_RETRYABLE,
)
# What is being sent at this moment: a person looks whether it arrived.
_ON_THE_LINE = (PostStatus.PUBLISHING, PostStatus.PENDING)
# What is sent again, or looked up, apart from any run.
_BY_ITSELF = (*_ON_THE_LINE, PostStatus.FAILED_RETRYABLE, PostStatus.OUTCOME_UNKNOWN)
BY_ITSELF_MOST = 1000


class StopsRuns(RunMoves):
    """Ends runs before their end."""

    async def cancel(self, actor: Actor, run_id: str, why: str = "") -> Run:
        """End a run at once, whatever it is at; again is harmless.

        Its lease is raised, so that its worker can write nothing more: between two steps it finds
        that out by itself, and a step under way is cut short. What it made stays unpublished.
        Raises `Conflict` for a run that has ended.
        """
        for _ in range(TRIES):
            try:
                return await self._cancel(actor, run_id, plain_line(why)[:WHY_MAX_CHARS])
            except StaleVersion:
                continue  # Its worker wrote at the same moment; now it stands otherwise.
        return await self._cancel(actor, run_id, plain_line(why)[:WHY_MAX_CHARS])

    async def _cancel(self, actor: Actor, run_id: str, why: str) -> Run:
        async with self.database.unit() as unit:
            approval = await _waiting(unit, run_id)
            run = await held_run(unit, run_id)
            actor.must("steer", "supervisor", "system", artist_id=run.artist_id)
            if run.status is RunStatus.CANCELLED:
                return run
            if RUN_STATES.final(run.status):
                raise Conflict(
                    f"run {run.id} has {run.status} already",
                    field="status",
                    remedy="There is nothing left to stop.",
                )
            await self._withdraw(unit, actor, run, approval)
            now = self.clock.now()
            stopped = Stopped(by=f"{actor.kind}:{actor.id}", at=now, why=why)
            ended = run.move_to(
                RunStatus.CANCELLED,
                now,
                stopped=stopped,
                lease=run.lease + 1,
                holder=None,
                retry_at=None,
            )
            return await self._save(unit, actor, ended)

    async def hold_back(self, actor: Actor, artist_id: str) -> None:
        """Take back posts that ended runs left on their way: no run of theirs can be cancelled."""
        actor.must("steer", "supervisor", "system", artist_id=artist_id)
        for _ in range(TRIES):
            with suppress(StaleVersion):  # Its sender wrote at the same moment.
                await self._hold_back(actor, artist_id)
                return
        await self._hold_back(actor, artist_id)

    async def _hold_back(self, actor: Actor, artist_id: str) -> None:
        async with self.database.unit() as unit:
            for post in await unit.posts.of_artist(artist_id, _BY_ITSELF, BY_ITSELF_MOST):
                await self._take_back(unit, actor, post)
            await unit.commit()

    async def stopped_among(self, run_ids: Collection[str]) -> set[str]:
        """Those of these runs that somebody has cancelled."""
        async with self.database.unit() as unit:
            known = await unit.runs.many(run_ids)
        return {run.id for run in known.values() if run.status is RunStatus.CANCELLED}

    async def _withdraw(
        self, unit: UnitOfWork, actor: Actor, run: Run, approval: Approval | None
    ) -> None:
        """Take back everything by which something of the run could still become public."""
        now = self.clock.now()
        if approval is not None:
            voided = await unit.approvals.save(approval.void(now))
            unit.emit(
                self.event(
                    "approval.closed",
                    actor,
                    artist_id=run.artist_id,
                    run_id=run.id,
                    subject_id=voided.id,
                    status=voided.status.value,
                    replaced_by=None,
                    reason=None,
                )
            )
        for post in await unit.posts.by_run(run.id):
            await self._take_back(unit, actor, post)
        for release_id in run.release_ids:
            release = await unit.releases.get(release_id)
            if release.status is ReleaseStatus.APPROVED:
                await unit.releases.save(release.move_to(ReleaseStatus.DRAFT, now))

    async def _take_back(self, unit: UnitOfWork, actor: Actor, post: Post) -> None:
        now = self.clock.now()
        if post.status in _NOT_OUT:
            changed = post.move_to(PostStatus.CANCELLED, now)
        elif post.status in _ON_THE_LINE:
            changed = post.move_to(PostStatus.OUTCOME_UNKNOWN, now)
        elif post.status is PostStatus.OUTCOME_UNKNOWN:
            changed = post
        else:
            return
        # Without a time nothing sends it again or looks it up by itself.
        saved = await unit.posts.save(changed.amend(now, retry_at=None))
        unit.emit(self.post_event(actor, saved))


async def _waiting(unit: UnitOfWork, run_id: str) -> Approval | None:
    """The run's undecided approval, held: who holds both takes it before the run."""
    for approval in await unit.approvals.of_run(run_id):
        if approval.status is ApprovalStatus.WAITING:
            await unit.lock(f"approval:{approval.id}")
            held = await unit.approvals.get(approval.id)
            if held.status is ApprovalStatus.WAITING:
                return held
    return None
