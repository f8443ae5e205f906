"""The inbox of approvals: what waits, with what it is about; several decided at once."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.approval import Approval, RejectReason, Verdict
from domain.artist import Artist
from domain.errors import Conflict, GreenroomError, InvalidInput, NotFound
from domain.ports.clock import Clock
from domain.post import Post
from domain.release import Release
from domain.work import Work
from services.approvals import ApprovalService
from services.base import Service
from store.database import Database
from store.unit import UnitOfWork

AT_ONCE = 50


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class InboxItem(_View):
    """An approval with what is decided on."""

    approval: Approval
    artist: Artist
    releases: list[Release]
    works: list[Work]
    posts: list[Post]

    @property
    def title(self) -> str:
        """What a person calls it."""
        if self.releases:
            return self.releases[0].title
        return self.posts[0].payload.text if self.posts else "Nothing"


class Decided(_View):
    """What became of one of many: its error's words where it was refused."""

    approval_id: str
    title: str
    refused: str | None = None


class InboxService(Service):
    """Reads the inbox in a fixed number of queries; decides many by deciding each."""

    def __init__(self, database: Database, clock: Clock, approvals: ApprovalService) -> None:
        super().__init__(database, clock)
        self.approvals = approvals

    async def waiting(
        self, actor: Actor, after: str | None = None, limit: int = 20
    ) -> list[InboxItem]:
        """What waits for a decision, oldest first, beginning behind `after`."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.approvals.waiting_page(after, limit, only=actor.artists)
            return await items_of(unit, found)

    async def decided(self, actor: Actor, limit: int = 20) -> list[InboxItem]:
        """What was decided or ran out last, newest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.approvals.closed_page(limit, only=actor.artists)
            return await items_of(unit, found)

    async def decide_many(
        self,
        actor: Actor,
        verdict: Verdict,
        chosen: Sequence[tuple[str, str]],
        *,
        reason: RejectReason | None = None,
        comment: str = "",
    ) -> list[Decided]:
        """Decide each of `chosen`, pairs of approval and the digest that was seen.

        One that is closed or has changed is refused by name; the others are decided all the
        same. Raises `InvalidInput` where nothing or too much is chosen, and `Forbidden`, before any
        is decided, where one is of an artist that the actor may not see.
        """
        actor.must("approve")
        if not 0 < len(chosen) <= AT_ONCE:
            raise InvalidInput(
                "nothing is chosen" if not chosen else f"{len(chosen)} are chosen",
                field="chosen",
                remedy=f"Choose 1 to {AT_ONCE} approvals.",
            )
        titles = await self._titles(actor, [approval_id for approval_id, _ in chosen])
        done = []
        for approval_id, digest in chosen:
            refused = None
            try:
                await self.approvals.decide(
                    actor, approval_id, verdict, digest=digest, reason=reason, comment=comment
                )
            except (Conflict, NotFound) as error:
                refused = _words(error)
            done.append(
                Decided(
                    approval_id=approval_id,
                    title=titles.get(approval_id, approval_id),
                    refused=refused,
                )
            )
        return done

    async def _titles(self, actor: Actor, approval_ids: Sequence[str]) -> dict[str, str]:
        async with self.database.unit() as unit:
            found = await unit.approvals.many(approval_ids)
            for approval in found.values():
                actor.must_see(approval.artist_id)
            return {i.approval.id: i.title for i in await items_of(unit, list(found.values()))}


async def items_of(unit: UnitOfWork, found: Sequence[Approval]) -> list[InboxItem]:
    """Approvals with what each is about, in a fixed number of queries."""
    ids = [subject.id for approval in found for subject in approval.subjects]
    releases = await unit.releases.many(ids)
    posts = await unit.posts.many(ids)
    works = await unit.works.many(w for r in releases.values() for w in r.work_ids)
    artists = await unit.artists.many(approval.artist_id for approval in found)
    return [
        InboxItem(
            approval=approval,
            artist=artists[approval.artist_id],
            releases=[releases[s.id] for s in approval.subjects if s.id in releases],
            works=[
                works[w]
                for s in approval.subjects
                if s.id in releases
                for w in releases[s.id].work_ids
            ],
            posts=[posts[s.id] for s in approval.subjects if s.id in posts],
        )
        for approval in found
    ]


def _words(error: GreenroomError) -> str:
    return f"{error.message[:1].upper()}{error.message[1:]}. {error.remedy or ''}".strip()
