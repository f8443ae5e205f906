from __future__ import annotations

import asyncio
import math

import pytest

from domain.errors import EnvironmentProblem
from runtime.telemetry import catalogue, metrics
from runtime.telemetry.metrics import Metrics


async def lines(of: Metrics, metric: catalogue.Metric) -> dict[str, float]:
    """The samples of one metric, as Prometheus reads them."""
    text = (await of.render()).decode()
    found = [line for line in text.splitlines() if line.startswith(metric.name)]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in found)}


async def test_counters_stand_at_nothing_and_gauges_are_not_there_before_they_are_set() -> None:
    made = Metrics()
    assert await lines(made, catalogue.DEAD_LETTERS) == {}
    assert "greenroom_event_loop_lag_seconds_count" in (await made.render()).decode()
    made.set(catalogue.DEAD_LETTERS, 2)
    assert await lines(made, catalogue.DEAD_LETTERS) == {"greenroom_dead_letters": 2.0}


async def test_two_processes_in_one_share_nothing() -> None:
    one, two = Metrics("api"), Metrics("worker")
    one.add(catalogue.ALERTS, rule="disk_low", result="opened")
    assert await lines(two, catalogue.ALERTS) == {}
    assert [k for k in await lines(two, catalogue.BUILD) if 'role="worker"' in k]


async def test_filling_a_gauge_drops_what_is_gone() -> None:
    made = Metrics()
    made.fill(catalogue.WORKERS, {"working": 2, "silent": 1})
    made.fill(catalogue.WORKERS, {"working": 3})
    assert await lines(made, catalogue.WORKERS) == {'greenroom_workers{state="working"}': 3.0}


async def test_a_total_that_begins_anew_is_counted_on() -> None:
    made = Metrics()
    for total in (5, 9, 2):
        made.count_to(catalogue.CACHE_LOOKUPS, total, cache="answers", result="hit")
    (value,) = (await lines(made, catalogue.CACHE_LOOKUPS)).values()
    assert value == 11.0


async def test_a_clock_set_back_makes_no_negative_duration() -> None:
    made = Metrics()
    made.observe(catalogue.SLOT_LAG, -3.0)
    found = await lines(made, catalogue.SLOT_LAG)
    assert found["greenroom_schedule_lag_seconds_sum"] == 0.0
    assert not any(math.isnan(value) for value in found.values())


async def test_a_source_that_fails_takes_its_figures_with_it() -> None:
    made, broken = Metrics(), [False]

    async def source() -> None:
        if broken[0]:
            raise EnvironmentProblem("the database is away")
        made.set(catalogue.DEAD_LETTERS, 4)

    made.read_from("label", source, catalogue.DEAD_LETTERS)
    assert await lines(made, catalogue.DEAD_LETTERS) == {"greenroom_dead_letters": 4.0}
    broken[0] = True
    assert await lines(made, catalogue.DEAD_LETTERS) == {}
    errors = await lines(made, catalogue.SCRAPE_ERRORS)
    assert errors == {'greenroom_scrape_errors_total{source="label"}': 2.0}, "one a scrape"
    broken[0] = False
    assert await lines(made, catalogue.DEAD_LETTERS) == {"greenroom_dead_letters": 4.0}


async def test_a_source_that_hangs_does_not_hang_the_scrape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "SOURCE_WITHIN_S", 0.05)
    made = Metrics()
    made.read_from("label", asyncio.Event().wait)  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        assert list((await lines(made, catalogue.SCRAPE_ERRORS)).values()) == [1.0]


def test_every_metric_is_named_as_prometheus_wants() -> None:
    names = [metric.name for metric in catalogue.METRICS]
    assert len(names) == len(set(names))
    for metric in catalogue.METRICS:
        assert metric.name.startswith("greenroom_")
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert metric.kind != "histogram" or metric.name.endswith("_seconds")
        assert metric.help.endswith("."), metric.name
