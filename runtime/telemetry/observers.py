"""What fills the metrics: the event log, the ledger of model calls, the event loop."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime

from domain.event import Event
from domain.ports.model import Spent, UsageLedger, UsageRecord
from runtime.telemetry import catalogue
from runtime.telemetry.metrics import Metrics

STOPPED = frozenset({"succeeded", "rejected", "failed", "cancelled"})
RUNS_REMEMBERED = 2000
LOOP_EVERY_S = 0.5
SLOT = re.compile(r":(\d{8}T\d{6}Z)$")


class EventMetrics:
    """Counts what this process committed to the event log."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._begun: OrderedDict[str, None] = OrderedDict()

    def observe(self, events: Sequence[Event]) -> None:
        """Count these lines; call it after their commit."""
        for event in events:
            self._count(event)

    def _count(self, event: Event) -> None:
        metrics, data = self._metrics, event.data
        if event.kind == "run.changed":
            self._run(event)
        elif event.kind == "step.finished":
            metrics.observe(
                catalogue.STEP_SECONDS,
                float(data["duration_s"]),
                step=str(data["step"]),
                outcome=str(data["outcome"]),
            )
        elif event.kind == "generation.changed":
            metrics.add(
                catalogue.PROVIDER_JOBS, provider=str(data["provider"]), status=str(data["status"])
            )
        elif event.kind == "post.changed":
            network = str(data.get("network", "unknown"))
            metrics.add(catalogue.POSTS, network=network, status=str(data["status"]))
        elif event.kind == "approval.opened":
            metrics.add(catalogue.APPROVALS, result="opened")
        elif event.kind == "approval.closed":
            metrics.add(catalogue.APPROVALS, result=str(data.get("status", "closed")))
        elif event.kind in ("schedule.fired", "schedule.skipped"):
            metrics.add(catalogue.SLOTS, result=event.kind.partition(".")[2])
        elif event.kind in ("alert.opened", "alert.closed"):
            result = event.kind.partition(".")[2]
            metrics.add(catalogue.ALERTS, rule=str(data["rule"]), result=result)

    def _run(self, event: Event) -> None:
        data, status = event.data, str(event.data["status"])
        code = str((data.get("failure") or {}).get("code", ""))
        if status in STOPPED:
            kind = str(data.get("kind", "unknown"))
            self._metrics.add(catalogue.RUNS_ENDED, kind=kind, status=status, code=code)
        elif status == "queued" and data.get("retry_at"):
            self._metrics.add(catalogue.RUN_RETRIES, code=code)
        elif status == "running" and data.get("lease") == 1:
            slot = slot_of(str(data.get("slot") or ""))
            if slot is not None:
                self._lag(event, slot)

    def _lag(self, event: Event, slot: datetime) -> None:
        """Once a run: it tells of itself again while it is under way."""
        run_id = event.run_id or ""
        if run_id in self._begun:
            return
        self._begun[run_id] = None
        if len(self._begun) > RUNS_REMEMBERED:
            self._begun.popitem(last=False)
        self._metrics.observe(catalogue.SLOT_LAG, (event.at - slot).total_seconds())


def slot_of(slot_key: str) -> datetime | None:
    """The moment that a slot's key ends with; slots after a release have none."""
    found = SLOT.search(slot_key)
    if found is None:
        return None
    return datetime.strptime(found.group(1), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


class MeteredLedger:
    """Implements `domain.ports.model.UsageLedger` around another: counts what it writes down."""

    def __init__(self, inner: UsageLedger, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def record(self, record: UsageRecord) -> None:
        """Count the call, and pass it on."""
        metrics, model = self._metrics, record.model
        metrics.add(catalogue.MODEL_CALLS, model=model, tier=record.tier, outcome=record.outcome)
        for direction, tokens in (
            ("in", record.usage.prompt_tokens),
            ("out", record.usage.completion_tokens),
        ):
            metrics.add(catalogue.MODEL_TOKENS, tokens, model=model, direction=direction)
        metrics.add(catalogue.MODEL_COST, record.cost_usd, model=model)
        if not record.cached:
            metrics.observe(catalogue.MODEL_SECONDS, record.latency_s, model=model)
        await self._inner.record(record)

    async def spent_by_run(self, run_id: str) -> Spent:
        """As the ledger inside says."""
        return await self._inner.spent_by_run(run_id)

    async def spent_by_artist(self, artist_id: str, since: datetime) -> Spent:
        """As the ledger inside says."""
        return await self._inner.spent_by_artist(artist_id, since)

    async def spent_by_label(self, since: datetime) -> Spent:
        """As the ledger inside says."""
        return await self._inner.spent_by_label(since)


async def watch_loop(metrics: Metrics, every_s: float = LOOP_EVERY_S) -> None:
    """Measure for ever how late the event loop wakes a sleeper; cancel it to end."""
    while True:
        started = time.monotonic()
        await asyncio.sleep(every_s)
        metrics.observe(catalogue.LOOP_LAG, time.monotonic() - started - every_s)
