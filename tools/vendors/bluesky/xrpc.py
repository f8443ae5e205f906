"""XRPC, the AT Protocol's way over HTTP: refusals as the error family, silence as what it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from domain.errors import (
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from runtime.public_http import PublicOnly
from tools.vendors.transport import (
    NEVER_LEFT,
    json_of,
    retry_after_s,
    unreadable,
    words_of,
)

Json = dict[str, Any]  # bodies as the network's lexicons describe them; read by key
TITLE = "Bluesky"
ASK_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
SEND_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
# For the whole of a request: the time-outs above begin anew with every byte that drips in.
ASK_WITHIN_S = 60.0
SEND_WITHIN_S = 120.0
STALE = frozenset({"ExpiredToken", "InvalidToken"})
SHUT = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated", "RepoTakendown"})
MOST_RATE_LIMIT_S = 24 * 3600.0


@dataclass(frozen=True)
class Xrpc:
    """One server. `transport` is for tests; without it only public addresses are reached."""

    server: str
    loopback: bool = False
    transport: httpx.AsyncBaseTransport | None = None

    async def ask(
        self, name: str, params: Json | None = None, token: SecretStr | None = None
    ) -> Json:
        """A query, or anything else that may be repeated; silence is `ProviderUnavailable`."""
        async with _asking(), self._open(ASK_TIMEOUT) as client:
            return _judged(await client.get(_path(name), params=params, headers=_auth(token)))

    async def tell(
        self, name: str, body: Json | None = None, token: SecretStr | None = None
    ) -> Json:
        """A procedure that shows nothing to anybody and may be repeated."""
        async with _asking(), self._open(ASK_TIMEOUT) as client:
            return _judged(await client.post(_path(name), json=body, headers=_auth(token)))

    async def upload(self, content: bytes, media_type: str, token: SecretStr) -> Json:
        """Send a file; the same bytes again are the same file."""
        headers = {**_auth(token), "Content-Type": media_type}
        path = _path("com.atproto.repo.uploadBlob")
        async with _asking(), self._open(SEND_TIMEOUT) as client:
            return _judged(await client.post(path, content=content, headers=headers))

    async def send(self, name: str, body: Json, token: SecretStr) -> Json:
        """Do something that people see; what may have arrived is `ProviderTimeout`."""
        async with _sending(), self._open(SEND_TIMEOUT) as client:
            return _judged(await client.post(_path(name), json=body, headers=_auth(token)))

    def _open(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.server,
            timeout=timeout,
            transport=self.transport or PublicOnly(loopback=self.loopback),
            follow_redirects=False,
        )


@contextmanager
def reading() -> Iterator[None]:
    """Around taking an answer apart: one that does not hold what it should is unreadable."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise unreadable(TITLE, "something else") from error


def _path(name: str) -> str:
    return f"/xrpc/{name}"


def _auth(token: SecretStr | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.get_secret_value()}"} if token is not None else {}


def _judged(response: httpx.Response) -> Json:
    if response.is_success:
        return json_of(TITLE, response) if response.content else {}
    raise _refusal(response)


def _refusal(response: httpx.Response) -> ProviderError:
    """The error family by status and by the name the protocol gives an error."""
    status, name = response.status_code, _name(response)
    said = f"{TITLE} answers {status}: {words_of(response)}"
    facts: Json = {"status": status, "error": name}
    if name in STALE:
        return ProviderAuth(said, expired=True, remedy="Connect the channel again.", **facts)
    if name in SHUT:
        return ProviderAuth(said, remedy="Look at the account on the network itself.", **facts)
    if status in (401, 403):
        return ProviderAuth(said, remedy="Check the name and the app password.", **facts)
    if status == 429:
        return ProviderRateLimited(said, retry_after_s=_wait_s(response.headers), **facts)
    if status == 451:
        return PolicyRejected(said, **facts)
    if status >= 500 or status == 408:
        return ProviderUnavailable(said, remedy="Try again later.", **facts)
    if status >= 400:
        return ProviderInputInvalid(said, **facts)
    return ProviderError(said, remedy="Check the address of the server.", **facts)


def _name(response: httpx.Response) -> str:
    """The protocol's name of an error; empty for the words of a gateway in front."""
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("error") or "") if isinstance(body, dict) else ""


def _wait_s(headers: httpx.Headers) -> float | None:
    """How long to wait: Retry-After, else the second at which the limit is lifted."""
    wait = retry_after_s(headers)
    reset = headers.get("ratelimit-reset", "")
    if wait is None and reset.isdigit():
        wait = max(0.0, int(reset) - time.time())
    return None if wait is None else min(wait, MOST_RATE_LIMIT_S)


@asynccontextmanager
async def _asking() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(ASK_WITHIN_S):
            yield
    except (httpx.RequestError, TimeoutError) as error:
        raise _unreachable(error) from error


@asynccontextmanager
async def _sending() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(SEND_WITHIN_S):
            yield
    except NEVER_LEFT as error:
        raise _unreachable(error) from error
    except (httpx.RequestError, TimeoutError) as error:
        raise _unknown(f"the answer was lost ({type(error).__name__})") from error
    except ProviderUnavailable as error:
        raise _unknown(error.message) from error
    except ProviderError as error:
        if error.facts.get("unreadable"):
            raise _unknown(error.message) from error
        raise


def _unreachable(error: Exception) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{TITLE} cannot be reached ({type(error).__name__})",
        remedy="Check the network and the server's address.",
    )


def unheard(error: ProviderError) -> ProviderTimeout:
    """What an unreadable answer says of a post that was sent."""
    return _unknown(error.message)


def _unknown(why: str) -> ProviderTimeout:
    return ProviderTimeout(
        f"it is not known whether {TITLE} took the post: {why}",
        remedy="It is looked up and sent again under the same key by itself.",
    )
