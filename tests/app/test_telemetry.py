"""One trace from a request to its tool and its model; what a process tells about itself."""

from __future__ import annotations

from pathlib import Path

import httpx

from api.app import create_app
from app.health_server import show_health
from domain.run import RunStatus
from tests.support.homes import quick_label, settled
from tests.support.otlp import failed, otlp_receiver, texts

BRIEF = "A night-shift ferry pilot who writes slow synth songs to the sea."


async def test_a_request_leads_to_its_tool_and_its_model_in_one_trace(tmp_path: Path) -> None:
    with otlp_receiver() as received:
        async with quick_label(tmp_path / "home", otlp_url=received.url) as label:
            app = create_app(label.api_context(lambda: "http://127.0.0.1"))
            transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
            bearer = {"Authorization": f"Bearer {label.home.token()}"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", headers=bearer
            ) as client:
                answer = await client.post("/api/v1/artists", json={"brief": BRIEF, "seed": 7})
                run = await settled(label, answer.json()["run"]["id"])
                assert run.status is RunStatus.SUCCEEDED, run.failure
                scraped = (await client.get("/metrics")).text
    assert run.traceparent is not None
    _, trace_id, _, _ = run.traceparent.split("-")
    mine = [s for s in received.spans if s.trace_id.hex() == trace_id]
    request = next(s for s in mine if s.name == "POST /api/v1/artists")
    assert not request.parent_span_id
    tool = received.named("execute_tool draw_portrait")
    assert received.chain(tool)[:2] == ["POST /api/v1/artists", "run debut"]
    assert received.chain(tool)[2].startswith("step ")
    models = [s for s in mine if s.name == "chat scripted"]
    assert models
    assert received.chain(models[0])[:2] == ["POST /api/v1/artists", "run debut"]
    assert not any(failed(s) for s in mine)
    assert texts(received.named("run debut").attributes)["greenroom.run_id"] == run.id
    assert received.resource()["service.name"] == "greenroom"
    # What was asked and answered is nobody's business who reads traces.
    said = " ".join(value for s in received.spans for value in texts(s.attributes).values())
    assert "ferry" not in said
    assert 'greenroom_runs_ended_total{code="",kind="debut",status="succeeded"} 1.0' in scraped
    assert 'greenroom_model_calls_total{model="scripted",outcome="ok"' in scraped
    assert "greenroom_step_seconds_count" in scraped
    assert 'greenroom_workers{state="working"} 1.0' in scraped


async def test_a_process_shows_its_health_and_every_figure(tmp_path: Path) -> None:
    async with (
        quick_label(tmp_path / "home", metrics_port=0) as label,
        show_health(label) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        health = await client.get("/healthz")
        assert (health.status_code, health.json()) == (200, {"status": "ok"})
        scraped = (await client.get("/metrics")).text
    for figure in (
        'greenroom_build_info{role="all"',
        'greenroom_db_connections{state="in_use"}',
        'greenroom_renders{state="running"} 0.0',
        'greenroom_workers{state="working"} 1.0',
        "greenroom_dead_letters 0.0",
        "greenroom_disk_free_bytes ",
        'greenroom_cache_lookups_total{cache="answers",result="hit"} 0.0',
        "process_resident_memory_bytes ",
    ):
        assert figure in scraped, figure
    assert "greenroom_redis_up" not in scraped, "no Redis is named"
    assert "greenroom_scrape_errors_total{" not in scraped


async def test_without_a_port_nothing_listens(tmp_path: Path) -> None:
    async with quick_label(tmp_path / "home") as label, show_health(label) as port:
        assert port is None
