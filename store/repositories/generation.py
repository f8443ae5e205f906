"""Jobs of generators, and how providers have behaved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from sqlalchemy import select

from domain.generation import AT_WORK, GenerationJob, GenerationStatus, ProviderHealth
from domain.run import RunStatus
from store.mapper import Mapper
from store.repository import Repository, among, newest_first, one_of
from store.tables import generation_jobs, provider_health, runs


class GenerationRepository(Repository[GenerationJob]):
    """Jobs by song, work, provider and status."""

    mapper: ClassVar[Mapper[GenerationJob]] = Mapper(
        "generation job", GenerationJob, generation_jobs, unique="key"
    )

    async def of_song(self, song_key: str) -> list[GenerationJob]:
        """Every job tried for one song, oldest first."""
        query = self._all().where(generation_jobs.c.song_key == song_key)
        return await self._list(query.order_by(generation_jobs.c.id))

    async def of_work(self, work_id: str) -> list[GenerationJob]:
        """Every job tried for a work, oldest first."""
        query = self._all().where(generation_jobs.c.work_id == work_id)
        return await self._list(query.order_by(generation_jobs.c.id))

    async def by_provider_job(self, provider: str, job_id: str) -> GenerationJob | None:
        """The newest job that the provider knows under its own id."""
        query = self._all().where(
            generation_jobs.c.provider == provider, generation_jobs.c.provider_job_id == job_id
        )
        return await self._first(query.order_by(generation_jobs.c.id.desc()))

    async def of_stopped_runs(self, limit: int = 100) -> list[GenerationJob]:
        """Jobs at work whose run was cancelled, oldest first."""
        stopped = select(runs.c.id).where(
            runs.c.id == generation_jobs.c.run_id, runs.c.status == RunStatus.CANCELLED.value
        )
        query = one_of(self._all(), generation_jobs, sorted(AT_WORK)).where(stopped.exists())
        return await self._list(query.order_by(generation_jobs.c.id).limit(limit))

    async def page(
        self,
        after: str | None = None,
        limit: int = 50,
        statuses: Sequence[GenerationStatus] | None = None,
        only: Collection[str] | None = None,
    ) -> list[GenerationJob]:
        """One page of jobs, newest first, beginning behind `after`; `only` of these artists."""
        query = among(one_of(self._all(), generation_jobs, statuses), generation_jobs, only)
        return await self._list(newest_first(query, generation_jobs, after, limit))


class ProviderHealthRepository(Repository[ProviderHealth]):
    """One row a provider, by its name."""

    mapper: ClassVar[Mapper[ProviderHealth]] = Mapper(
        "provider", ProviderHealth, provider_health, unique="provider"
    )

    async def by_name(self, provider: str) -> ProviderHealth | None:
        """The provider's health, if anything is known of it."""
        return await self._first(self._all().where(provider_health.c.provider == provider))

    async def all(self) -> list[ProviderHealth]:
        """Everything known, by name."""
        return await self._list(self._all().order_by(provider_health.c.provider))
