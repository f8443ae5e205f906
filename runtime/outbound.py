"""Posts to addresses that people gave, and never into the network that the label stands in.

A name is resolved here, every address it has is checked, and the connection goes to a checked
one: a name that changes its mind between check and call gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ssl import SSLContext

import httpx

from domain.errors import InvalidInput, ProviderUnavailable
from runtime.version import VERSION

ANSWER_MAX_BYTES = 4096
TIMEOUT_S = 10.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Reply:
    """What the other side said."""

    status: int
    text: str
    took_s: float
    retry_after_s: float | None = None


class Outbound:
    """Sends one request at a time to strangers, within limits of time and size.

    With `private` set, addresses of one's own network are allowed too, also over plain http.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        timeout_s: float = TIMEOUT_S,
        resolve: Resolve | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._private = private
        self._timeout_s = timeout_s
        self._resolve = resolve or _resolve
        self._tls = tls
        self._opened: httpx.AsyncClient | None = None

    async def check(self, url: str) -> None:
        """Look without calling.

        Raises `InvalidInput` for an address that may not be called, `ProviderUnavailable` for
        a name that leads nowhere at the moment.
        """
        await self._checked(httpx.URL(url))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send, and read what is said; raises as `check` does, and when no answer comes."""
        parts = httpx.URL(url)
        address = await self._checked(parts)
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                status, text, answered = await self._send(parts, address, body, headers)
        except TimeoutError as error:
            raise ProviderUnavailable(f"no answer within {self._timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise ProviderUnavailable(_why(error)) from error
        return Reply(
            status=status,
            text=text,
            took_s=time.monotonic() - started,
            retry_after_s=_retry_after_s(answered.get("retry-after"), datetime.now(UTC)),
        )

    async def aclose(self) -> None:
        """Close what is open."""
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None

    @property
    def _client(self) -> httpx.AsyncClient:
        """Made at first use: most processes never call anybody, and certificates take time."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                follow_redirects=False,
                trust_env=False,
                timeout=self._timeout_s,
                verify=True if self._tls is None else self._tls,
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return self._opened

    async def _send(
        self, parts: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str, httpx.Headers]:
        request = self._client.build_request(
            "POST",
            parts.copy_with(host=address),
            content=body,
            headers={
                "User-Agent": f"Greenroom/{VERSION}",
                **headers,
                "Host": parts.netloc.decode("ascii"),
            },
            # The certificate must still be that of the name.
            extensions={"sni_hostname": parts.raw_host.decode("ascii")},
        )
        answer = await self._client.send(request, stream=True)
        try:
            return answer.status_code, await _head(answer), answer.headers
        finally:
            await answer.aclose()

    async def _checked(self, parts: httpx.URL) -> str:
        """One address of the host, all of whose addresses may be called."""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = await self._resolve(parts.host, port)
        except OSError as error:
            raise _leads_nowhere(parts.host) from error
        if not found:
            raise _leads_nowhere(parts.host)
        if not all(may_call(address, private=self._private) for address in found):
            raise InvalidInput(
                f"{parts.host} leads into a private network",
                field="url",
                remedy="Use a public address, or set GREENROOM_WEBHOOK_PRIVATE if it is your own.",
            )
        if parts.scheme != "https" and any(may_call(a, private=False) for a in found):
            raise InvalidInput(
                "an address without https is open to everybody on the way",
                field="url",
                remedy="Use https; plain http is for your own network.",
            )
        return found[0]


def may_call(address: str, *, private: bool) -> bool:
    """Whether an IP address is public; with `private`, whether it is a usual one of one's own."""
    bare = ipaddress.ip_address(address.partition("%")[0])
    return all(_may(each, private) for each in (bare, *_inside(bare)))


def _may(address: Address, private: bool) -> bool:
    if address.is_global and not address.is_multicast:
        return True
    # Link-local addresses give out the secrets of cloud machines: nobody's webhook is there.
    never = address.is_link_local or address.is_multicast or address.is_unspecified
    return private and not never and (address.is_private or address.is_loopback)


def _inside(address: Address) -> list[Address]:
    """IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    found += list(address.teredo or ())
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]


async def _resolve(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _leads_nowhere(host: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"the name {host} is not known",
        field="url",
        remedy="Check the spelling; if it is right, try again once the name can be found.",
    )


async def _head(answer: httpx.Response) -> str:
    """The first bytes of the body as text; the rest is not read."""
    kept = bytearray()
    async for piece in answer.aiter_raw():
        kept += piece
        if len(kept) >= ANSWER_MAX_BYTES:
            break
    return bytes(kept[:ANSWER_MAX_BYTES]).decode("utf-8", "replace")


def _why(error: httpx.HTTPError) -> str:
    """In words of ours: the library's may name addresses behind a name."""
    if isinstance(error, httpx.ConnectError):
        return "it could not be reached"
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    return f"the call broke off ({type(error).__name__})"


def _retry_after_s(value: str | None, now: datetime) -> float | None:
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
