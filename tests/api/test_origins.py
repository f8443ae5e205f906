from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from api.app import create_app
from tests.api.conftest import BASE
from tests.support.label import TestLabel

DESK = "https://desk.example.org"
ASK = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


async def _asked(
    label: TestLabel, allowed: Sequence[str], origin: str, path: str
) -> httpx.Response:
    app = create_app(replace(label.context(), cors_origins=allowed))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        return await client.options(path, headers={"Origin": origin, **ASK})


@pytest.mark.parametrize(
    ("allowed", "origin", "path"),
    [
        ((), DESK, "/api/v1/artists"),
        ((DESK,), "https://elsewhere.example.org", "/api/v1/artists"),
        ((DESK,), DESK, "/operator"),
    ],
)
async def test_other_sites_may_not_use_the_api(
    label: TestLabel, allowed: Sequence[str], origin: str, path: str
) -> None:
    answer = await _asked(label, allowed, origin, path)
    assert "access-control-allow-origin" not in answer.headers


async def test_a_named_site_may_but_never_with_cookies(label: TestLabel) -> None:
    answer = await _asked(label, (DESK,), DESK, "/api/v1/artists")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == DESK
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers
