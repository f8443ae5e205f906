"""Keep a work as it grows from concept to complete; every step may be done twice."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.actor import SYSTEM, Actor
from domain.choice import CreativeChoice
from domain.errors import Forbidden
from domain.ports.clock import Clock
from domain.ports.media_store import MediaStore
from domain.quality import QualityReport
from domain.revision import next_version
from domain.work import (
    Asset,
    AssetRole,
    Concept,
    Credit,
    LyricSection,
    Provenance,
    Work,
    WorkStatus,
)
from services.base import Service
from services.naming import file_stem
from store.database import Database
from store.unit import UnitOfWork


class FileToKeep(BaseModel):
    """A made file on its way into the media folder."""

    model_config = ConfigDict(frozen=True)

    role: AssetRole
    path: Path
    media_type: str
    filename: str


class Made(BaseModel):
    """What one step adds to a work."""

    model_config = ConfigDict(frozen=True)

    title: str | None = None
    lyrics: tuple[LyricSection, ...] | None = None
    files: tuple[FileToKeep, ...] = ()
    reports: tuple[QualityReport, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    choices: tuple[CreativeChoice, ...] = ()
    credits: tuple[Credit, ...] | None = None
    facts: dict[str, str | float | None] = {}


class WorkService(Service):
    """Use cases of works."""

    def __init__(self, database: Database, clock: Clock, media: MediaStore) -> None:
        super().__init__(database, clock)
        self.media = media

    async def conceive(
        self, actor: Actor, work_id: str, artist_id: str, run_id: str, concept: Concept, seed: int
    ) -> Work:
        """Begin the work minted as `work_id`; the second time gives the first one back."""
        actor.must_be("artist", "system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            for work in await unit.works.by_run(run_id):
                if work.id == work_id:
                    return work
            work = Work(
                id=work_id,
                created_at=now,
                updated_at=now,
                artist_id=artist_id,
                run_id=run_id,
                title=concept.title,
                concept=concept,
                seed=seed,
            )
            await unit.works.add(work)
            await self.made(unit, run_id, "work_ids", work.id)
            self._changed(unit, work)
            await unit.commit()
        return work

    async def carry(
        self, actor: Actor, work_id: str, run_id: str, earlier: Work, kept: Collection[str]
    ) -> Work:
        """Begin the work minted as `work_id` as another version of `earlier`, with what is kept.

        The second time gives the first one back. The earlier work keeps all of its files.
        """
        actor.must_be("artist", "system")
        now = self.clock.now()
        async with self.database.unit() as unit:
            known = [w for w in await unit.works.by_run(run_id) if w.id == work_id]
            seed = (await unit.runs.get(run_id)).seed
            fresh = next_version(earlier, kept, work_id=work_id, run_id=run_id, seed=seed, at=now)
            work = known[0] if known else await unit.works.add(fresh)
            await self.made(unit, run_id, "work_ids", work.id)
            if not known:
                self._changed(unit, work)
            await unit.commit()
        for asset in work.assets:
            await self.media.shelve(asset.sha256, _shelf(work), asset.filename)
        return work

    async def grow(self, actor: Actor, work_id: str, status: WorkStatus, made: Made) -> Work:
        """Add what a step made and move on; files go into the media folder first."""
        actor.must_be("artist", "system")
        assets = [await self._keep(file) for file in made.files]
        now = self.clock.now()
        async with self.database.unit() as unit:
            work = await unit.works.get(work_id)
            if work.status is not status:
                work = work.move_to(status, now)
            work = work.with_assets(now, *assets)
            for report in made.reports:
                work = work.with_report(now, report)
            parts = {p.part for p in made.provenance}
            names = {c.name for c in made.choices}
            changes: dict[str, object] = dict(made.facts)
            if made.title is not None:
                changes["title"] = made.title
            if made.lyrics is not None:
                changes["lyrics"] = made.lyrics
            if made.credits is not None:
                changes["credits"] = made.credits
            changes["provenance"] = (
                *(p for p in work.provenance if p.part not in parts),
                *made.provenance,
            )
            changes["choices"] = (
                *(c for c in work.choices if c.name not in names),
                *made.choices,
            )
            work = await unit.works.save(work.amend(now, **changes))
            self._changed(unit, work)
            await unit.commit()
        for asset in assets:
            await self.media.shelve(asset.sha256, _shelf(work), asset.filename)
        return work

    async def revise(self, actor: Actor, work_id: str, revision: int) -> Work:
        """Begin revision number `revision`; its number makes doing it twice harmless."""
        actor.must_be("artist", "system")
        async with self.database.unit() as unit:
            work = await unit.works.get(work_id)
            if work.revision >= revision:
                return work
            work = await unit.works.save(work.amend(self.clock.now(), revision=revision))
            self._changed(unit, work)
            await unit.commit()
        return work

    async def get(self, actor: Actor, work_id: str) -> Work:
        """One work; raises `NotFound`."""
        actor.must_read()
        async with self.database.unit() as unit:
            work = await unit.works.get(work_id)
        actor.must_see(work.artist_id)
        return work

    async def of_artist(
        self,
        actor: Actor,
        artist_id: str,
        statuses: tuple[WorkStatus, ...] | None = None,
        limit: int = 50,
    ) -> list[Work]:
        """An artist's works, newest first."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.works.of_artist(artist_id, statuses, limit)

    async def check_file(self, actor: Actor, sha256: str) -> None:
        """Raise `Forbidden` unless the actor may fetch the made file of this hash.

        A person limited to some artists fetches their pictures and the files of their works.
        """
        actor.must_read()
        if actor.artists is None:
            return
        async with self.database.unit() as unit:
            theirs = await unit.artists.many(actor.artists)
            pictures = {(a.portrait_sha256, a.banner_sha256) for a in theirs.values()}
            if any(sha256 in pair for pair in pictures):
                return
            if not await unit.works.has_file(sha256, actor.artists):
                raise Forbidden(
                    "this file is of none of your artists",
                    remedy="Ask an admin of the label to add its artist.",
                )

    async def path(self, asset: Asset) -> Path:
        """Where a work's file is, by its content."""
        return await self.media.path(asset.sha256)

    async def shelved(self, work: Work, asset: Asset) -> str:
        """Where people find a work's file: its path under a name for them, or its address."""
        return await self.media.shelved(asset.sha256, _shelf(work), asset.filename)

    async def _keep(self, file: FileToKeep) -> Asset:
        sha256 = await self.media.put_file(file.path)
        return Asset(
            role=file.role,
            sha256=sha256,
            bytes=file.path.stat().st_size,
            media_type=file.media_type,
            filename=file.filename,
        )

    def _changed(self, unit: UnitOfWork, work: Work) -> None:
        unit.emit(
            self.event(
                "work.changed",
                SYSTEM,
                artist_id=work.artist_id,
                run_id=work.run_id,
                subject_id=work.id,
                status=work.status.value,
                title=work.title,
            )
        )


def _shelf(work: Work) -> tuple[str, ...]:
    """A work's folder: the title for people, the id's end against namesakes."""
    return (f"{file_stem(work.title)}-{work.id[-6:]}",)
