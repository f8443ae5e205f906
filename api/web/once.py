"""Forms that a person may send twice, by a double click or by going back: they are done once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping

from api.context import ApiContext
from domain.actor import Actor
from domain.errors import GreenroomError, RequestInFlight
from domain.kept_request import Answer, Asked, KeptRequest

SEE_OTHER = 303
ASK_AGAIN_S, TRIES = 0.25, 40


async def once(
    context: ApiContext,
    actor: Actor,
    key: str,
    sent: Mapping[str, str],
    act: Callable[[], Awaitable[str]],
) -> str:
    """Where `act` leads to; the same words under the key of the same form lead there again.

    A form without a key is done each time. What is refused did nothing and may be sent again.
    """
    if not key:
        return await act()
    words = json.dumps(sent, sort_keys=True).encode()
    asked = Asked(
        # Whoever goes back and writes something else means something else.
        key=f"{key} {hashlib.sha256(words).hexdigest()}",
        actor=f"{actor.kind}:{actor.id}",
        operation="form",
        content=words,
    )
    found = await _begun(context, asked)
    if isinstance(found, Answer):
        return found.headers["location"]
    try:
        where = await act()
    except GreenroomError:
        await context.kept_requests.refused(found)
        raise
    except Exception:
        await context.kept_requests.broken(found)
        raise
    answer = Answer(status=SEE_OTHER, headers={"location": where}, body=b"")
    await context.kept_requests.answered(asked, found, answer)
    return where


async def _begun(context: ApiContext, asked: Asked) -> KeptRequest | Answer:
    """The second click waits for what becomes of the first."""
    for _ in range(TRIES):
        try:
            return await context.kept_requests.begin(asked)
        except RequestInFlight:
            await asyncio.sleep(ASK_AGAIN_S)
    return await context.kept_requests.begin(asked)
