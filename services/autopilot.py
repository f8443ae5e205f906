"""Let go out what nobody objected to: approvals whose veto window is over, each once."""

from __future__ import annotations

import structlog

from domain.actor import SYSTEM, Actor
from domain.approval import Approval, ApprovalStatus
from domain.artist import ArtistStatus
from domain.errors import ApprovalClosed, Conflict
from domain.ports.clock import Clock
from domain.steering import ruling
from services.approval_moves import held_approval
from services.approvals import AUTOPILOT, ApprovalService
from services.base import Service
from services.holds import standing_hold
from services.steering_read import goes_out_at, steering_of
from store.database import Database
from store.unit import UnitOfWork

_log = structlog.get_logger(__name__)


class AutopilotService(Service):
    """What the scheduler's leader does when veto windows end.

    Whether it goes out is decided here a last time, under the approval's lock: a person who
    decided first, a level that was lowered, an artist that was paused and quiet hours all count.
    A process that dies in between leaves either a waiting approval, which is due again, or a
    decided one whose run is found and woken.
    """

    def __init__(self, database: Database, clock: Clock, approvals: ApprovalService) -> None:
        super().__init__(database, clock)
        self.approvals = approvals

    async def approve_due(self, actor: Actor) -> list[Approval]:
        """Approve what is due; one that cannot be does not keep the others waiting.

        Does nothing while everything is held.
        """
        actor.must_be("system")
        async with self.database.unit() as unit:
            due = await unit.approvals.auto_due(self.clock.now())
            if not due or await standing_hold(unit) is not None:
                return []
        approved = []
        for each in due:
            try:
                found = await self._look(each.id)
            except Conflict as error:
                _log.warning("not approved by itself", approval_id=each.id, why=error.message)
                continue
            if found is not None:
                approved.append(found)
                await self.approvals.runs.wake(SYSTEM, found.run_id)
        return approved

    async def _look(self, approval_id: str) -> Approval | None:
        """Approve one, unless something stands against it now."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            approval = await held_approval(unit, approval_id)
            due = approval.auto_approve_at
            if approval.status is not ApprovalStatus.WAITING or due is None or due > now:
                return None
            artist = await unit.artists.get(approval.artist_id)
            if artist.status not in (ArtistStatus.ACTIVE, ArtistStatus.EVOLVING):
                return None  # It leaves when the artist goes on, or a person decides.
            steering = await steering_of(unit, approval.artist_id)
            run = await unit.runs.get(approval.run_id)
            if ruling(steering, run.own).asked:
                await self._ask_instead(unit, approval)
                return None
            at = await goes_out_at(unit, steering, now)
            if at > now:
                await unit.approvals.save(approval.amend(now, auto_approve_at=at))
                await unit.commit()
                return None
            try:
                approved = await self.approvals.approve_by_policy(unit, approval, AUTOPILOT)
            except ApprovalClosed:
                await self._ask_instead(unit, approval)
                return None
            await unit.commit()
        return approved

    async def _ask_instead(self, unit: UnitOfWork, approval: Approval) -> None:
        """A person decides after all."""
        await unit.approvals.save(approval.amend(self.clock.now(), auto_approve_at=None))
        await unit.commit()
