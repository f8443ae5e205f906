"""Who watches over a label: its vital signs, its alerts, and whom it tells."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from app.ground import Ground
from app.home import Home
from domain.webhook import Try
from runtime.outbound import Outbound
from runtime.settings import Settings
from runtime.telemetry import catalogue
from runtime.telemetry.metrics import Metrics
from services.alert_probes import AlertLimits, probes
from services.alerts import AlertService
from services.operations import OperationsService
from services.renders import RenderService
from services.vitals import VITAL_METRICS, VitalsService, show
from services.webhook_sender import WebhookSender
from services.webhooks import WebhookService
from tools.vendors.embedded.process import Renderers


@dataclass(frozen=True)
class Watch:
    """The watchers of one process."""

    vitals: VitalsService
    alerts: AlertService
    webhooks: WebhookService


def keep_watch(
    settings: Settings,
    home: Home,
    ground: Ground,
    operations: OperationsService,
    renderers: Renderers,
    renders: RenderService,
    stack: AsyncExitStack,
) -> Watch:
    """Make the watchers, and let the metrics be read from them."""
    database, clock = ground.database, ground.clock
    metrics = ground.telemetry.metrics
    vitals = VitalsService(database, clock, ground.engine, operations)
    outbound = Outbound(private=settings.webhook_private)
    stack.push_async_callback(outbound.aclose)

    def on_try(told: Try) -> None:
        metrics.add(catalogue.WEBHOOKS_SENT, result="delivered" if told.ok else "failed")

    sender = WebhookSender(database, clock, home.secrets, outbound, on_try)
    _read(metrics, ground, vitals, settings.home)
    _read_renders(metrics, renderers, renders)
    return Watch(
        vitals=vitals,
        alerts=AlertService(
            database, clock, probes(vitals, database, clock, ground.shared, _limits(settings))
        ),
        webhooks=WebhookService(database, clock, home.secrets, outbound, sender),
    )


def _limits(settings: Settings) -> AlertLimits:
    folders = (settings.home, settings.cache_dir)
    return AlertLimits(settings.alert_queue_s, settings.alert_disk_mb, folders)


def _read_renders(metrics: Metrics, renderers: Renderers, renders: RenderService) -> None:
    async def slots() -> None:
        metrics.fill(catalogue.RENDERS, renderers.counts())
        for result, total in renders.counts().items():
            metrics.count_to(catalogue.RENDER_LOOKUPS, total, result=result)

    metrics.read_from("renders", slots, catalogue.RENDERS)


def _read(metrics: Metrics, ground: Ground, vitals: VitalsService, home: Path) -> None:
    async def label() -> None:
        show(await vitals.read(), metrics)

    async def shared() -> None:
        stats = await ground.shared.stats()
        for name, counts in stats.caches.items():
            metrics.count_to(catalogue.CACHE_LOOKUPS, counts.hits, cache=name, result="hit")
            metrics.count_to(catalogue.CACHE_LOOKUPS, counts.misses, cache=name, result="miss")
        states = {"closed": 0.0, "half_open": 0.5, "open": 1.0}
        metrics.fill(catalogue.BREAKER, {n: states[s] for n, s in stats.breakers.items()})
        if stats.redis != "none":
            metrics.set(catalogue.REDIS, float(stats.redis == "up"))

    async def pool() -> None:
        metrics.fill(catalogue.DB_CONNECTIONS, ground.database.connections())

    async def disk() -> None:
        metrics.set(catalogue.DISK_FREE, shutil.disk_usage(home).free)

    metrics.read_from("label", label, *VITAL_METRICS)
    metrics.read_from("shared", shared, catalogue.BREAKER, catalogue.REDIS)
    metrics.read_from("pool", pool, catalogue.DB_CONNECTIONS)
    metrics.read_from("disk", disk, catalogue.DISK_FREE)
