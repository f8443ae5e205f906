from __future__ import annotations

import ssl

import httpx
import pytest

from domain.errors import InvalidInput
from runtime.public_http import PublicOnly, plain_address


class Line(httpx.AsyncBaseTransport):
    """Notes where connections would go."""

    def __init__(self) -> None:
        self.went: list[tuple[str, str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sni = str(request.extensions.get("sni_hostname"))
        self.went.append((request.url.host, request.headers["host"], sni))
        return httpx.Response(200)


def resolving(*addresses: str) -> tuple[Line, PublicOnly]:
    async def resolve(host: str) -> list[str]:
        return list(addresses)

    line = Line()
    return line, PublicOnly(resolve=resolve, inner=line)


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    line, transport = resolving("93.184.215.14")
    async with httpx.AsyncClient(transport=transport) as client:
        await client.get("https://pds.example/x")
    assert line.went == [("93.184.215.14", "pds.example", "pds.example")]


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.1.2.3",),
        ("169.254.169.254",),
        ("::1",),
        ("::ffff:127.0.0.1",),
        ("0.0.0.0",),
        ("93.184.215.14", "192.168.0.9"),
    ],
)
async def test_a_name_that_leads_inside_is_refused(addresses: tuple[str, ...]) -> None:
    line, transport = resolving(*addresses)
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(InvalidInput):
            await client.get("https://pds.example/x")
    assert line.went == []


async def test_a_name_without_an_address_is_no_connection() -> None:
    _, transport = resolving()
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://pds.example/x")


def test_certificates_are_read_once_for_all_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    PublicOnly()

    def again(**_: object) -> ssl.SSLContext:
        raise AssertionError("they were read again")

    monkeypatch.setattr(ssl, "create_default_context", again)
    PublicOnly()
    PublicOnly(loopback=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_this_machine_is_reached_only_where_it_is_allowed(host: str) -> None:
    async def resolve(name: str) -> list[str]:
        return ["127.0.0.1"]

    line = Line()
    allowed = PublicOnly(loopback=True, resolve=resolve, inner=line)
    async with httpx.AsyncClient(transport=allowed) as client:
        await client.get(f"http://{host}:80/x")
    assert len(line.went) == 1
    refused = PublicOnly(resolve=resolve, inner=line)
    async with httpx.AsyncClient(transport=refused) as client:
        with pytest.raises(InvalidInput):
            await client.get(f"http://{host}:80/x")
    assert len(line.went) == 1


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("bsky.social", "https://bsky.social"),
        (" https://pds.example:8443/ ", "https://pds.example:8443"),
        ("HTTPS://PDS.example", "https://pds.example"),
    ],
)
def test_addresses_have_one_form(typed: str, address: str) -> None:
    assert plain_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://pds.example",
        "ftp://pds.example",
        "https://user:word@pds.example",
        "https://pds.example/path",
        "https://pds.example?x=1",
        "http://127.0.0.1:2583",
        "https://192.168.1.1",
        "https://[::1]",
    ],
)
def test_what_is_no_public_server_is_refused_by_name(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain_address(typed)
    assert refused.value.field == "server"


def test_loopback_is_taken_where_it_is_allowed() -> None:
    assert plain_address("http://127.0.0.1:2583", loopback=True) == "http://127.0.0.1:2583"
    with pytest.raises(InvalidInput):
        plain_address("http://10.0.0.1", loopback=True)
