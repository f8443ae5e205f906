"""Who asks: the operator by token, a visitor by cookie; and whether our own page sent a form."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.context import ApiContext, Context, IPNetwork
from domain.actor import OPERATOR, Actor, visitor_actor
from domain.errors import Forbidden, Unauthenticated
from domain.ids import new_id

VISITOR_COOKIE = "greenroom_visitor"
VISITOR_DAYS = 365
_VISITOR = re.compile(r"visitor_[0-9a-z]{26}")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_bearer = HTTPBearer(auto_error=False, description="The label's start token.")


def same(given: str, wanted: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def bearer_is_valid(context: ApiContext, found: HTTPAuthorizationCredentials | None) -> bool:
    """Tell whether the request carries the start token."""
    return found is not None and same(found.credentials, context.token)


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def operator_by_token(context: Context, found: Bearer) -> Actor:
    """The operator, or `Unauthenticated`."""
    if not bearer_is_valid(context, found):
        raise Unauthenticated(
            "this needs the label's token",
            remedy="Send `Authorization: Bearer TOKEN`; the token is in the file "
            "`secrets/start-token` of the label's home.",
        )
    return OPERATOR


Operator = Annotated[Actor, Depends(operator_by_token)]


def operator_cookie_name(token: str) -> str:
    """One name a label: browsers share cookies between ports, and two labels may run here."""
    return f"greenroom_operator_{_derived(token, 'name')[:8]}"


def operator_cookie_value(token: str) -> str:
    """Proves knowledge of the token without being it."""
    return _derived(token, "operator session")


def _derived(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


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
        and not any(name in request.headers for name in _FORWARDED)
    )


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


def must_be_local(request: Request, context: ApiContext) -> None:
    """Raise `Forbidden` for clients elsewhere."""
    if not from_this_machine(request, context.operator_networks):
        raise Forbidden(
            "the operator's pages open on the machine that runs the label only",
            remedy="Open the printed address there, or forward the port by ssh -L.",
        )


async def operator_by_cookie(request: Request, context: Context) -> Actor:
    """The operator at this machine's browser, or `Forbidden`, or `Unauthenticated`."""
    must_be_local(request, context)
    given = request.cookies.get(operator_cookie_name(context.token), "")
    if not same(given, operator_cookie_value(context.token)):
        raise Unauthenticated(
            "this page is for the label's operator",
            remedy="Open the address that “greenroom serve” printed; it signs this browser in.",
        )
    return OPERATOR


LocalOperator = Annotated[Actor, Depends(operator_by_cookie)]


async def from_our_page(request: Request, context: Context) -> None:
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


FromOurPage = Depends(from_our_page)


def known_visitor(request: Request) -> str | None:
    """The id in the visitor's cookie, if it is one of ours in form."""
    found = request.cookies.get(VISITOR_COOKIE, "")
    return found if _VISITOR.fullmatch(found) else None


async def visitor_of(request: Request) -> Actor:
    """The visitor; a new anonymous one where there is no cookie."""
    return visitor_actor(known_visitor(request) or new_id("visitor"))


Visitor = Annotated[Actor, Depends(visitor_of)]


def remember_visitor(request: Request, response: Response, visitor: Actor) -> Response:
    """Keep the anonymous id in the browser; only somebody who does something gets one."""
    response.set_cookie(
        VISITOR_COOKIE,
        visitor.id,
        max_age=VISITOR_DAYS * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response
