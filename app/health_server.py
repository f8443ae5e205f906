"""A worker's or scheduler's metrics and health, where a port is set for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.label import Label
from runtime.telemetry.server import serve_telemetry

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def show_health(label: Label) -> AsyncIterator[int | None]:
    """Serve the process' metrics and health for the block, where a port is set; gives the port."""
    settings = label.settings
    if settings.metrics_port is None:
        yield None
        return
    async with serve_telemetry(
        settings.host,
        settings.metrics_port,
        label.ground.telemetry.metrics,
        label.watch.vitals.ready,
        label.home.token(),
    ) as port:
        _log.info("metrics and health are served", port=port)
        yield port
