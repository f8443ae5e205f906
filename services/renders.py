"""Renders found again: the same request to the same engine is not rendered twice.

Only the record is kept here. The files are those that works keep in the media store; a render
whose files nobody kept is simply made again.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from datetime import timedelta
from pathlib import Path

from domain.errors import NotFound, StaleVersion
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.media_store import MediaStore
from domain.ports.providers import Generated, GeneratedFile
from domain.render import Render, RenderedFile
from services.base import Service
from store.database import Database

UNUSED_FOR = timedelta(days=30)
KEPT_MAX = 20_000
CPU = "cpu_s"
CACHED = "cached"


class RenderService(Service):
    """Remembers renders by key, and counts how often this process found one."""

    def __init__(self, database: Database, clock: Clock, media: MediaStore) -> None:
        super().__init__(database, clock)
        self._media = media
        self._found = 0
        self._missed = 0

    async def find(self, key: str, folder: Path) -> Generated | None:
        """What was made under the key, its files copied into the folder; None to make it."""
        async with self.database.unit() as unit:
            render = await unit.renders.by_key(key)
        made = None if render is None else await self._brought(render, folder)
        if render is None or made is None:
            self._missed += 1
            return None
        self._found += 1
        await self._count(render)
        return made

    async def keep(self, key: str, engine: str, kind: str, made: Generated) -> None:
        """Write down what was made under the key."""
        files = await asyncio.to_thread(_described, made.files)
        now = self.clock.now()
        render = Render(
            id=new_id("render"),
            created_at=now,
            updated_at=now,
            key=key,
            kind=kind,
            engine=engine,
            used_at=now,
            cpu_s=float(made.facts.get(CPU) or 0.0),
            files=files,
            reports=made.reports,
            choices=made.choices,
            facts=made.facts,
        )
        async with self.database.unit() as unit:
            await unit.renders.put(render)
            await unit.commit()

    async def prune(self) -> int:
        """Forget what was not used for long, and the oldest of too many; returns how many."""
        async with self.database.unit() as unit:
            gone = await unit.renders.prune(self.clock.now() - UNUSED_FOR, KEPT_MAX)
            await unit.commit()
        return gone

    def counts(self) -> dict[str, int]:
        """How often this process found a render, and how often it had to make it."""
        return {"hit": self._found, "miss": self._missed}

    async def _brought(self, render: Render, folder: Path) -> Generated | None:
        files: list[GeneratedFile] = []
        for file in render.files:
            target = folder / file.name
            try:
                kept = await self._media.path(file.sha256)
            except NotFound:
                async with self.database.unit() as unit:
                    await unit.renders.forget(render.key)
                    await unit.commit()
                return None
            await asyncio.to_thread(shutil.copyfile, kept, target)
            files.append(GeneratedFile(role=file.role, path=target, media_type=file.media_type))
        return Generated(
            files=tuple(files),
            reports=render.reports,
            choices=render.choices,
            # It cost nothing this time.
            facts={**render.facts, CPU: 0.0, CACHED: 1},
        )

    async def _count(self, render: Render) -> None:
        now = self.clock.now()
        async with self.database.unit() as unit:
            try:
                await unit.renders.save(render.amend(now, hits=render.hits + 1, used_at=now))
            except StaleVersion:  # Somebody else found it at the same moment; one count is lost.
                return
            await unit.commit()


def _described(files: tuple[GeneratedFile, ...]) -> tuple[RenderedFile, ...]:
    return tuple(
        RenderedFile(
            role=file.role,
            name=file.path.name,
            sha256=_sha256(file.path),
            bytes=file.path.stat().st_size,
            media_type=file.media_type,
        )
        for file in files
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
