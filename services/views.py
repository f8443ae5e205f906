"""What programs and people are shown of runs and approvals: one shape for API, page and script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.actor import Actor
from domain.approval import Approval
from domain.artist import Artist
from domain.errors import NotFound
from domain.event import Event, EventKind
from domain.genre import GenrePack
from domain.ports.model import Spent, UsageLedger
from domain.post import Post
from domain.quality import QualityReport
from domain.release import Release
from domain.run import Failure, Run, RunStatus, StepRecord
from domain.work import Work
from packs import load_pack, pack_ids
from services.base import Service
from services.timeline import StepLine, timeline
from services.works import WorkService
from store.unit import UnitOfWork

TIMELINE_EVENTS = 5000
# Lines with an address that may be a secret by itself: for those who may connect.
WITH_ADDRESSES: tuple[EventKind, ...] = ("webhook.changed",)


class FileView(BaseModel):
    """A made file: where people find it (a path or a bucket's address), and how to fetch it."""

    model_config = ConfigDict(frozen=True)

    role: str
    filename: str
    path: str
    sha256: str
    bytes: int
    media_type: str


class WorkView(BaseModel):
    """A work with its files and quality reports."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    status: str
    revision: int
    duration_s: float | None
    tempo_bpm: float | None
    key: str | None
    mode: str | None
    pcm_sha256: str | None
    lyrics: list[dict[str, Any]]
    concept: dict[str, Any]
    files: list[FileView]
    reports: list[QualityReport]
    passed: bool
    provenance: list[dict[str, Any]]
    choices: list[dict[str, Any]]


class RunView(BaseModel):
    """A run with all that it made and cost."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    artist: str
    artist_id: str
    stage_name: str
    status: str
    action: str | None
    approve: str
    seed: int
    started_at: datetime
    updated_at: datetime
    approval_id: str | None
    failure: Failure | None
    works: list[WorkView]
    releases: list[Release]
    posts: list[Post]
    steps: list[StepRecord]
    tokens: int
    cost_usd: float
    cpu_s: float


class ApprovalView(BaseModel):
    """An approval with exactly what is decided on."""

    model_config = ConfigDict(frozen=True)

    approval: Approval
    artist: Artist
    releases: list[Release]
    works: list[WorkView]
    posts: list[Post]


class GenreChoice(BaseModel):
    """A genre pack as somebody chooses it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    description: str


class ViewService(Service):
    """Read side; writes nothing."""

    def __init__(self, works: WorkService, usage: UsageLedger) -> None:
        super().__init__(works.database, works.clock)
        self.works = works
        self.usage = usage

    async def run(self, actor: Actor, run_id: str) -> RunView:
        """One run, whole; raises `NotFound`."""
        actor.must_read()
        spent = await self.usage.spent_by_run(run_id)
        async with self.database.unit() as unit:
            run = await unit.runs.get(run_id)
            actor.must_see(*run.artist_ids)
            return await self._run(unit, run, spent)

    async def timeline(self, actor: Actor, run_id: str) -> list[StepLine]:
        """A run's steps as they began, the running one with its progress; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            run = await unit.runs.get(run_id)
            actor.must_see(*run.artist_ids)
            records = await unit.steps.of_run(run_id)
            events = await unit.events.after(0, TIMELINE_EVENTS, run_id=run_id)
        return timeline(
            events,
            records,
            running=run.status is RunStatus.RUNNING,
            failed_step=run.failure.step if run.failure else None,
        )

    def genre_name(self, pack_id: str) -> str:
        """The name of a genre pack; of one that is gone, its id."""
        return load_pack(pack_id).name if pack_id in pack_ids() else pack_id

    def genres(self) -> list[GenreChoice]:
        """The genre packs to choose from."""
        packs = [load_pack(pack_id) for pack_id in pack_ids()]
        return [GenreChoice(id=p.id, name=p.name, description=p.description) for p in packs]

    def genre(self, pack_id: str) -> GenrePack:
        """One genre pack, whole; raises `NotFound`."""
        if pack_id not in pack_ids():
            raise NotFound(
                f"there is no genre pack {pack_id[:60]!r}",
                field="genre",
                remedy=f"Choose one of: {', '.join(pack_ids())}.",
            )
        return load_pack(pack_id)

    async def runs(
        self,
        actor: Actor,
        artist_id: str | None = None,
        after: str | None = None,
        limit: int = 20,
        status: RunStatus | None = None,
    ) -> list[tuple[Run, Artist]]:
        """The runs that the actor sees, with their first artist, newest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            runs = await unit.runs.page(after, limit, status, artist_id, actor.artists)
            artists = await unit.artists.many(run.artist_id for run in runs)
        return [(run, artists[run.artist_id]) for run in runs]

    async def step(self, actor: Actor, run_id: str, step_id: str) -> StepRecord:
        """One step of a run with what it saw and said; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            run = await unit.runs.get(run_id)
            actor.must_see(*run.artist_ids)
            found = await unit.steps.get(step_id)
        if found.run_id != run_id:
            raise NotFound(
                f"run {run_id} has no step {step_id!r}", remedy="Look at the steps of the run."
            )
        return found

    async def approval(self, actor: Actor, approval_id: str) -> ApprovalView:
        """One approval with its subjects; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            approval = await unit.approvals.get(approval_id)
            actor.must_see(approval.artist_id)
            return (await self._approvals(unit, [approval]))[0]

    async def waiting(self, actor: Actor, artist_id: str | None = None) -> list[ApprovalView]:
        """What waits for a person, oldest first."""
        actor.must_read()
        async with self.database.unit() as unit:
            found = await unit.approvals.waiting(artist_id, only=actor.artists)
            return await self._approvals(unit, found)

    async def events(
        self,
        actor: Actor,
        after: int,
        *,
        run_id: str | None = None,
        artist_id: str | None = None,
        limit: int = 200,
    ) -> list[Event]:
        """Lines of the event log after an id, in order; to some, those of their artists only."""
        actor.must_read()
        async with self.database.unit() as unit:
            return await unit.events.after(
                after,
                limit,
                run_id=run_id,
                artist_id=artist_id,
                only=actor.artists,
                without=() if "connect" in actor.rights else WITH_ADDRESSES,
            )

    async def last_event(self) -> int:
        """The newest id of the event log."""
        async with self.database.unit() as unit:
            return await unit.events.last_id()

    async def _run(self, unit: UnitOfWork, run: Run, spent: Spent) -> RunView:
        artist = await unit.artists.get(run.artist_id)
        return RunView(
            id=run.id,
            kind=run.kind,
            artist=artist.handle,
            artist_id=artist.id,
            stage_name=artist.stage_name,
            status=run.status.value,
            action=run.action,
            approve=run.approve,
            seed=run.seed,
            started_at=run.created_at,
            updated_at=run.updated_at,
            approval_id=run.approval_id,
            failure=run.failure,
            works=[await self.work(w) for w in await unit.works.by_run(run.id)],
            releases=await unit.releases.by_run(run.id),
            posts=await unit.posts.by_run(run.id),
            steps=await unit.steps.of_run(run.id),
            tokens=spent.tokens,
            cost_usd=spent.cost_usd,
            cpu_s=run.cpu_s,
        )

    async def _approvals(self, unit: UnitOfWork, found: Sequence[Approval]) -> list[ApprovalView]:
        every = [subject.id for approval in found for subject in approval.subjects]
        releases = await unit.releases.many(every)
        posts = await unit.posts.many(every)
        works = await unit.works.many(w for r in releases.values() for w in r.work_ids)
        artists = await unit.artists.many(approval.artist_id for approval in found)
        views = []
        for approval in found:
            ids = [subject.id for subject in approval.subjects]
            mine = [releases[i] for i in ids if i in releases]
            views.append(
                ApprovalView(
                    approval=approval,
                    artist=artists[approval.artist_id],
                    releases=mine,
                    works=[await self.work(works[w]) for r in mine for w in r.work_ids],
                    posts=[posts[i] for i in ids if i in posts],
                )
            )
        return views

    async def work(self, work: Work) -> WorkView:
        """A work as programs and people are shown it."""
        return WorkView(
            id=work.id,
            title=work.title,
            status=work.status.value,
            revision=work.revision,
            duration_s=work.duration_s,
            tempo_bpm=work.tempo_bpm,
            key=work.key,
            mode=work.mode,
            pcm_sha256=work.pcm_sha256,
            lyrics=[s.model_dump() for s in work.lyrics],
            concept=work.concept.model_dump(),
            files=[
                FileView(path=await self.works.shelved(work, a), **a.model_dump())
                for a in work.assets
            ],
            reports=list(work.reports),
            passed=bool(work.reports) and all(r.passed for r in work.reports),
            provenance=[p.model_dump(mode="json") for p in work.provenance],
            choices=[c.model_dump() for c in work.choices],
        )
