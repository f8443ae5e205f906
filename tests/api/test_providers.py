from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from domain.actor import OPERATOR, artist_actor
from services.generation.song import usual_song
from tests.api.conftest import client_of
from tests.support.label import TOKEN, TestLabel, cycle, debut, song
from tools.vendors.scripted_music import SIGNATURE, Fault, sign

EVIL = '<script>alert("x")</script>'
API = "/api/v1"


async def connect(label: TestLabel, api: httpx.AsyncClient, name: str = "alpha") -> None:
    answer = await api.post(f"{API}/providers/{name}/connect", json={"fields": {"key": "k-1"}})
    assert answer.status_code == 200


async def make(label: TestLabel, key: str = "song-0", **more: Any) -> Any:
    return await label.generation.make(
        artist_actor("artist_01"),
        usual_song(),
        key=key,
        out_dir=label.home / "scratch",
        progress=lambda stage, fraction: None,
        **more,
    )


async def unknown_job(label: TestLabel, api: httpx.AsyncClient) -> dict[str, Any]:
    await connect(label, api)
    label.far["alpha"].faults = [Fault.BILLED_AND_SILENT]
    await make(label)
    [job] = (await api.get(f"{API}/jobs", params={"unknown": True})).json()["items"]
    found: dict[str, Any] = job
    return found


async def test_providers_are_listed_without_secrets(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    await connect(label, api)
    answer = await api.get(f"{API}/providers")
    found = answer.json()
    assert [p["name"] for p in found] == ["alpha", "beta", "plain"]
    assert [p["connected"] for p in found] == [True, False, True]
    assert found[0]["song_quote"]["cost_usd"] == 0.25
    assert found[0]["health"] == "healthy"
    assert "k-1" not in answer.text
    assert (await api.get(f"{API}/providers/alpha")).json() == found[0]


async def test_connecting_refuses_what_cannot_be_right_and_never_echoes_it(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    label.far["beta"].check_fault = Fault.REFUSED_KEY
    cases: tuple[tuple[str, dict[str, Any], int, str], ...] = (
        ("alpha", {"fields": {}}, 422, "key"),
        ("alpha", {"fields": {"key": "top-secret\nx"}}, 422, "key"),
        ("alpha", {"fields": {"kee": "top-secret"}}, 422, "kee"),
        ("beta", {"fields": {"key": "top-secret"}}, 422, "key"),
        ("gamma", {"fields": {"key": "top-secret"}}, 404, "provider"),
        ("alpha", {"key": "top-secret"}, 422, "fields"),
    )
    for name, body, status, field in cases:
        answer = await api.post(f"{API}/providers/{name}/connect", json=body)
        assert answer.status_code == status
        assert answer.json()["field"] == field
        assert "top-secret" not in answer.text


async def test_disconnect_and_check(label: TestLabel, api: httpx.AsyncClient) -> None:
    await connect(label, api)
    label.far["alpha"].check_fault = Fault.DOWN
    checked = (await api.post(f"{API}/providers/alpha/check")).json()
    assert (checked["health"], checked["health_words"]) == (
        "failing",
        "it failed once: the service answers 503",
    )
    gone = await api.post(f"{API}/providers/alpha/disconnect")
    assert gone.json()["connected"] is False
    assert (await api.post(f"{API}/providers/alpha/check")).status_code == 422


async def test_jobs_tell_who_made_what_and_why(label: TestLabel, api: httpx.AsyncClient) -> None:
    await connect(label, api)
    run = await cycle(label, await debut(label))
    work = await song(label, run)
    label.far["alpha"].faults = [Fault.DOWN]
    await make(label, work_id=work.id)
    jobs = (await api.get(f"{API}/works/{work.id}/jobs")).json()
    assert [(j["provider"], j["status"]) for j in jobs] == [("alpha", "failed"), ("plain", "done")]
    assert "503" in jobs[1]["route"]["why"]
    assert (await api.get(f"{API}/jobs/{jobs[0]['id']}")).json() == jobs[0]
    first = (await api.get(f"{API}/jobs", params={"limit": 1})).json()
    assert first["items"] == [jobs[1]]
    rest = (await api.get(f"{API}/jobs", params={"after": first["next"]})).json()
    assert rest == {"items": [jobs[0]], "next": None}
    assert (await api.get(f"{API}/works/work_none/jobs")).status_code == 404


async def test_an_unknown_job_is_looked_up_and_settled_once(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    job = await unknown_job(label, api)
    looked = await api.post(f"{API}/jobs/{job['id']}/look-up")
    assert looked.json()["status"] == "outcome_unknown"
    wrong = await api.post(f"{API}/jobs/{job['id']}/settle", json={"outcome": "maybe"})
    assert wrong.status_code == 422
    body = {"outcome": "failed", "cost_usd": 0.1}
    settled = await api.post(f"{API}/jobs/{job['id']}/settle", json=body)
    assert (settled.json()["status"], settled.json()["cost_usd"]) == ("failed", 0.1)
    again = await api.post(f"{API}/jobs/{job['id']}/settle", json=body)
    assert again.status_code == 409


async def test_all_of_it_needs_the_token(label: TestLabel, visitor: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/providers"),
        ("GET", "/providers/alpha"),
        ("POST", "/providers/alpha/connect"),
        ("POST", "/providers/alpha/disconnect"),
        ("POST", "/providers/alpha/check"),
        ("GET", "/jobs"),
        ("GET", "/jobs/x"),
        ("POST", "/jobs/x/look-up"),
        ("POST", "/jobs/x/settle"),
        ("GET", "/works/x/jobs"),
    ):
        body = {"fields": {"key": "k"}, "outcome": "done"}
        answer = await visitor.request(method, API + path, json=body if method == "POST" else None)
        assert answer.status_code == 401, path
    assert not (await label.providers.status(OPERATOR, "alpha")).connected


async def test_a_genuine_call_back_is_taken_and_a_forged_one_refused(
    label: TestLabel, api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    job = await unknown_job(label, api)
    label.far["alpha"].polls_needed = 0
    [remote_id] = label.far["alpha"].orders
    await api.post(f"{API}/jobs/{job['id']}/look-up")
    body = remote_id.encode()
    forged = await visitor.post(
        "/webhooks/providers/alpha", content=body, headers={SIGNATURE: "0" * 64}
    )
    assert forged.status_code == 401
    for _ in range(2):
        genuine = await visitor.post(
            "/webhooks/providers/alpha",
            content=body,
            headers={SIGNATURE.upper(): sign("whisper", body)},
        )
        assert (genuine.status_code, genuine.content) == (204, b"")
    assert (await api.get(f"{API}/jobs/{job['id']}")).json()["status"] == "done"
    for name in ("beta", "nobody"):
        assert (await visitor.post(f"/webhooks/providers/{name}")).status_code == 404


async def test_the_empty_page_says_what_is_there_and_what_may_come(
    operator: httpx.AsyncClient,
) -> None:
    page = (await operator.get("/operator/providers")).text
    assert "Only the embedded engine is here" in page
    assert "Every song will stand here" in page
    assert "sings en, plays the melody of others" in page
    assert "Nobody knows" not in page
    assert 'href="/operator/providers" aria-current="page"' in page
    assert page.count('type="password"') == 4


async def test_connecting_from_the_page(label: TestLabel, operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/operator/providers/alpha/connect", data={"key": "k-1"})
    assert answer.status_code == 303
    page = (await operator.get(answer.headers["location"])).text
    assert "Alpha is connected: the key is good for 40 songs." in page
    assert "k-1" not in page
    checked = await operator.post("/operator/providers/alpha/check")
    assert "Alpha: the key is good" in (await operator.get(checked.headers["location"])).text
    gone = await operator.post("/operator/providers/alpha/disconnect")
    assert "its key is forgotten" in (await operator.get(gone.headers["location"])).text


async def test_what_is_wrong_with_a_key_stands_beside_it(
    label: TestLabel, operator: httpx.AsyncClient
) -> None:
    label.far["alpha"].check_fault = Fault.REFUSED_KEY
    for typed in ("", "top-secret"):
        answer = await operator.post("/operator/providers/alpha/connect", data={"key": typed})
        assert answer.status_code == 422
        assert re.search(r'name="key"[^>]*aria-invalid="true"', answer.text)
        assert 'id="connect-alpha" open' in answer.text
        assert not typed or typed not in answer.text
    typed_too = {"key": "top-secret", "webhook_secret": "secret-too", "url": "http://mine"}
    answer = await operator.post("/operator/providers/alpha/connect", data=typed_too)
    assert "secret-too" not in answer.text
    unknown = await operator.post("/operator/providers/gamma/connect", data={"key": "k"})
    assert unknown.status_code == 404
    assert "gamma" in unknown.text


async def test_the_page_tells_health_price_route_and_the_reason(
    label: TestLabel, operator: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await connect(label, api)
    await connect(label, api, "beta")
    label.far["alpha"].faults = [Fault.NO_CREDIT]
    await make(label)
    page = (await operator.get("/operator/providers")).text
    assert "It waits for a person: the account is empty." in page
    assert "Top it up." in page
    assert "$0.40" in page
    assert "a script" in page
    assert "it could not make this song: the account is empty" in page
    assert page == (await operator.get("/operator/providers")).text
    live = (await operator.get("/operator/providers/live")).text
    assert "Beta" in live
    assert "<html" not in live


async def test_an_unknown_job_is_settled_from_the_page(
    label: TestLabel, operator: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    job = await unknown_job(label, api)
    page = (await operator.get("/operator/providers")).text
    assert "Nobody knows what became of these" in page
    assert "No answer within 60 s." in page
    asked = await operator.post(f"/operator/jobs/{job['id']}/look-up")
    assert "cannot tell yet" in (await operator.get(asked.headers["location"])).text
    wrong = await operator.post(
        f"/operator/jobs/{job['id']}/settle", data={"outcome": "done", "cost_usd": "a lot"}
    )
    assert wrong.status_code == 422
    assert "no amount of dollars" in wrong.text
    done = await operator.post(
        f"/operator/jobs/{job['id']}/settle", data={"outcome": "done", "cost_usd": "$0,31"}
    )
    page = (await operator.get(done.headers["location"])).text
    assert "the song was made, and counts $0.31" in page
    assert "Nobody knows" not in page
    again = await operator.post(f"/operator/jobs/{job['id']}/settle", data={"outcome": "failed"})
    assert again.status_code == 409


async def test_words_from_outside_are_shown_escaped(
    label: TestLabel, operator: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await connect(label, api)
    made = await make(label, key=EVIL)
    await label.generation.reject(artist_actor("artist_01"), made.job_id, [EVIL])
    page = (await operator.get("/operator/providers")).text
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    for query in ({"done": EVIL, "which": EVIL}, {"done": "settled", "which": EVIL}):
        assert EVIL not in (await operator.get("/operator/providers", params=query)).text


@pytest.mark.parametrize(
    "path",
    [
        "/operator/providers/alpha/connect",
        "/operator/providers/alpha/disconnect",
        "/operator/providers/alpha/check",
        "/operator/jobs/x/settle",
        "/operator/jobs/x/look-up",
    ],
)
async def test_only_our_own_page_and_only_the_operator_sends_forms(
    label: TestLabel, path: str
) -> None:
    data = {"key": "k", "outcome": "done"}
    async with client_of(label) as stranger:
        assert (await stranger.post(path, data=data)).status_code in (401, 403)
        await stranger.get("/operator", params={"token": TOKEN})
        elsewhere = {"Origin": "https://evil.example"}
        assert (await stranger.post(path, data=data, headers=elsewhere)).status_code == 403
    assert label.far["alpha"].submits == []
