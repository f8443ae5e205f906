"""The headers that OWASP's list of secure headers asks for."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import client_of
from tests.support.label import TOKEN, TestLabel

WANTED = {
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
}


@pytest.mark.parametrize("path", ["/", "/api/v1/artists", "/api/v1/nothing", "/operator"])
async def test_every_answer_has_them(api: httpx.AsyncClient, path: str) -> None:
    headers = (await api.get(path)).headers
    assert WANTED.items() <= dict(headers).items()
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


async def test_what_is_private_is_not_kept_and_not_embedded(api: httpx.AsyncClient) -> None:
    headers = (await api.get("/api/v1/artists")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "cross-origin-resource-policy" not in (await api.get("/")).headers


async def test_over_https_browsers_are_told_to_stay_there(label: TestLabel) -> None:
    bearer = f"Bearer {TOKEN}"
    async with client_of(label, base="https://127.0.0.1", Authorization=bearer) as client:
        answer = await client.get("/api/v1/artists")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
