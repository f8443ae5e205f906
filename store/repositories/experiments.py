"""Experiments, the songs that they decided on, and what came of those."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from sqlalchemy import Select, func, select, union_all

from domain.experiment import Experiment, ExperimentStatus, Exposure
from store.mapper import Mapper
from store.repository import Appends, Repository, newest_first
from store.tables import (
    approvals,
    experiments,
    exposures,
    generation_jobs,
    runs,
    usage_records,
)


class ExperimentRepository(Repository[Experiment]):
    """Experiments by status and parameter."""

    mapper: ClassVar[Mapper[Experiment]] = Mapper("experiment", Experiment, experiments)

    async def in_status(
        self, *statuses: ExperimentStatus, parameter: str | None = None
    ) -> list[Experiment]:
        """Every one in these states, oldest first."""
        query = self._all().where(experiments.c.status.in_([s.value for s in statuses]))
        if parameter is not None:
            query = query.where(experiments.c.parameter == parameter)
        return await self._list(query.order_by(experiments.c.id))

    async def page(
        self,
        *,
        status: ExperimentStatus | None = None,
        only: Collection[str] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[Experiment]:
        """One page, newest first; `only` of these artists, and what concerns several."""
        query = self._all()
        if status is not None:
            query = query.where(experiments.c.status == status.value)
        if only is not None:
            artist = experiments.c.artist_id
            query = query.where(artist.is_(None) | artist.in_(only))
        return await self._list(newest_first(query, experiments, after, limit))


class ExposureRepository(Appends[Exposure]):
    """What experiments decided."""

    mapper: ClassVar[Mapper[Exposure]] = Mapper("exposure", Exposure, exposures, "work_id")

    async def of_work(self, work_id: str) -> Exposure | None:
        """What was decided on a song."""
        return await self._first(self._all().where(exposures.c.work_id == work_id))

    async def of_experiment(self, experiment_id: str) -> list[Exposure]:
        """Every song that an experiment decided on, in the order of its decisions."""
        query = self._all().where(exposures.c.experiment_id == experiment_id)
        return await self._list(query.order_by(exposures.c.id))

    async def run_statuses(self, experiment_id: str) -> dict[str, str]:
        """How far the runs of its songs are, by run."""
        query = select(runs.c.id, runs.c.status).where(runs.c.id.in_(_runs(experiment_id)))
        return {row["id"]: row["status"] for row in await self._session.rows(query)}

    async def decisions(self, experiment_id: str) -> Sequence[tuple[str, str]]:
        """Each approval of its runs: the run and the status, oldest first."""
        query = select(approvals.c.run_id, approvals.c.status)
        query = query.where(approvals.c.run_id.in_(_runs(experiment_id))).order_by(approvals.c.id)
        return [(row["run_id"], row["status"]) for row in await self._session.rows(query)]

    async def costs_usd(self, experiment_id: str) -> dict[str, float]:
        """What its runs cost so far, calls of models and generated songs together."""
        mine = _runs(experiment_id)
        bills = union_all(
            *(
                select(table.c.run_id, table.c.cost_usd).where(table.c.run_id.in_(mine))
                for table in (usage_records, generation_jobs)
            )
        ).subquery()
        total = func.coalesce(func.sum(bills.c.cost_usd), 0.0).label("cost")
        query = select(bills.c.run_id, total).group_by(bills.c.run_id)
        return {row["run_id"]: float(row["cost"]) for row in await self._session.rows(query)}


def _runs(experiment_id: str) -> Select[Any]:
    return select(exposures.c.run_id).where(exposures.c.experiment_id == experiment_id)
