"""Forms that a person may send twice, by a double click or by going back: they are done once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api.context import ApiContext
from domain.actor import Actor
from domain.errors import GreenroomError, RequestInFlight
from domain.kept_request import Answer, Asked, KeptRequest

FIELD = "once"
KEY_MAX_CHARS = 64
ASK_AGAIN_S, TRIES = 0.25, 40
_TELLING = ("content-type", "location")


@dataclass(frozen=True)
class SentForm:
    """The key that came with a form (empty: none), and all its words."""

    key: str
    words: bytes


async def sent_form(request: Request) -> SentForm:
    """The form of this request."""
    fields = (await request.form()).multi_items()
    keys = [value for name, value in fields if name == FIELD and isinstance(value, str)]
    words = json.dumps([[name, str(value)] for name, value in fields]).encode()
    return SentForm(key=keys[0][:KEY_MAX_CHARS] if keys else "", words=words)


Sent = Annotated[SentForm, Depends(sent_form)]


async def once(
    context: ApiContext, actor: Actor, sent: SentForm, act: Callable[[], Awaitable[Response]]
) -> Response:
    """What `act` answers; the same words under the key of the same form are answered the same.

    A form without a key is done each time. What is refused did nothing and may be sent again.
    """
    if not sent.key:
        return await act()
    asked = Asked(
        # Whoever goes back and writes something else means something else.
        key=f"{sent.key} {hashlib.sha256(sent.words).hexdigest()}",
        actor=f"{actor.kind}:{actor.id}",
        operation="form",
        content=sent.words,
    )
    found = await _begun(context, asked)
    if isinstance(found, Answer):
        return Response(found.body, found.status, headers=dict(found.headers))
    try:
        response = await act()
    except GreenroomError:
        await context.kept_requests.refused(found)
        raise
    except Exception:
        await context.kept_requests.broken(found)
        raise
    telling = {name: response.headers[name] for name in _TELLING if name in response.headers}
    body = bytes(response.body)
    await context.kept_requests.answered(
        asked, found, Answer(status=response.status_code, headers=telling, body=body)
    )
    return response


async def _begun(context: ApiContext, asked: Asked) -> KeptRequest | Answer:
    """The second click waits for what becomes of the first."""
    for _ in range(TRIES):
        try:
            return await context.kept_requests.begin(asked)
        except RequestInFlight:
            await asyncio.sleep(ASK_AGAIN_S)
    return await context.kept_requests.begin(asked)
