from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.alert import Alert, Finding
from services.alert_probes import Probe
from services.alerts import SETTLED, AlertService
from tests.api.conftest import client_of
from tests.support.label import TestLabel, debut
from tests.support.receiver import Receiver, webhook_receiver

ALERTS, HOOKS = "/api/v1/alerts", "/api/v1/webhooks"
FULL = Finding(
    rule="disk_low", severity="critical", summary="<b>412 MB</b> are free", remedy="Free some."
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with webhook_receiver() as listening:
        yield listening


async def raised(label: TestLabel, *findings: Finding) -> list[Alert]:
    async def look() -> list[Finding]:
        return list(findings)

    service = AlertService(label.database, label.clock, [Probe(frozenset({"disk_low"}), look)])
    return await service.check(SYSTEM)


async def test_alerts_are_listed_shown_and_acknowledged(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    (alert,) = await raised(label, FULL)
    (listed,) = (await api.get(ALERTS, params={"status": "open"})).json()["items"]
    assert (listed["id"], listed["severity"]) == (alert.id, "critical")
    seen = await api.post(f"{ALERTS}/{alert.id}/acknowledge")
    assert seen.json()["acknowledged_by"] == "operator:local"
    assert (await api.get(f"{ALERTS}/{alert.id}")).json()["status"] == "open"
    assert (await api.get(f"{ALERTS}/nope")).status_code == 404
    label.clock.advance(2 * SETTLED)
    assert await raised(label) == []
    assert (await api.get(ALERTS, params={"status": "open"})).json()["items"] == []
    assert (await api.post(f"{ALERTS}/{alert.id}/acknowledge")).status_code == 409


async def test_webhooks_have_one_life_and_secrets_one_showing(
    label: TestLabel, api: httpx.AsyncClient, receiver: Receiver
) -> None:
    made = await api.post(HOOKS, json={"url": receiver.url, "events": ["artist.*"]})
    assert made.status_code == 201
    hook, secret = made.json()["webhook"]["id"], made.json()["secret"]
    assert secret.startswith("whsec_")
    assert secret not in (await api.get(HOOKS)).text
    assert secret not in (await api.get(f"{HOOKS}/{hook}")).text
    tried = (await api.post(f"{HOOKS}/{hook}/test")).json()
    assert tried["status"] == "delivered"
    await debut(label)
    listed = (await api.get(f"{HOOKS}/{hook}/deliveries")).json()["items"]
    assert {d["kind"] for d in listed} == {"artist.created", "artist.changed", "webhook.test"}
    again = await api.post(f"{HOOKS}/deliveries/{tried['id']}/replay")
    assert again.json()["status"] == "delivered"
    assert [c.id for c in receiver.calls] == [tried["id"]] * 2
    assert (await api.post(f"{HOOKS}/{hook}/rotate")).json()["secret"] != secret
    assert (await api.post(f"{HOOKS}/{hook}/enable")).json()["status"] == "active"
    assert (await api.delete(f"{HOOKS}/{hook}")).status_code == 200
    assert (await api.get(HOOKS)).json() == []


async def test_a_wrong_webhook_is_told_by_its_field(api: httpx.AsyncClient) -> None:
    wrong = await api.post(HOOKS, json={"url": "http://169.254.169.254/"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "url")
    wrong = await api.post(HOOKS, json={"url": "https://x.example/", "events": ["step.*"]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "events")


async def test_others_see_neither_alerts_nor_webhooks_nor_metrics(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    for path in (ALERTS, HOOKS, "/metrics"):
        assert (await visitor.get(path)).status_code == 401, path
    async with client_of(label, address="203.0.113.9") as stranger:
        wrong = await stranger.get("/metrics", headers={"Authorization": "Bearer x"})
        assert wrong.status_code == 401


async def test_metrics_name_routes_and_not_ids(label: TestLabel, api: httpx.AsyncClient) -> None:
    await api.get("/api/v1/runs/run_1")
    await api.get("/api/v1/runs/run_2")
    await api.get("/wp-login.php")
    scraped = await api.get("/metrics")
    assert scraped.headers["content-type"].startswith("text/plain")
    counts = [x for x in scraped.text.splitlines() if x.startswith("greenroom_http_request_sec")]
    asked = [x for x in counts if "_count{" in x]
    assert [x.partition("_count")[2] for x in asked] == [
        '{method="GET",route="/api/v1/runs/{run_id}",status="404"} 2.0',
        '{method="GET",route="unknown",status="404"} 1.0',
    ]
    async with client_of(label) as local:
        assert (await local.get("/metrics")).status_code == 200


async def test_the_first_page_is_quiet_until_there_is_something_to_see(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    assert "Needs your eyes" not in (await operator.get("/operator")).text
    (alert,) = await raised(label, FULL)
    page = (await operator.get("/operator")).text
    assert "Needs your eyes" in page
    assert "&lt;b&gt;412 MB&lt;/b&gt;" in page
    seen = await operator.post(
        f"/operator/alerts/{alert.id}/acknowledge", data={"back": "/operator"}
    )
    assert (seen.status_code, seen.headers["location"]) == (303, "/operator")
    assert "Needs your eyes" not in (await operator.get("/operator")).text
    assert "412 MB" in (await operator.get("/operator/alerts")).text
    away = {"back": "https://elsewhere.example"}
    refused = await operator.post(f"/operator/alerts/{alert.id}/acknowledge", data=away)
    assert refused.status_code == 422


async def test_the_page_adds_tries_and_removes_a_webhook(
    label: TestLabel, operator: httpx.AsyncClient, receiver: Receiver
) -> None:
    page = "/operator/alerts"
    form = {"url": receiver.url, "events": "alert.*, run.changed", "description": "the <pager>"}
    added = await operator.post(f"{page}/webhooks", data=form)
    assert "whsec_" in added.text
    assert "the &lt;pager&gt;" in added.text
    assert "whsec_" not in (await operator.get(page)).text
    (hook,) = await label.webhooks.all(OPERATOR)
    assert hook.events == ("alert.*", "run.changed")
    assert "It was taken: HTTP 204" in (await operator.post(f"{page}/webhooks/{hook.id}/test")).text
    receiver.usual = 500
    tried = await operator.post(f"{page}/webhooks/{hook.id}/test")
    assert "It was not taken: HTTP 500" in tried.text
    done = (await label.webhooks.deliveries(OPERATOR, hook.id))[-1]
    assert (await operator.post(f"{page}/deliveries/{done.id}/replay")).status_code == 200
    assert "whsec_" in (await operator.post(f"{page}/webhooks/{hook.id}/rotate")).text
    wrong = await operator.post(f"{page}/webhooks", data={**form, "url": "nonsense"})
    assert wrong.status_code == 422
    assert 'value="nonsense"' in wrong.text
    gone = await operator.post(f"{page}/webhooks/{hook.id}/remove")
    assert gone.status_code == 303
    assert "told nothing any more" in (await operator.get(gone.headers["location"])).text


async def test_other_sites_cannot_add_a_webhook(label: TestLabel, receiver: Receiver) -> None:
    async with client_of(label, Origin="https://elsewhere.example") as browser:
        await browser.get("/operator", params={"token": "a-token-for-tests-only"})
        answer = await browser.post("/operator/alerts/webhooks", data={"url": receiver.url})
    assert answer.status_code == 403
    assert await label.webhooks.all(OPERATOR) == []
