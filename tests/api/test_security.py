from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_network

import httpx
import pytest

from api.app import create_app
from api.security import operator_cookie_name, operator_cookie_value
from api.web.operations_pages import router as operations_router
from api.web.operator_routes import router as operator_router
from api.web.provider_pages import router as provider_router
from domain.actor import OPERATOR
from domain.approval import ApprovalStatus
from tests.api.conftest import BASE, OURS, client_of
from tests.support.label import TOKEN, TestLabel, ask, cycle, debut, song

OPEN_TO_ALL = {("/api/v1/health", "get")}


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", path)


async def test_every_json_route_refuses_without_the_token(label: TestLabel) -> None:
    spec = create_app(label.context()).openapi()
    async with client_of(label) as client:
        for path, methods in spec["paths"].items():
            for method in methods:
                if (path, method) in OPEN_TO_ALL:
                    continue
                answer = await client.request(method, filled(path), json={})
                assert answer.status_code == 401, (method, path)
                if path.startswith("/api/"):
                    assert answer.json()["title"] == "unauthenticated"
                assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ü"]
)
async def test_a_wrong_token_is_no_token(label: TestLabel, header: str) -> None:
    async with client_of(label) as client:
        answer = await client.get("/api/v1/artists", headers=[(b"Authorization", header.encode())])
        assert answer.status_code == 401
        assert "`secrets/start-token`" in answer.json()["remedy"]


def operator_requests() -> list[tuple[str, str]]:
    return [
        (method, filled(route.path))  # type: ignore[attr-defined]
        for route in (
            *operator_router.routes,
            *provider_router.routes,
            *operations_router.routes,
        )
        for method in route.methods  # type: ignore[attr-defined]
    ]


async def test_every_operator_page_refuses_without_signing_in(label: TestLabel) -> None:
    assert len(operator_requests()) > 10
    async with client_of(label, **OURS) as client:
        for method, path in operator_requests():
            answer = await client.request(method, path, data={"digest": "x"})
            assert answer.status_code == 401, (method, path)
            assert "greenroom serve" in answer.text


@pytest.mark.parametrize(
    "where",
    [
        {"address": "203.0.113.9"},
        {"base": "http://label.example"},
        {"X-Forwarded-For": "203.0.113.9"},
    ],
    ids=["another machine", "another name", "through a proxy"],
)
async def test_operator_pages_open_on_this_machine_only(
    label: TestLabel, where: dict[str, str]
) -> None:
    cookie = f"{operator_cookie_name(TOKEN)}={operator_cookie_value(TOKEN)}"
    async with client_of(label, Cookie=cookie, **(OURS | where)) as client:
        for method, path in operator_requests():
            if method == "GET":
                answer = await client.get(path, params={"token": TOKEN})
                assert answer.status_code == 403, path
                assert "set-cookie" not in answer.headers
    async with client_of(label, Cookie=cookie) as client:
        assert (await client.get("/operator")).status_code == 200


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ({"address": "172.31.77.1"}, 200),
        ({"address": "172.31.78.1"}, 403),
        ({"address": "testclient"}, 403),
        ({"address": "172.31.77.1", "base": "http://label.example"}, 403),
        ({"address": "172.31.77.1", "X-Forwarded-For": "203.0.113.9"}, 403),
    ],
    ids=["in it", "beside it", "no address", "another name", "through a proxy"],
)
async def test_operator_pages_open_from_a_network_that_was_named(
    label: TestLabel, where: dict[str, str], status: int
) -> None:
    near = replace(label.context(), operator_networks=(ip_network("172.31.77.0/24"),))
    address, base = where.pop("address"), where.pop("base", BASE)
    transport = httpx.ASGITransport(create_app(near), client=(address, 1234))
    cookie = f"{operator_cookie_name(TOKEN)}={operator_cookie_value(TOKEN)}"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        answer = await client.get("/operator", headers={"Cookie": cookie, **where})
        assert answer.status_code == status
        unsigned = await client.get("/operator", headers=where)
        assert unsigned.status_code == 401


async def test_the_token_signs_in_and_leaves_the_address(label: TestLabel) -> None:
    async with client_of(label) as client:
        answer = await client.get("/operator", params={"token": TOKEN})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/operator"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert TOKEN not in cookie
        assert (await client.get("/operator")).status_code == 200
    async with client_of(label) as client:
        assert (await client.get("/operator", params={"token": "wrong"})).status_code == 401


async def test_a_form_of_another_site_changes_nothing(label: TestLabel) -> None:
    artist = await debut(label)
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run))
    cookie = f"{operator_cookie_name(TOKEN)}={operator_cookie_value(TOKEN)}"
    path = f"/operator/approvals/{approval.id}/approve"
    foreign: list[dict[str, str]] = [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ]
    for headers in foreign:
        async with client_of(label, Cookie=cookie, **headers) as client:
            answer = await client.post(path, data={"digest": approval.digest})
            assert answer.status_code == 403, headers
    assert (await label.approvals.get(OPERATOR, approval.id)).status is ApprovalStatus.WAITING


async def test_a_visitor_can_approve_nothing(label: TestLabel, visitor: httpx.AsyncClient) -> None:
    artist = await debut(label)
    run = await cycle(label, artist)
    approval = await ask(label, run, await song(label, run))
    for path in (
        f"/operator/approvals/{approval.id}/approve",
        f"/operator/approvals/{approval.id}/reject",
        f"/api/v1/approvals/{approval.id}/approve",
        f"/api/v1/approvals/{approval.id}/reject",
    ):
        answer = await visitor.post(path, data={"digest": approval.digest, "reason": "other"})
        assert answer.status_code in (401, 403)
    assert (await label.approvals.get(OPERATOR, approval.id)).status is ApprovalStatus.WAITING


async def test_headers_forbid_what_our_pages_do_not_do(
    label: TestLabel, visitor: httpx.AsyncClient
) -> None:
    artist = await debut(label)
    for path in ("/", f"/@{artist.handle}", "/operator", "/api/v1/health", "/nothing"):
        headers = (await visitor.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert (await visitor.get("/operator")).headers["cache-control"] == "no-store"
