"""Metrics in a registry of their own, and the sources that are read when somebody scrapes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from domain.errors import GreenroomError
from runtime.telemetry import catalogue
from runtime.telemetry.catalogue import METRICS, Metric
from runtime.version import VERSION

Family = Counter | Gauge | Histogram
Source = Callable[[], Awaitable[None]]
SOURCE_WITHIN_S = 5.0
# What `Metrics.render` gives, as an HTTP header says it.
MEDIA_TYPE = CONTENT_TYPE_LATEST
_log = structlog.get_logger(__name__)


class Metrics:
    """Every metric of the catalogue, and what the process itself uses."""

    def __init__(self, role: str = "all") -> None:
        self.registry = CollectorRegistry()
        self._families: dict[str, Family] = {}
        for metric in METRICS:
            if metric.kind != "gauge":  # Counting begins at nothing; a gauge has no value yet.
                self._family(metric)
        self._sources: dict[str, tuple[Source, tuple[Metric, ...]]] = {}
        self._totals: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        ProcessCollector(registry=self.registry)
        self.set(catalogue.BUILD, 1, version=VERSION, role=role)

    def add(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Count something."""
        family = self._family(metric)
        assert isinstance(family, Counter)
        (family.labels(**labels) if labels else family).inc(amount)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Put a duration into its histogram; a clock set back makes none negative."""
        family = self._family(metric)
        assert isinstance(family, Histogram)
        (family.labels(**labels) if labels else family).observe(max(value, 0.0))

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Say how much there is of something now."""
        family = self._family(metric)
        assert isinstance(family, Gauge)
        (family.labels(**labels) if labels else family).set(value)

    def fill(self, metric: Metric, values: Mapping[str, float]) -> None:
        """Replace all values of a gauge with one label; what is not there vanishes."""
        family = self._family(metric)
        assert isinstance(family, Gauge)
        family.clear()
        for label, value in values.items():
            family.labels(label).set(value)

    def count_to(self, metric: Metric, total: float, **labels: str) -> None:
        """Bring a counter to a total that is kept elsewhere; one that began anew counts again."""
        key = (metric.name, tuple(sorted(labels.items())))
        before = self._totals.get(key, 0.0)
        self._totals[key] = total
        self.add(metric, total - before if total >= before else total, **labels)

    def read_from(self, name: str, source: Source, *metrics: Metric) -> None:
        """Read `source` before each scrape; when it fails its `metrics` vanish until it is back."""
        self._sources[name] = (source, metrics)

    async def render(self) -> bytes:
        """Everything in Prometheus' text form."""
        for name, (source, metrics) in self._sources.items():
            await self._read(name, source, metrics)
        return generate_latest(self.registry)

    async def _read(self, name: str, source: Source, metrics: tuple[Metric, ...]) -> None:
        try:
            async with asyncio.timeout(SOURCE_WITHIN_S):
                await source()
        except (GreenroomError, TimeoutError, OSError) as error:
            # An old figure would look like a fresh one.
            for metric in metrics:
                self._forget(metric)
            self.add(catalogue.SCRAPE_ERRORS, source=name)
            _log.warning("figures not read", source=name, why=str(error) or type(error).__name__)

    def _family(self, metric: Metric) -> Family:
        known = self._families.get(metric.name)
        if known is None:
            known = self._families[metric.name] = _made(metric, self.registry)
        return known

    def _forget(self, metric: Metric) -> None:
        known = self._families.pop(metric.name, None)
        if known is not None:
            self.registry.unregister(known)


def _made(metric: Metric, registry: CollectorRegistry) -> Family:
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind == "gauge":
        return Gauge(metric.name, metric.help, metric.labels, registry=registry)
    return Histogram(
        metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets
    )
