from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest

from domain.errors import EnvironmentProblem, InvalidInput
from domain.health import HealthCheck
from runtime.telemetry.configure import traces_address
from runtime.telemetry.metrics import Metrics
from runtime.telemetry.server import _App, serve_telemetry

WELL = HealthCheck(name="engine", verdict="ok", message="it beats")
ILL = HealthCheck(name="engine", verdict="broken", message="it has stopped beating")


async def test_health_is_one_word_and_metrics_are_for_this_machine() -> None:
    checks: list[HealthCheck] = [WELL]

    async def ready() -> Sequence[HealthCheck]:
        return checks

    async with (
        serve_telemetry("127.0.0.1", 0, Metrics("worker"), ready, "token") as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        well = await client.get("/healthz")
        assert (well.status_code, well.json()) == (200, {"status": "ok"})
        metrics = await client.get("/metrics")
        assert 'greenroom_build_info{role="worker"' in metrics.text
        assert (await client.get("/")).status_code == 404
        assert (await client.post("/healthz")).status_code == 405
        checks[:] = [ILL]
        ill = await client.get("/healthz")
        assert (ill.status_code, ill.json()) == (503, {"status": "broken"})


async def test_a_database_that_is_away_is_no_health() -> None:
    async def ready() -> Sequence[HealthCheck]:
        raise EnvironmentProblem("the database is away")

    async with elsewhere(ready=ready) as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "broken"})


def elsewhere(ready: object = None) -> httpx.AsyncClient:
    async def well() -> Sequence[HealthCheck]:
        return [WELL]

    app = _App(Metrics(), ready or well, "token")  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    return httpx.AsyncClient(transport=transport, base_url="http://worker")


async def test_others_need_the_token() -> None:
    async with elsewhere() as client:
        assert (await client.get("/metrics")).status_code == 401
        wrong = await client.get("/metrics", headers={"Authorization": "Bearer x"})
        assert wrong.status_code == 401
        right = await client.get("/metrics", headers={"Authorization": "Bearer token"})
        assert right.status_code == 200
        assert (await client.get("/healthz")).status_code == 200


async def test_a_port_in_use_is_named() -> None:
    async def ready() -> Sequence[HealthCheck]:
        return [WELL]

    async with serve_telemetry("127.0.0.1", 0, Metrics(), ready, "t") as port:
        with pytest.raises(EnvironmentProblem) as told:
            async with serve_telemetry("127.0.0.1", port, Metrics(), ready, "t"):
                pass
    assert told.value.field == "GREENROOM_METRICS_PORT"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("https://collector/", "https://collector/v1/traces"),
        ("http://collector/otlp/v1/traces", "http://collector/otlp/v1/traces"),
    ],
)
def test_a_bare_address_gets_the_usual_path(given: str, address: str) -> None:
    assert traces_address(given) == address


@pytest.mark.parametrize("given", ["collector:4318", "", "grpc://collector"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput) as told:
        traces_address(given)
    assert told.value.field == "GREENROOM_OTLP_URL"
