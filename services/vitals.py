"""The label's vital signs, read once for metrics and alerts alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.actor import SYSTEM
from domain.dead_letters import DeadFilter
from domain.health import HealthCheck
from domain.hold import Hold
from domain.ports.clock import Clock
from domain.ports.engine import Engine, JobView
from domain.run import Run
from runtime.telemetry import catalogue
from runtime.telemetry.metrics import Metrics
from services.base import Service
from services.holds import standing_hold
from services.operations import OperationsService
from services.operations_view import Overview
from services.run_moves import QUARANTINED
from store.database import Database
from store.repositories.figures import Figures

# Approvals that expire within this time are told of, and a slot this late is late.
SOON = timedelta(hours=6)
LATE = timedelta(minutes=2)
QUARANTINED_SHOWN = 20
WORKER_STATES = ("working", "draining", "silent")
JOB_STATES = ("queued", "running", "delayed")


@dataclass(frozen=True)
class Vitals:
    """The label at one moment.

    `blocked_s` is the longest wait that no job of the artist itself explains: workers are short.
    """

    at: datetime
    work: Overview
    figures: Figures
    hold: Hold | None
    quarantined: Sequence[Run]
    jobs: Sequence[JobView]
    blocked_s: float

    @property
    def slot_late_s(self) -> float:
        """How long the most overdue slot is due."""
        since = self.figures.slot_since
        return max((self.at - since).total_seconds(), 0.0) if since else 0.0


class VitalsService(Service):
    """Reads the vital signs in a fixed number of queries."""

    def __init__(
        self, database: Database, clock: Clock, engine: Engine, operations: OperationsService
    ) -> None:
        super().__init__(database, clock)
        self.engine = engine
        self.operations = operations

    async def read(self) -> Vitals:
        """How the label is now."""
        jobs = await self.engine.unfinished()
        work = await self.operations.overview(SYSTEM, jobs)
        now = self.clock.now()
        async with self.database.unit() as unit:
            quarantine = DeadFilter(code=QUARANTINED)
            return Vitals(
                at=now,
                work=work,
                figures=await unit.figures.read(now, now + SOON, now - LATE),
                hold=await standing_hold(unit),
                quarantined=await unit.operations.dead(quarantine, None, QUARANTINED_SHOWN),
                jobs=jobs,
                blocked_s=blocked_s(jobs, now),
            )

    async def ready(self) -> list[HealthCheck]:
        """Whether this process can do its part: the database answers, and its engine beats."""
        async with self.database.unit() as unit:
            await standing_hold(unit)
        checks = [HealthCheck(name="database", verdict="ok", message="it answers")]
        mine = [w for w in await self.engine.workers() if w.id == self.engine.worker_id]
        silent = any(worker.state == "silent" for worker in mine)
        checks.append(
            HealthCheck(
                name="engine",
                verdict="broken" if silent else "ok",
                message="it has stopped beating" if silent else "it beats",
            )
        )
        return checks


def blocked_s(jobs: Sequence[JobView], now: datetime) -> float:
    """The longest wait of a queued job whose artist has no job running."""
    busy = {job.partition for job in jobs if job.state == "running"}
    waits = [
        (now - job.queued_at).total_seconds()
        for job in jobs
        if job.state == "queued" and job.partition not in busy
    ]
    return max([0.0, *waits])


def show(vitals: Vitals, metrics: Metrics) -> None:
    """Put the vital signs into the metrics."""
    figures = vitals.figures
    states: Counter[str] = Counter(job.state for job in vitals.jobs)
    workers: Counter[str] = Counter(worker.state for worker in vitals.work.workers)
    metrics.fill(catalogue.QUEUE_JOBS, {name: states[name] for name in JOB_STATES})
    metrics.fill(catalogue.WORKERS, {name: workers[name] for name in WORKER_STATES})
    metrics.fill(
        catalogue.RUNS,
        {
            "running": vitals.work.running.total,
            "waiting": vitals.work.waiting_for_people,
            "failed": vitals.work.dead.total,
        },
    )
    for metric, value in (
        (catalogue.QUEUE_OLDEST, vitals.blocked_s),
        (catalogue.RUNS_RETRYING, vitals.work.retrying.total),
        (catalogue.DEAD_LETTERS, vitals.work.dead.total),
        (catalogue.QUARANTINED, len(vitals.quarantined)),
        (catalogue.STUCK, vitals.work.stuck.total),
        (catalogue.SCHEDULE_LATE, vitals.slot_late_s),
        (catalogue.HELD, float(vitals.hold is not None)),
        (catalogue.POSTS_UNKNOWN, figures.posts_unknown),
        (catalogue.JOBS_UNKNOWN, figures.songs_unknown),
        (catalogue.APPROVALS_WAITING, figures.approvals_waiting),
        (catalogue.APPROVALS_SOON, figures.approvals_expiring),
        (catalogue.ALERTS_OPEN, figures.alerts_open),
        (catalogue.WEBHOOKS_LATE, figures.deliveries_late),
        (catalogue.WEBHOOKS_DISABLED, figures.webhooks_disabled),
    ):
        metrics.set(metric, value)


VITAL_METRICS = tuple(m for m in catalogue.METRICS if m.scope == "label" and m.kind == "gauge")
