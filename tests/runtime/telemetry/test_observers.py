from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.event import Event, EventKind
from domain.ports.model import CallScope, TokenUsage, UsageRecord
from runtime.gateway.ledger import MemoryLedger
from runtime.telemetry import catalogue
from runtime.telemetry.metrics import Metrics
from runtime.telemetry.observers import EventMetrics, MeteredLedger, slot_of, watch_loop
from tests.runtime.telemetry.test_metrics import lines

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
SLOT = "schedule_01:20260504T092957Z"


def event(what: EventKind, /, run_id: str | None = "run_1", **data: Any) -> Event:
    return Event(kind=what, at=NOW, actor="system:system", run_id=run_id, data=data)


async def test_the_log_is_counted_by_what_it_tells() -> None:
    metrics = Metrics()
    EventMetrics(metrics).observe(
        [
            event("run.changed", status="succeeded", kind="cycle", failure=None),
            event("run.changed", status="failed", kind="cycle", failure={"code": "disk_full"}),
            event(
                "run.changed",
                status="queued",
                failure={"code": "model_timeout"},
                retry_at="2026-05-04T10:00:00Z",
            ),
            event("run.changed", status="queued", failure=None, retry_at=None),
            event("step.finished", step="render", outcome="ok", duration_s=12.5),
            event("generation.changed", provider="alpha", status="done"),
            event("post.changed", network="stage", status="published"),
            event("approval.closed", status="approved"),
            event("schedule.fired"),
            event("alert.opened", rule="disk_low"),
            event("audience.event"),
        ]
    )
    ended = await lines(metrics, catalogue.RUNS_ENDED)
    assert {k: v for k, v in ended.items() if "_total" in k} == {
        'greenroom_runs_ended_total{code="",kind="cycle",status="succeeded"}': 1.0,
        'greenroom_runs_ended_total{code="disk_full",kind="cycle",status="failed"}': 1.0,
    }
    assert await lines(metrics, catalogue.RUN_RETRIES) == {
        'greenroom_run_retries_total{code="model_timeout"}': 1.0
    }
    steps = await lines(metrics, catalogue.STEP_SECONDS)
    assert steps['greenroom_step_seconds_sum{outcome="ok",step="render"}'] == 12.5
    for metric in (
        catalogue.PROVIDER_JOBS,
        catalogue.POSTS,
        catalogue.APPROVALS,
        catalogue.SLOTS,
        catalogue.ALERTS,
    ):
        assert list((await lines(metrics, metric)).values()) == [1.0], metric.name


async def test_a_run_is_measured_from_its_slot_once() -> None:
    metrics = Metrics()
    watch = EventMetrics(metrics)
    begun = {"status": "running", "kind": "cycle", "slot": SLOT}
    watch.observe([event("run.changed", **begun, lease=1)])
    # It notes what it makes, and is taken up by another worker: neither is a beginning.
    watch.observe([event("run.changed", **begun, lease=1), event("run.changed", **begun, lease=2)])
    watch.observe([event("run.changed", run_id="run_2", status="running", slot=None, lease=1)])
    found = await lines(metrics, catalogue.SLOT_LAG)
    assert found["greenroom_schedule_lag_seconds_count"] == 1.0
    assert found["greenroom_schedule_lag_seconds_sum"] == 3.0


def test_only_keys_of_moments_tell_a_slot() -> None:
    assert slot_of(SLOT) == NOW - timedelta(seconds=3)
    assert slot_of("schedule_01:release_07") is None
    assert slot_of("") is None


async def test_the_ledger_counts_and_passes_on() -> None:
    metrics, inner = Metrics(), MemoryLedger()
    ledger = MeteredLedger(inner, metrics)
    record = UsageRecord(
        scope=CallScope(artist_id="artist_1", run_id="run_1"),
        tier="smart",
        model="m-1",
        prompt="p@1",
        usage=TokenUsage(prompt_tokens=10, completion_tokens=4),
        cost_usd=0.25,
        cached=False,
        latency_s=1.5,
        outcome="ok",
        at=NOW,
    )
    await ledger.record(record)
    await ledger.record(record.model_copy(update={"cached": True, "outcome": "cached"}))
    assert len(inner.records) == 2
    assert (await ledger.spent_by_run("run_1")).tokens == 28
    seconds = await lines(metrics, catalogue.MODEL_SECONDS)
    assert seconds['greenroom_model_call_seconds_count{model="m-1"}'] == 1.0
    cost = await lines(metrics, catalogue.MODEL_COST)
    assert cost['greenroom_model_cost_usd_total{model="m-1"}'] == 0.5


async def test_a_blocked_loop_shows() -> None:
    metrics = Metrics()
    watching = asyncio.create_task(watch_loop(metrics, every_s=0.01))
    await asyncio.sleep(0.03)
    time.sleep(0.3)
    await asyncio.sleep(0.03)
    watching.cancel()
    found = await lines(metrics, catalogue.LOOP_LAG)
    late = found["greenroom_event_loop_lag_seconds_count"]
    assert late > found['greenroom_event_loop_lag_seconds_bucket{le="0.1"}']
