"""Who calls: somebody signed in, a program with a key, or whoever holds the start token."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.context import ApiContext
from api.origin import is_https, must_be_local
from domain.actor import OPERATOR, Actor
from domain.audit import LOCAL
from domain.user import KEY_PREFIX, SESSION_MOST, ApiKey, User, UserSession, actor_of, actor_of_key


@dataclass(frozen=True)
class Caller:
    """Somebody known, and how they came in; `user` is None for the start token."""

    actor: Actor
    user: User | None = None
    session: UserSession | None = None
    key: ApiKey | None = None
    by_cookie: bool = False

    @property
    def name(self) -> str:
        """What they sign in with."""
        return LOCAL if self.user is None else self.user.name


def same(given: str, wanted: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())


async def caller_by_bearer(context: ApiContext, secret: str) -> Caller | None:
    """Whoever holds the start token, or a program with a key that works."""
    if same(secret, context.token):
        return Caller(OPERATOR)
    if not secret.startswith(KEY_PREFIX):
        return None
    found = await context.people.keys.by_secret(secret)
    if found is None:
        return None
    owner, key = found
    return Caller(actor_of_key(key, owner), user=owner, key=key)


async def caller_by_cookie(request: HTTPConnection, context: ApiContext) -> Caller | None:
    """Somebody signed in, or the browser at this machine that the start token let in."""
    secret = request.cookies.get(session_cookie_name(request, context))
    found = await context.people.sign_in.by_secret(secret) if secret else None
    if found is not None:
        user, session = found
        return Caller(actor_of(user), user=user, session=session, by_cookie=True)
    given = request.cookies.get(operator_cookie_name(context.token), "")
    if not same(given, operator_cookie_value(context.token)):
        return None
    must_be_local(request, context)
    return Caller(OPERATOR, by_cookie=True)


async def actor_now(context: ApiContext, caller: Caller) -> Actor | None:
    """The same caller with the rights of this moment; None for one that may not come in now."""
    people = context.people
    if caller.key is not None:
        found = await people.keys.standing(caller.key.id)
        return None if found is None else actor_of_key(found[1], found[0])
    if caller.session is not None:
        signed_in = await people.sign_in.standing(caller.session.id)
        return None if signed_in is None else actor_of(signed_in[0])
    return caller.actor


def operator_cookie_name(token: str) -> str:
    """One name a label: browsers share cookies between ports, and two labels may run here."""
    return f"greenroom_operator_{_derived(token, 'name')[:8]}"


def operator_cookie_value(token: str) -> str:
    """Proves knowledge of the token without being it."""
    return _derived(token, "operator session")


def session_cookie_name(request: HTTPConnection, context: ApiContext) -> str:
    """Over https no other host and no plain page can plant a cookie of this name."""
    name = f"greenroom_session_{_derived(context.token, 'name')[:8]}"
    return f"__Host-{name}" if is_https(request) else name


def keep_session(
    request: HTTPConnection, context: ApiContext, response: Response, secret: str
) -> None:
    """Let the browser come back with its session."""
    response.set_cookie(
        session_cookie_name(request, context),
        secret,
        max_age=int(SESSION_MOST.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(request),
    )


def forget_cookies(request: HTTPConnection, context: ApiContext, response: Response) -> None:
    """Sign the browser out; the start token's cookie goes as well."""
    response.delete_cookie(
        session_cookie_name(request, context),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(request),
    )
    for path in ("/", "/operator"):
        response.delete_cookie(operator_cookie_name(context.token), path=path, httponly=True)


def _derived(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()
