"""Sessions: signed in by app password, renewed by their second token, renewed in good time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import SecretStr

from domain.errors import ProviderAuth
from domain.ports.network import Credentials, Session, Sessions
from tools.vendors.bluesky.xrpc import Json, Xrpc, reading

Result = TypeVar("Result")


async def sign_in(server: Xrpc, credentials: Credentials) -> tuple[Session, Json]:
    """A new session by password, with what the server says of the account."""
    body = {
        "identifier": credentials.identifier,
        "password": credentials.password.get_secret_value(),
    }
    answer = await server.tell("com.atproto.server.createSession", body)
    return _session(answer), answer


async def renewed(server: Xrpc, credentials: Credentials) -> Session:
    """The next session: by the refresh token where one is kept and taken, else by password."""
    if credentials.session is not None:
        try:
            answer = await server.tell(
                "com.atproto.server.refreshSession", token=credentials.session.refresh
            )
            return _session(answer)
        except ProviderAuth:
            pass  # It lay too long or was used up: the password still stands.
    return (await sign_in(server, credentials))[0]


async def signed(
    server: Xrpc, sessions: Sessions, call: Callable[[SecretStr], Awaitable[Result]]
) -> Result:
    """Make a call with the account's token; one that ran out is renewed once."""

    async def make(credentials: Credentials) -> Session:
        return await renewed(server, credentials)

    session = await sessions.current() or await sessions.renew(None, make)
    try:
        return await call(session.access)
    except ProviderAuth as error:
        if not error.facts.get("expired"):
            raise
    session = await sessions.renew(session, make)
    return await call(session.access)


def _session(answer: Json) -> Session:
    with reading():
        return Session(
            access=SecretStr(answer["accessJwt"]), refresh=SecretStr(answer["refreshJwt"])
        )
