"""HTTP to addresses that people type in: the public network only, whatever a name resolves to.

Every name is resolved here, and the connection goes to the very address that was judged, so that
a name which leads elsewhere the second time it is asked gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from functools import cache
from ssl import SSLContext
from urllib.request import getproxies

import httpx

from domain.errors import InvalidInput
from runtime.outbound import may_call

Resolve = Callable[[str], Awaitable[list[str]]]


async def resolve_host(host: str) -> list[str]:
    """The addresses behind a name; none where it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def plain_address(address: str, *, loopback: bool = False, field: str = "server") -> str:
    """`https://host[:port]` of what somebody typed; with `loopback` also http on this machine.

    Raises `InvalidInput` naming `field`.
    """
    text = address.strip().rstrip("/")
    try:
        url = httpx.URL(text if "://" in text else f"https://{text}")
    except httpx.InvalidURL as error:
        raise InvalidInput(f"this is no address: {error}", field=field) from error
    if not url.host or url.path not in ("", "/") or url.userinfo or url.query or url.fragment:
        raise InvalidInput(
            "an address of a server is a name and nothing behind it",
            field=field,
            remedy="Give it as https://example.org.",
        )
    if loopback and _here(url.host) and url.scheme in ("http", "https"):
        return str(url).rstrip("/")
    if url.scheme != "https":
        raise InvalidInput(
            "only https will do", field=field, remedy=f"Use https://{url.netloc.decode()}"
        )
    if _number(url.host) is not None and not _public(url.host):
        raise _inside(url.host, field)
    return str(url).rstrip("/")


class PublicOnly(httpx.AsyncBaseTransport):
    """Connects to public addresses only; with `loopback` also to this machine.

    Where a proxy is set, the proxy resolves names and guards its own network.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolve: Resolve = resolve_host,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        proxy = getproxies().get("https")
        self._direct = inner or httpx.AsyncHTTPTransport(verify=_trusted())
        self._proxied = None
        if proxy and not inner:
            self._proxied = httpx.AsyncHTTPTransport(proxy=proxy, verify=_trusted())
        self._loopback = loopback
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to an address that may be reached; raises `InvalidInput` otherwise."""
        host = request.url.host
        here = self._loopback and _here(host)
        if self._proxied is not None and not here:
            if _number(host) is not None and not _public(host):
                raise _inside(host, "server")
            return await self._proxied.handle_async_request(request)
        found = [host] if _number(host) is not None else await self._resolve(host)
        if not found:
            raise httpx.ConnectError(f"the name {host} cannot be resolved", request=request)
        allowed = [one for one in found if (_loops(one) if here else _public(one))]
        if len(allowed) != len(found):
            raise _inside(host, "server")
        return await self._connect(request, allowed)

    async def aclose(self) -> None:
        """Let connections go."""
        await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()

    async def _connect(self, request: httpx.Request, addresses: list[str]) -> httpx.Response:
        host, last = request.url.host, len(addresses) - 1
        # The certificate is still checked against the name.
        request.extensions = {**request.extensions, "sni_hostname": host}
        plain = request.url
        for number, address in enumerate(addresses):
            request.url = plain.copy_with(host=address)
            try:
                return await self._direct.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == last:
                    raise
        raise AssertionError("the last address either answers or raises")


@cache
def _trusted() -> SSLContext:
    """Whose certificates are believed: read once a process, not anew for every request."""
    return httpx.create_ssl_context()


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _public(host: str) -> bool:
    return _number(host) is not None and may_call(host.strip("[]"), private=False)


def _loops(host: str) -> bool:
    number = _number(host)
    inner = getattr(number, "ipv4_mapped", None) or number
    return inner is not None and inner.is_loopback


def _here(host: str) -> bool:
    return host == "localhost" or _loops(host)


def _inside(host: str, field: str) -> InvalidInput:
    return InvalidInput(
        f"{host} leads into a private network",
        field=field,
        remedy="Give the address of a server that everybody can reach.",
    )
