from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from api.repeats import HEADER, REPLAYED
from domain.errors import ModelUnavailable
from services.artists import ArtistService
from tests.support.label import BRIEF, TestLabel

NEW = {"brief": BRIEF, "seed": 7}
KEY = {HEADER: "5a0f8b1c-6e0e-4b53-9f0b-0d1f2a3b4c5d"}


async def _artists(api: httpx.AsyncClient) -> int:
    return len((await api.get("/api/v1/artists")).json()["items"])


async def test_a_request_sent_again_is_done_once_and_answered_the_same(
    api: httpx.AsyncClient,
) -> None:
    first = await api.post("/api/v1/artists", json=NEW, headers=KEY)
    again = await api.post("/api/v1/artists", json=NEW, headers=KEY)
    assert (first.status_code, first.headers.get(REPLAYED)) == (202, None)
    assert (again.status_code, again.headers[REPLAYED]) == (202, "true")
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == first.headers["content-type"]
    assert await _artists(api) == 1


async def test_without_a_key_everything_is_done_again(api: httpx.AsyncClient) -> None:
    for _ in range(2):
        await api.post("/api/v1/artists", json=NEW)
    assert await _artists(api) == 2


async def test_another_request_under_the_key_is_refused(api: httpx.AsyncClient) -> None:
    await api.post("/api/v1/artists", json=NEW, headers=KEY)
    other = await api.post("/api/v1/artists", json=NEW | {"seed": 8}, headers=KEY)
    assert (other.status_code, other.json()["title"]) == (422, "key_reused")
    assert other.json()["field"] == HEADER
    assert await _artists(api) == 1


async def test_two_at_once_make_one_artist(api: httpx.AsyncClient) -> None:
    sent = (api.post("/api/v1/artists", json=NEW, headers=KEY) for _ in range(4))
    answers = await asyncio.gather(*sent)
    assert {a.status_code for a in answers} <= {202, 409}
    early = [a for a in answers if a.status_code == 409]
    assert all(a.json()["title"] == "request_in_flight" for a in early)
    assert all(a.headers["retry-after"] == "1" for a in early)
    assert await _artists(api) == 1


async def test_a_refused_request_leaves_its_key_free(api: httpx.AsyncClient) -> None:
    wrong = await api.post("/api/v1/artists", json={"brief": ""}, headers=KEY)
    assert wrong.status_code == 422
    assert (await api.post("/api/v1/artists", json=NEW, headers=KEY)).status_code == 202


async def test_a_handler_that_broke_is_not_tried_again_and_says_so(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patched:
        patched.setattr(ArtistService, "create", broken)
        assert (await api.post("/api/v1/artists", json=NEW, headers=KEY)).status_code == 500
    again = await api.post("/api/v1/artists", json=NEW, headers=KEY)
    assert (again.status_code, again.json()["title"]) == (409, "outcome_unknown")
    assert await _artists(api) == 0


async def test_a_failure_of_the_server_is_kept_for_part_of_it_may_be_done(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise ModelUnavailable("nobody answers")

    with monkeypatch.context() as patched:
        patched.setattr(ArtistService, "create", away)
        first = await api.post("/api/v1/artists", json=NEW, headers=KEY)
    again = await api.post("/api/v1/artists", json=NEW, headers=KEY)
    assert (again.status_code, again.json()) == (503, first.json())


@pytest.mark.parametrize("key", ["", "k" * 256, "tab\there"])
async def test_a_key_of_the_wrong_form_is_refused(api: httpx.AsyncClient, key: str) -> None:
    answer = await api.post("/api/v1/artists", json=NEW, headers={HEADER: key})
    assert (answer.status_code, answer.json()["field"]) == (422, HEADER)


async def test_strangers_get_no_kept_answer(label: TestLabel, api: httpx.AsyncClient) -> None:
    await api.post("/api/v1/artists", json=NEW, headers=KEY)
    del api.headers["Authorization"]
    answer = await api.post("/api/v1/artists", json=NEW, headers=KEY)
    assert answer.status_code == 401
