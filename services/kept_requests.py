"""Do a request once, however often it is sent under its key.

A key is kept for a day. Its answer is sealed with the key itself, which only the sender has: some
answers hold a secret that is shown once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta
from os import urandom

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter

from domain.actor import Actor
from domain.errors import KeyReused, OutcomeUnknown, RequestInFlight
from domain.ids import new_id
from domain.kept_request import Answer, Asked, KeptRequest, RequestStatus
from services.base import Service

KEPT = timedelta(hours=24)
# No request lasts longer; one that did not end by then was cut off.
LONGEST = timedelta(minutes=5)
ASK_AGAIN_S = 1
_NONCE_BYTES = 12
_PARTS = TypeAdapter(tuple[int, dict[str, str], str])


class KeptRequestService(Service):
    """Use cases of repeated requests."""

    async def begin(self, asked: Asked) -> KeptRequest | Answer:
        """Begin a request, or give the answer it had before.

        Raises `KeyReused` when the key came with another request, `RequestInFlight` while the
        first one has not ended, `OutcomeUnknown` when it ended without an answer that was kept.
        """
        now = self.clock.now()
        fresh = KeptRequest(
            id=new_id("request"),
            created_at=now,
            updated_at=now,
            key_digest=_digest(asked, "which").hex(),
            actor=asked.actor,
            operation=asked.operation,
            fingerprint=_fingerprint(asked),
        )
        async with self.database.unit() as unit:
            known = await unit.kept_requests.begin(fresh)
            await unit.commit()
        return fresh if known is None else self._again(asked, known)

    async def answered(self, asked: Asked, request: KeptRequest, answer: Answer) -> None:
        """Keep what was answered."""
        sealed = _sealed(asked, answer)
        await self._end(request, RequestStatus.ANSWERED, sealed)

    async def unkept(self, request: KeptRequest) -> None:
        """Say that it was answered with what cannot be kept: a stream."""
        await self._end(request, RequestStatus.UNKEPT)

    async def broken(self, request: KeptRequest) -> None:
        """Say that it ended unexpectedly: something of it may have been done."""
        await self._end(request, RequestStatus.BROKEN)

    async def refused(self, request: KeptRequest) -> None:
        """Forget it: it was refused and nothing was done, so its key may come again."""
        async with self.database.unit() as unit:
            await unit.kept_requests.forget(request.id)
            await unit.commit()

    async def prune(self, actor: Actor) -> int:
        """Forget keys that are older than a day; tells how many."""
        actor.must_be("system")
        async with self.database.unit() as unit:
            gone = await unit.kept_requests.prune(self.clock.now() - KEPT)
            await unit.commit()
        return gone

    async def _end(
        self, request: KeptRequest, status: RequestStatus, sealed: str | None = None
    ) -> None:
        ended = request.amend(self.clock.now(), status=status, sealed=sealed)
        async with self.database.unit() as unit:
            await unit.kept_requests.save(ended)
            await unit.commit()

    def _again(self, asked: Asked, known: KeptRequest) -> Answer:
        if known.fingerprint != _fingerprint(asked):
            raise KeyReused(
                "this idempotency key was sent with another request before",
                field="Idempotency-Key",
                remedy="Make a new key for everything new; send the same request with the old one.",
            )
        if known.sealed is not None:
            return _opened(asked, known.sealed)
        if known.status is RequestStatus.BEGUN and self.clock.now() - known.created_at < LONGEST:
            raise RequestInFlight(
                "the first request under this key has not ended",
                remedy="Send it again in a moment, under the same key.",
                retry_after_s=ASK_AGAIN_S,
            )
        raise _unknown(known)


def _unknown(known: KeptRequest) -> OutcomeUnknown:
    why = {
        RequestStatus.UNKEPT: "was answered by a stream, which is not kept",
        RequestStatus.BROKEN: "ended unexpectedly",
    }.get(known.status, "began and never ended")
    return OutcomeUnknown(
        f"the request under this key {why}",
        field="Idempotency-Key",
        remedy="Look what became of it; if nothing did, send it again under a new key.",
        began_at=known.created_at.isoformat(),
    )


def _digest(asked: Asked, purpose: str) -> bytes:
    words = f"greenroom {purpose} {asked.actor}".encode()
    return hmac.digest(asked.key.encode(), words, hashlib.sha256)


def _fingerprint(asked: Asked) -> str:
    """Under the key, so that nobody else can guess at what was sent."""
    content = asked.operation.encode() + b"\n" + asked.content
    return hmac.digest(_digest(asked, "what"), content, hashlib.sha256).hex()


def _sealed(asked: Asked, answer: Answer) -> str:
    parts = [answer.status, dict(answer.headers), b64encode(answer.body).decode()]
    nonce = urandom(_NONCE_BYTES)
    box = AESGCM(_digest(asked, "seal")).encrypt(nonce, json.dumps(parts).encode(), None)
    return b64encode(nonce + box).decode()


def _opened(asked: Asked, sealed: str) -> Answer:
    box = b64decode(sealed)
    plain = AESGCM(_digest(asked, "seal")).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], None)
    status, headers, body = _PARTS.validate_json(plain)
    return Answer(status=status, headers=headers, body=b64decode(body))
