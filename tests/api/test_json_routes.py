from __future__ import annotations

import httpx

from domain.actor import OPERATOR
from domain.approval import Approval, ApprovalStatus
from domain.artist import Artist
from domain.health import HealthCheck
from domain.run import Run, RunStatus
from services.views import ApprovalView, RunView
from tests.api.conftest import client_of
from tests.support.label import (
    BRIEF,
    TestLabel,
    ask,
    cycle,
    debut,
    live_release,
    publish,
    song,
    step,
)
from tests.support.people import joined, key


async def test_creating_an_artist_starts_its_debut(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    answer = await api.post("/api/v1/artists", json={"brief": BRIEF, "seed": 7})
    assert answer.status_code == 202
    artist = Artist.model_validate(answer.json()["artist"])
    run = Run.model_validate(answer.json()["run"])
    assert artist.seed == 7
    assert run.kind == "debut"
    assert answer.headers["location"] == f"/api/v1/runs/{run.id}"
    await label.engine.drain(2)
    assert label.jobs == [run.id]


async def test_an_artist_can_be_made_without_a_debut(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    answer = await api.post("/api/v1/artists", json={"brief": BRIEF, "debut": False})
    assert answer.json()["run"] is None
    assert label.jobs == []


async def test_a_refused_debut_leaves_no_artist_behind(label: TestLabel) -> None:
    secret = await key(label, await joined(label, "operator"), "read", "steer")
    async with client_of(label, Authorization=f"Bearer {secret}") as program:
        body = {"brief": BRIEF, "approve": "auto"}
        assert (await program.post("/api/v1/artists", json=body)).status_code == 403
    assert await label.artists.page(OPERATOR) == []


async def test_artists_are_found_by_handle_and_id_and_steered(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    for name in (artist.handle, artist.id):
        assert (await api.get(f"/api/v1/artists/{name}")).json()["id"] == artist.id
    profile = (await api.get(f"/api/v1/artists/{artist.handle}/profile")).json()
    assert profile["current"]["profile"]["stage_name"] == "Harbour Signal"
    assert [v["number"] for v in profile["history"]] == [1]
    assert (await api.post(f"/api/v1/artists/{artist.handle}/pause")).json()["status"] == "paused"
    refused = await api.post(f"/api/v1/artists/{artist.handle}/runs", json={})
    assert refused.status_code == 409
    assert "resume" in refused.json()["remedy"].lower()
    assert (await api.post(f"/api/v1/artists/{artist.handle}/resume")).json()["status"] == "active"
    assert (await api.post(f"/api/v1/artists/{artist.handle}/runs")).status_code == 202
    assert (await api.post(f"/api/v1/artists/{artist.handle}/retire")).json()["status"] == "retired"
    assert (await api.get("/api/v1/artists/nobody")).json()["title"] == "not_found"


async def test_pages_of_runs_follow_each_other_without_gap_or_repeat(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    made = [(await label.runs.page(OPERATOR))[0].id]
    made += [(await cycle(label, artist)).id for _ in range(4)]
    seen: list[str] = []
    after = None
    while True:
        query = f"artist={artist.handle}&limit=2" + (f"&after={after}" if after else "")
        page = (await api.get(f"/api/v1/runs?{query}")).json()
        seen += [row["run"]["id"] for row in page["items"]]
        assert all(row["artist"] == artist.handle for row in page["items"])
        after = page["next"]
        if after is None:
            break
    assert seen == sorted(made, reverse=True)


async def test_a_run_is_shown_whole(label: TestLabel, api: httpx.AsyncClient) -> None:
    run = await cycle(label, await debut(label))
    await step(label, run, "plan", "A song.")
    await ask(label, run, await song(label, run))
    view = RunView.model_validate((await api.get(f"/api/v1/runs/{run.id}")).json())
    assert view.status == "waiting"
    assert view.steps[0].report["says"] == "A song."
    assert {file.role for file in view.works[0].files} == {"mp3", "cover"}
    refused = await api.post(f"/api/v1/runs/{run.id}/resume")
    assert refused.status_code == 409
    assert view.approval_id is not None
    assert view.approval_id in refused.json()["remedy"]


async def test_works_are_listed(label: TestLabel, api: httpx.AsyncClient) -> None:
    artist = await debut(label)
    await live_release(label, artist)
    works = (await api.get(f"/api/v1/artists/{artist.handle}/works")).json()["items"]
    assert [(w["title"], w["status"], w["passed"]) for w in works] == [
        ("Last Ferry Home", "released", True)
    ]


async def test_an_approval_binds_the_decision_to_what_was_seen(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    run = await cycle(label, await debut(label))
    first = await ask(label, run, await song(label, run))
    listed = (await api.get("/api/v1/approvals", params={"waiting": True})).json()["items"]
    assert [a["id"] for a in listed] == [first.id]
    read = await api.get(f"/api/v1/approvals/{first.id}")
    view = ApprovalView.model_validate(read.json())
    post = view.posts[0]

    edited = await api.patch(
        f"/api/v1/approvals/{first.id}/posts/{post.id}",
        json={"text": "Out now."},
        headers={"If-Match": read.headers["etag"]},
    )
    second = Approval.model_validate(edited.json())
    assert second.id != first.id
    late = await api.post(f"/api/v1/approvals/{first.id}/approve", json={"digest": first.digest})
    assert (late.status_code, late.json()["title"]) == (409, "approval_closed")
    stale = await api.post(f"/api/v1/approvals/{second.id}/approve", json={"digest": first.digest})
    assert (stale.status_code, stale.json()["title"]) == (409, "approval_closed")
    assert (await label.approvals.get(OPERATOR, second.id)).status is ApprovalStatus.WAITING

    done = await api.post(f"/api/v1/approvals/{second.id}/approve", json={"digest": second.digest})
    assert done.json()["status"] == "approved"
    again = await api.post(f"/api/v1/approvals/{second.id}/approve")
    assert again.status_code == 200


async def test_a_rejection_needs_a_known_reason(label: TestLabel, api: httpx.AsyncClient) -> None:
    run = await cycle(label, await debut(label))
    approval = await ask(label, run, await song(label, run))
    path = f"/api/v1/approvals/{approval.id}/reject"
    assert (await api.post(path, json={})).json()["field"] == "reason"
    assert (await api.post(path, json={"reason": "meh"})).json()["field"] == "reason"
    done = await api.post(path, json={"reason": "lyrics", "comment": "Too sweet."})
    assert done.json()["decision"]["comment"] == "Too sweet."


async def test_files_come_whole_or_in_parts(label: TestLabel, api: httpx.AsyncClient) -> None:
    run = await cycle(label, await debut(label))
    work = await song(label, run)
    mp3 = work.asset("mp3")
    assert mp3 is not None
    path = f"/api/v1/media/{mp3.sha256}"
    whole = await api.get(path, params={"name": "song.mp3"})
    assert len(whole.content) == mp3.bytes
    assert whole.headers["content-type"] == "audio/mpeg"
    part = await api.get(path, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == whole.content[10:20]
    page = await api.get(path, params={"name": "page.html"})
    assert page.headers["content-type"] == "application/octet-stream"
    for unknown in ("0" * 64, "..%2f..%2flabel.db", "label.db"):
        assert (await api.get(f"/api/v1/media/{unknown}")).status_code == 404


async def test_health_says_more_to_whom_may_know(label: TestLabel, api: httpx.AsyncClient) -> None:
    async with client_of(label) as stranger:
        assert (await stranger.get("/api/v1/health")).json() == {"status": "ok", "checks": None}
    assert (await api.get("/api/v1/health")).json()["checks"][0]["name"] == "database"
    label.checks = (HealthCheck(name="disk", verdict="broken", message="full", remedy="Clear."),)
    async with client_of(label, Authorization=api.headers["authorization"]) as knowing:
        assert (await knowing.get("/api/v1/health")).json()["status"] == "broken"


async def test_a_failed_run_goes_on(label: TestLabel, api: httpx.AsyncClient) -> None:
    artist = await debut(label)
    await label.engine.drain(2)
    label.jobs.clear()
    approval = await ask(label, run := await cycle(label, artist), await song(label, run))
    await publish(label, approval)
    ended = await api.post(f"/api/v1/runs/{run.id}/resume")
    assert ended.status_code == 409
    assert (await label.runs.get(OPERATOR, run.id)).status is RunStatus.SUCCEEDED


async def test_the_reference_shows_every_route_with_an_example(
    label: TestLabel, api: httpx.AsyncClient
) -> None:
    spec = (await api.get("/api/openapi.json")).json()
    page = (await api.get("/api/docs")).text
    assert "Show an artist, by handle or id.</span>" in page
    assert "Needs the right to steer, and all artists of the label." in page
    for path, methods in spec["paths"].items():
        assert path in page
        for method, told in methods.items():
            body = told.get("requestBody")
            if body is not None:
                assert f"curl -X {method.upper()}" in page
    names = {
        ref.rpartition("/")[2]
        for methods in spec["paths"].values()
        for told in methods.values()
        for option in _schemas(told)
        if (ref := option.get("$ref"))
    }
    assert names
    for name in names:
        assert spec["components"]["schemas"][name].get("examples"), name


def _schemas(told: dict) -> list[dict]:  # type: ignore[type-arg]
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    return [schema, *schema.get("anyOf", [])]
