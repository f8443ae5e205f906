"""Where a request comes from: this machine, and whether one of our own pages sent it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from api.context import ApiContext, IPNetwork
from domain.errors import Forbidden
from services.people_base import Place

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
# The first that fits names a browser or a system, for people who look at their sessions.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def from_this_machine(request: HTTPConnection, near: Sequence[IPNetwork] = ()) -> bool:
    """Tell whether the client is on this machine and calls it by a local name, with no proxy.

    Clients in the networks `near` count as on this machine: what reaches a container from its
    own host comes from such an address.
    """
    host = request.client.host if request.client else ""
    local_name = (request.url.hostname or "").strip("[]")
    return (
        (_is_loopback(host) or _is_in(host, near))
        and (local_name == "localhost" or _is_loopback(local_name))
        and not any(name in request.headers for name in FORWARDED)
    )


def must_be_local(request: HTTPConnection, context: ApiContext) -> None:
    """Raise `Forbidden` for clients elsewhere."""
    if not from_this_machine(request, context.operator_networks):
        raise Forbidden(
            "the start token opens pages on the machine that runs the label only",
            remedy="Sign in by name, or open the printed address there; ssh -L forwards the port.",
        )


def must_be_our_page(request: HTTPConnection, context: ApiContext) -> None:
    """Raise `Forbidden` unless one of our own pages sent this.

    Browsers tell where a form comes from in `Sec-Fetch-Site`, older ones in `Origin`, and pages
    cannot forge either. A request with neither comes from no browser form and is refused too.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        ours = site == "same-origin"
    else:
        known = {request.headers.get("host", ""), urlsplit(context.public_url()).netloc}
        ours = origin is not None and urlsplit(origin).netloc in known
    if not ours:
        raise Forbidden(
            "this request did not come from our own page",
            remedy="Open the page itself and try again.",
        )


def is_https(request: HTTPConnection) -> bool:
    """Whether the browser speaks https, to us or to a proxy before us."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))


def place_of(request: HTTPConnection) -> Place:
    """The address, and which browser on which system."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    words = f"{browser} on {system}" if browser and system else browser or system
    address = request.client.host if request.client else "unknown"
    return Place(address, words or agent.split("/")[0][:40])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_in(host: str, networks: Sequence[IPNetwork]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
