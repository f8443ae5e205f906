"""Look at approvals: one, those that wait, all, the one that counts for a run."""

from __future__ import annotations

from domain.actor import Actor
from domain.approval import Approval, ApprovalStatus, standing
from services.base import Service


class ReadsApprovals(Service):
    """Shows each actor the approvals of the artists it sees."""

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
