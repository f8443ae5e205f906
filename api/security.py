"""Who asks, as routes name it: a person or program, a visitor; and whether our page sent a form.

A route takes `Operator` (key, start token or session), a page `LocalOperator` (session, or the
start token's cookie on this machine). Cookies count for writes only from our own pages, and every
write is in the audit log before the route begins.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from api.auditing import begin_audit, is_write
from api.callers import (
    Caller,
    caller_by_bearer,
    caller_by_cookie,
    operator_cookie_name,
    operator_cookie_value,
    same,
)
from api.context import ApiContext, Context
from api.origin import from_this_machine, is_https, must_be_local, must_be_our_page
from domain.actor import Actor, visitor_actor
from domain.errors import Forbidden, Unauthenticated
from domain.ids import new_id

__all__ = [
    "Asking",
    "Bearer",
    "FromOurPage",
    "LocalAsking",
    "LocalOperator",
    "Operator",
    "Visitor",
    "asking",
    "bearer_is_valid",
    "from_this_machine",
    "known_visitor",
    "must_be_local",
    "operator_by_cookie",
    "operator_cookie_name",
    "operator_cookie_value",
    "remember_visitor",
    "same",
    "visitor_of",
]
VISITOR_COOKIE = "greenroom_visitor"
VISITOR_DAYS = 365
_VISITOR = re.compile(r"visitor_[0-9a-z]{26}")
_bearer = HTTPBearer(
    auto_error=False, description="A key that a person of the label made, or the start token."
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def bearer_is_valid(context: ApiContext, found: HTTPAuthorizationCredentials | None) -> bool:
    """Tell whether the request carries the start token."""
    return found is not None and same(found.credentials, context.token)


async def asking(request: Request, context: ApiContext, bearer: str | None) -> Caller:
    """Whoever asks, or `Unauthenticated`; a write is in the audit log from here on."""
    known = getattr(request.state, "caller", None)
    if isinstance(known, Caller):
        return known
    if bearer is not None:
        caller = await caller_by_bearer(context, bearer)
    else:
        caller = await caller_by_cookie(request, context)
    if caller is None:
        await _keep_typed(request, context)
        raise _nobody(request)
    if is_write(request):
        if caller.by_cookie:
            must_be_our_page(request, context)
        await begin_audit(request, context.people.audit, caller)
    request.state.caller = caller
    return caller


async def asking_by_any(request: Request, context: Context, found: Bearer) -> Caller:
    """Somebody by key, token or session, or `Unauthenticated`."""
    return await asking(request, context, None if found is None else found.credentials)


async def operator_by_any(caller: Annotated[Caller, Depends(asking_by_any)]) -> Actor:
    """The same as services know them."""
    return caller.actor


async def asking_by_cookie(request: Request, context: Context) -> Caller:
    """The person at a browser, or `Unauthenticated`, or `Forbidden`."""
    return await asking(request, context, None)


async def operator_by_cookie(request: Request, context: Context) -> Actor:
    """The same as services know them."""
    return (await asking_by_cookie(request, context)).actor


Asking = Annotated[Caller, Depends(asking_by_any)]
LocalAsking = Annotated[Caller, Depends(asking_by_cookie)]
Operator = Annotated[Actor, Depends(operator_by_any)]
LocalOperator = Annotated[Actor, Depends(operator_by_cookie)]


async def from_our_page(request: Request, context: Context) -> None:
    """Raise `Forbidden` unless one of our own pages sent this."""
    must_be_our_page(request, context)


FromOurPage = Depends(from_our_page)


async def _keep_typed(request: Request, context: ApiContext) -> None:
    """Keep a form of our own page for the page that asks its person to sign in again."""
    form = "form" in request.headers.get("content-type", "")
    if not form or not request.url.path.startswith("/operator"):
        return
    with suppress(Forbidden):
        must_be_our_page(request, context)
        sent = (await request.form()).multi_items()
        request.state.typed = [(name, v) for name, v in sent if isinstance(v, str)]


def _nobody(request: Request) -> Unauthenticated:
    if request.url.path.startswith("/operator"):
        return Unauthenticated(
            "this page is for people of the label",
            remedy="Sign in, or open the address that “greenroom serve” printed on its machine.",
        )
    return Unauthenticated(
        "this needs a key or the label's token",
        remedy="Send `Authorization: Bearer KEY` with a key that a person made, or with the token "
        "in the file `secrets/start-token` of the label's home.",
    )


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
        secure=is_https(request),
    )
    return response
