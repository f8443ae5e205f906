"""HTTP as vendors speak it: refusals as the error family, and what a silence may mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from domain.errors import (
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
    ProviderNoCredit,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)

Json = dict[str, Any]  # bodies of other people's APIs; read by key, never trusted
Explain = Callable[[httpx.Response, ProviderError], ProviderError]

# The connection was never made, so the vendor cannot have heard us.
NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# A gateway in front answered, and what stands behind it may have heard us.
GATEWAY_GAVE_UP = frozenset({408, 502, 504, 520, 522, 523, 524})
# The server broke down, which may be after it made and billed a song in the same request.
BROKE_DOWN = frozenset({500, 503})
# Patterns that overrule any proxy the environment names.
DIRECT: Mapping[str, httpx.AsyncBaseTransport | None] = {
    "http://": None,
    "https://": None,
    "all://": None,
}
ERROR_NAMES = ("status", "code", "type", "name")
SEND_TIMEOUT = httpx.Timeout(60.0, connect=15.0)
QUOTED_CHARS = 300


def keep_family(response: httpx.Response, error: ProviderError) -> ProviderError:
    """Leave a refusal as its status says."""
    return error


@dataclass(frozen=True)
class Line:
    """How one vendor is reached; every answer but success is raised as an error.

    Redirects are not followed: a POST sent on may be a POST sent twice. `direct` is for servers of
    one's own, which no proxy stands before; `transport` is for tests.
    """

    vendor: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    explain: Explain = keep_family
    transport: httpx.AsyncBaseTransport | None = None
    direct: bool = False

    def open(
        self,
        timeout: httpx.Timeout = SEND_TIMEOUT,
        kind: type[httpx.AsyncClient] = httpx.AsyncClient,
    ) -> httpx.AsyncClient:
        """A client for a few requests."""
        return kind(
            base_url=self.base_url,
            headers=dict(self.headers),
            timeout=timeout,
            transport=self.transport,
            mounts=DIRECT if self.direct else None,
            follow_redirects=False,
            event_hooks={"response": [self._judge]},
        )

    async def _judge(self, response: httpx.Response) -> None:
        if not response.is_success:
            await response.aread()
            raise self.explain(response, refusal(self.vendor, response))


def refusal(vendor: str, response: httpx.Response) -> ProviderError:
    """The error family by HTTP status, with the vendor's own words."""
    status = response.status_code
    said = f"{vendor} answers {status}: {words_of(response)}"
    facts: Json = {"status": status}
    if status in (401, 403):
        return ProviderAuth(said, remedy=f"Enter a valid key for {vendor}.", **facts)
    if status == 402:
        return ProviderNoCredit(said, remedy=f"Add credit to the {vendor} account.", **facts)
    if status == 429:
        facts["retry_after_s"] = retry_after_s(response.headers)
        return ProviderRateLimited(said, **facts)
    if status >= 500 or status == 408:
        facts["named"] = name_of_error(response)
        return ProviderUnavailable(said, remedy="Try again later.", **facts)
    if status >= 400:
        return ProviderInputInvalid(said, **facts)
    return ProviderError(said, remedy=f"Check the address of {vendor}.", **facts)


def words_of(response: httpx.Response) -> str:
    """What a refusal says, in short: the usual fields of JSON, or what kind of page it is."""
    if "html" in response.headers.get("content-type", ""):
        return "a web page"
    try:
        body = response.json()
    except ValueError:
        return response.text[:QUOTED_CHARS] or "nothing"
    return _said(body)[:QUOTED_CHARS] or response.text[:QUOTED_CHARS]


def _said(body: object) -> str:
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, (_said(item) for item in body)))
    if isinstance(body, dict):
        for name in ("message", "detail", "msg", "error", "errors", "title"):
            if body.get(name):
                return _said(body[name])
    return ""


def name_of_error(response: httpx.Response) -> str:
    """The name a vendor's own body gives its error; empty for a page or a gateway's mere words."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    places = [body, body.get("error"), body.get("detail")]
    told = [place.get(k) for place in places if isinstance(place, dict) for k in ERROR_NAMES]
    return next((name for name in told if isinstance(name, str) and name), "")


def retry_after_s(headers: httpx.Headers) -> float | None:
    """Seconds to wait by the Retry-After header, which counts seconds or names a date."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def json_of(vendor: str, response: httpx.Response) -> Json:
    """The JSON object an answer holds; `facts["unreadable"]` marks an answer that holds none."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise unreadable(vendor, words_of(response))
    return body


def unreadable(vendor: str, instead: str) -> ProviderError:
    """The error for an answer that is not what the vendor's description says."""
    return ProviderError(
        f"{vendor} answered with {instead} instead of data",
        remedy=f"Check the address of {vendor} and what stands between.",
        unreadable=True,
    )


@asynccontextmanager
async def sending(
    vendor: str, *, billed: bool = True, at_once: bool = False
) -> AsyncIterator[None]:
    """Around the one request that begins a job: what may have arrived is a `ProviderTimeout`.

    Where the song is made within the request (`at_once`), so is a breakdown that the vendor gives
    no name of its own.
    """
    try:
        yield
    except NEVER_LEFT as error:
        raise _unreachable(vendor, error) from error
    except httpx.RequestError as error:
        raise unknown(vendor, f"the answer was lost ({type(error).__name__})") from error
    except ProviderError as error:
        status = error.facts.get("status")
        broke_down = at_once and status in BROKE_DOWN and not error.facts.get("named")
        lost = status in GATEWAY_GAVE_UP or broke_down
        if billed and (lost or error.facts.get("unreadable")):
            raise unknown(vendor, error.message) from error
        raise


@asynccontextmanager
async def asking(vendor: str) -> AsyncIterator[None]:
    """Around requests that cost nothing and may be repeated."""
    try:
        yield
    except NEVER_LEFT as error:
        raise _unreachable(vendor, error) from error
    except httpx.RequestError as error:
        raise ProviderUnavailable(
            f"the connection to {vendor} broke ({type(error).__name__})",
            remedy="Try again: asking costs nothing.",
        ) from error


def unknown(vendor: str, why: str) -> ProviderTimeout:
    """The error for a job that may exist and may be billed."""
    return ProviderTimeout(
        f"nobody knows what became of the job at {vendor}: {why}",
        remedy=f"Look it up at {vendor} before sending it again.",
    )


def _unreachable(vendor: str, error: Exception) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{vendor} cannot be reached ({type(error).__name__})",
        remedy="Check the network and the address.",
    )
