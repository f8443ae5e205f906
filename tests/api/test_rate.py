from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from api.app import create_app
from api.rate import AddressLimit
from domain.errors import LimitReached
from runtime.shared.windows import LocalWindows
from tests.api.conftest import BASE
from tests.support.label import TOKEN, TestLabel


async def test_an_address_that_does_too_much_is_told_to_wait() -> None:
    now = 0.0
    limit = AddressLimit(LocalWindows(lambda: now), most=2, window=timedelta(seconds=10))
    await limit.count("203.0.113.9")
    await limit.count("203.0.113.9")
    with pytest.raises(LimitReached) as caught:
        await limit.count("203.0.113.9")
    assert caught.value.remedy
    await limit.count("203.0.113.10")
    now = 10.0
    await limit.count("203.0.113.9")


async def test_two_api_processes_count_together() -> None:
    windows = LocalWindows()
    await AddressLimit(windows, most=1).count("203.0.113.9")
    with pytest.raises(LimitReached):
        await AddressLimit(windows, most=1).count("203.0.113.9")


async def test_a_person_is_told_how_much_is_left_and_when_to_come_again(label: TestLabel) -> None:
    app = create_app(replace(label.context(), requests_minute=2))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url=BASE,
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        first = await client.get("/api/v1/artists")
        assert first.headers["ratelimit-policy"] == '"person";q=2;w=60'
        assert first.headers["ratelimit"] == '"person";r=1;t=60'
        assert (
            (await client.get("/api/v1/artists/nobody"))
            .headers["ratelimit"]
            .startswith('"person";r=0;')
        ), "refusals tell it too"
        refused = await client.get("/api/v1/artists")
        assert (refused.status_code, refused.json()["title"]) == (429, "limit_reached")
        assert 58 <= int(refused.headers["retry-after"]) <= 60
        assert (await client.get("/api/v1/health")).status_code == 200
