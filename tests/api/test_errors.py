from __future__ import annotations

import httpx

from services.artists import ArtistService
from tests.api.conftest import client_of
from tests.support.label import TOKEN, TestLabel


async def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get("/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "not_found"
    assert answer.json()["status"] == 404
    page = await api.get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>" in page.text


async def test_a_wrong_method_names_itself(api: httpx.AsyncClient) -> None:
    answer = await api.delete("/api/v1/artists")
    assert answer.status_code == 405
    assert answer.json()["title"] == "method_not_allowed"
    assert "GET" in answer.headers["allow"] or "POST" in answer.headers["allow"]


async def test_a_domain_error_keeps_code_field_and_remedy(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/artists", json={"brief": "Songs.", "genre": "polka"})
    problem = answer.json()
    assert answer.status_code == 422
    assert problem["type"] == "urn:greenroom:problem:invalid_input"
    assert problem["field"] == "genre"
    assert "synthwave" in problem["remedy"]


async def test_a_request_of_the_wrong_form_names_the_field(api: httpx.AsyncClient) -> None:
    missing = (await api.post("/api/v1/artists", json={})).json()
    assert (missing["title"], missing["field"]) == ("invalid_input", "brief")
    unknown = (await api.post("/api/v1/artists", json={"brief": "x", "brif": 1})).json()
    assert unknown["field"] == "brif"
    nonsense = await api.post(
        "/api/v1/artists", content=b"{nope", headers={"Content-Type": "application/json"}
    )
    assert nonsense.status_code == 422
    assert nonsense.json()["title"] == "invalid_input"


async def test_a_brief_of_100_kb_gets_the_domains_own_error(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/artists", json={"brief": "long " * 20_480})
    assert answer.status_code == 422
    assert answer.json()["field"] == "brief"
    assert "at most 4000" in answer.json()["detail"]
    beyond = await api.post("/api/v1/artists", json={"brief": "long " * 200_000})
    assert beyond.status_code == 422
    assert beyond.json()["field"] == "brief"


async def test_other_bodies_stop_at_64_kb(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/runs/x/resume", content=b"x" * (64 * 1024 + 1))
    assert answer.status_code == 422
    assert answer.json()["field"] == "body"
    assert (await api.post("/api/v1/runs/x/resume", content=b"x" * 1024)).status_code == 404


async def test_an_unexpected_error_tells_nothing_of_the_inside(label: TestLabel) -> None:
    class Broken(ArtistService):
        async def page(self, after: str | None = None, limit: int = 50) -> list[object]:  # type: ignore[override]
            raise RuntimeError("the password is swordfish")

    label.artists = Broken(label.database, label.clock)
    async with client_of(label, Authorization=f"Bearer {TOKEN}") as client:
        answer = await client.get("/api/v1/artists")
    assert answer.status_code == 500
    assert answer.json()["title"] == "internal_error"
    assert "swordfish" not in answer.text
    assert "RuntimeError" not in answer.text
