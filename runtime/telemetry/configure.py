"""Telemetry of one process, as the settings want it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from domain.errors import InvalidInput
from runtime.logs import ask_for, identify
from runtime.settings import Settings
from runtime.telemetry.metrics import Metrics
from runtime.telemetry.observers import EventMetrics, watch_loop
from runtime.telemetry.tracing import trace_id, trace_to
from runtime.version import VERSION

TRACES_PATH = "/v1/traces"
EXPORT_WITHIN_S = 5.0
# Where nobody else writes lines, none needs to say whose it is.
ALONE = frozenset({"all", "command", "client"})


@dataclass
class Telemetry:
    """The metrics of a process, and what must be closed when it ends."""

    role: str
    metrics: Metrics
    events: EventMetrics
    _shut: Callable[[], None] | None = None
    _tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    async def start(self) -> None:
        """Begin to watch the event loop that this is called in."""
        self._tasks.append(asyncio.create_task(watch_loop(self.metrics)))

    async def aclose(self) -> None:
        """Send the last spans, and record no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        trace_to(None)
        ask_for("trace_id", None)
        if self._shut is not None:
            await asyncio.to_thread(self._shut)


def configure(settings: Settings, role: str, worker_id: str | None = None) -> Telemetry:
    """Make the metrics, and record traces where `otlp_url` names who takes them.

    Raises `InvalidInput` naming GREENROOM_OTLP_URL when that is no address.
    """
    if role not in ALONE:
        identify(process=role, **({"worker": worker_id} if worker_id else {}))
    metrics = Metrics(role)
    shut = _record(settings.otlp_url, role, worker_id) if settings.otlp_url else None
    return Telemetry(role, metrics, EventMetrics(metrics), shut)


def traces_address(url: str) -> str:
    """Where spans go: the address itself, or the usual path below a bare one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidInput(
            f"{url!r} is no address of an OTLP receiver",
            field="GREENROOM_OTLP_URL",
            remedy="Give its HTTP address, such as http://127.0.0.1:4318, or unset it.",
        )
    if parts.path in ("", "/"):
        return f"{parts.scheme}://{parts.netloc}{TRACES_PATH}"
    return url


def _record(url: str, role: str, worker_id: str | None) -> Callable[[], None]:
    address = traces_address(url)
    # Who sends no traces need not load the SDK and its protocol.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    about = {"service.name": "greenroom", "service.version": VERSION, "greenroom.process": role}
    if worker_id is not None:
        about["service.instance.id"] = worker_id
    provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(address, timeout=EXPORT_WITHIN_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace_to(provider.get_tracer("greenroom", VERSION))
    ask_for("trace_id", trace_id)
    return provider.shutdown
