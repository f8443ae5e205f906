"""Ask an artist to make something anew, and read what was asked and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.approval import Approval, ApprovalStatus, RejectReason, standing
from domain.artist import Artist
from domain.errors import Conflict, InvalidInput
from domain.plain import plain_text
from domain.ports.clock import Clock
from domain.post import Post
from domain.revision import Part, check_reasons, parts_kept
from domain.run import Run, StepRecord
from domain.steering import may_begin
from domain.work import Work
from services.approvals import ApprovalService
from services.base import Service
from services.inbox import InboxItem, items_of
from services.revision_answers import Answer, answers, same_parts
from services.run_moves import check_may_run
from services.runs import RunService, check_level
from services.steering_read import steering_of
from store.database import Database
from store.unit import UnitOfWork

USUAL_LIMIT = 5


class Revised(BaseModel):
    """What a run makes anew: what was rejected, why, and the steps that had led there."""

    model_config = ConfigDict(frozen=True)

    approval: Approval
    works: list[Work]
    posts: list[Post]
    steps: list[StepRecord]

    @property
    def reasons(self) -> tuple[RejectReason, ...]:
        """Why it was rejected."""
        return self.approval.decision.reasons if self.approval.decision else ()

    @property
    def because(self) -> str:
        """The same in words."""
        return self.approval.decision.because if self.approval.decision else ""

    @property
    def said(self) -> str:
        """What the person wrote."""
        return self.approval.decision.comment if self.approval.decision else ""

    @property
    def kept(self) -> tuple[Part, ...]:
        """The parts that nobody complained about."""
        return parts_kept(self.reasons)

    @property
    def work(self) -> Work | None:
        """The song that was rejected; None where it was a post alone."""
        return self.works[0] if self.works else None

    def last(self, step: str) -> StepRecord | None:
        """The last time the rejected run took a step and finished it."""
        found = [r for r in self.steps if r.step == step and r.outcome != "error"]
        return found[-1] if found else None


class Compared(BaseModel):
    """Two versions of one thing, and how each reason was answered by the newer."""

    model_config = ConfigDict(frozen=True)

    before: InboxItem
    after: InboxItem
    answers: list[Answer]
    same: list[str]


class RevisionService(Service):
    """Use cases of revisions; at most `most` of them follow one another."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        approvals: ApprovalService,
        runs: RunService,
        most: int = USUAL_LIMIT,
    ) -> None:
        super().__init__(database, clock)
        self.approvals = approvals
        self.runs = runs
        self.most = most

    async def ask(
        self,
        actor: Actor,
        approval_id: str,
        *,
        reasons: Sequence[RejectReason],
        comment: str,
        digest: str | None = None,
    ) -> Run:
        """Reject for these reasons, and have the artist make at once what they name anew.

        The rest stays as it is. Asking again gives the run that was begun. Raises `InvalidInput`
        without words or for reasons that ask for no change, `Conflict` when enough was asked or
        the artist may not begin, and what `decide` raises; then nothing is rejected.
        """
        actor.must("approve")
        actor.must("steer")
        words = plain_text(comment)
        if not words:
            raise InvalidInput(
                "nothing says what should be different",
                field="comment",
                remedy="Say in a sentence what the artist should change.",
            )
        parent, first, also = await self._may_ask(actor, approval_id, reasons)
        approval = await self.approvals.decide(
            actor, approval_id, "reject", digest=digest, reason=first, also=also, comment=words
        )
        return await self.runs.start(
            actor,
            approval.artist_id,
            approve="ask" if parent.own == "ask" else None,
            parent_run_id=parent.id,
            slot_key=_slot(approval_id),
        )

    async def of_run(self, actor: Actor, run: Run) -> Revised | None:
        """What the run makes anew; None for one that begins something of its own."""
        actor.must_read(*run.artist_ids)
        if run.parent_run_id is None:
            return None
        async with self.database.unit() as unit:
            earlier = standing(await unit.approvals.of_run(run.parent_run_id))
            if earlier is None or earlier.status is not ApprovalStatus.REJECTED:
                return None
            (item,) = await items_of(unit, [earlier])
            steps = await unit.steps.of_run(run.parent_run_id)
        return Revised(approval=earlier, works=item.works, posts=item.posts, steps=steps)

    async def compared(self, actor: Actor, approval: Approval) -> Compared | None:
        """An approval beside the one that it answers, if it answers one."""
        actor.must_read(approval.artist_id)
        if approval.revises is None:
            return None
        async with self.database.unit() as unit:
            earlier = await unit.approvals.get(approval.revises)
            before, after = await items_of(unit, [earlier, approval])
        return Compared(
            before=before,
            after=after,
            answers=answers(before, after),
            same=same_parts(before, after),
        )

    async def follow_up(self, actor: Actor, approval: Approval) -> Run | None:
        """The run that makes anew what this approval rejected, if one was asked for."""
        actor.must_read(approval.artist_id)
        async with self.database.unit() as unit:
            return await unit.runs.of_slot(_slot(approval.id))

    async def _may_ask(
        self, actor: Actor, approval_id: str, reasons: Sequence[RejectReason]
    ) -> tuple[Run, RejectReason, tuple[RejectReason, ...]]:
        """The run to do again, with the first reason and the others; raises before a word falls."""
        async with self.database.unit() as unit:
            approval = await unit.approvals.get(approval_id)
            actor.must_see(approval.artist_id)
            (item,) = await items_of(unit, [approval])
            sung = any(work.lyrics for work in item.works)
            first, *also = check_reasons(reasons, song=bool(item.works), sung=sung)
            parent = await unit.runs.get(approval.run_id)
            if await unit.runs.of_slot(_slot(approval_id)) is None:
                self._check_room(approval)
                await _check_may_begin(unit, item.artist)
        return parent, first, tuple(also)

    def _check_room(self, approval: Approval) -> None:
        if approval.version > self.most:
            raise Conflict(
                f"this is version {approval.version}, and no more than {self.most} revisions "
                "follow one another",
                field="version",
                remedy="Change the words yourself, or reject it and let the artist begin "
                "something new. GREENROOM_REVISIONS_ASKED_MAX sets the limit.",
            )


async def _check_may_begin(unit: UnitOfWork, artist: Artist) -> None:
    check_may_run(artist, "cycle")
    check_level(artist, may_begin(await steering_of(unit, artist.id), "operator", "cycle"))


def _slot(approval_id: str) -> str:
    return f"changes:{approval_id}"
