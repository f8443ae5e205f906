"""The label's own stage as a network: real publishing with no account."""

from __future__ import annotations

from datetime import datetime

import regex

from domain.actor import SYSTEM
from domain.errors import InvalidInput
from domain.ports.network import NetworkCapabilities, PublishResult
from domain.post import Payload
from domain.stage import StageEntry
from services.stage import StageService

STAGE = "stage"
GRAPHEMES_MAX = 500
MEDIA_MAX = 4


class StageNetwork:
    """Posts of one label's artists on their own pages."""

    def __init__(self, stage: StageService) -> None:
        self._stage = stage

    @property
    def capabilities(self) -> NetworkCapabilities:
        """Our own limits; a client key makes publishing safe to repeat."""
        return NetworkCapabilities(
            name=STAGE,
            text_max_graphemes=GRAPHEMES_MAX,
            media_max=MEDIA_MAX,
            duplicate_guard="client_key",
            metrics=frozenset({"plays", "likes", "comments"}),
        )

    def validate(self, payload: Payload) -> None:
        """Raise `InvalidInput` naming `text`, `media` or `alt`."""
        length = len(regex.findall(r"\X", payload.text))
        if not 1 <= length <= GRAPHEMES_MAX:
            raise InvalidInput(
                f"the post has {length} characters",
                field="text",
                remedy=f"Write 1 to {GRAPHEMES_MAX}.",
            )
        if len(payload.media) > MEDIA_MAX:
            raise InvalidInput("too many files", field="media", remedy=f"At most {MEDIA_MAX}.")
        if any(not part.alt.strip() for part in payload.media):
            raise InvalidInput(
                "a picture has no alternative text", field="alt", remedy="Say what it shows."
            )

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Shelve the payload under its key; a second time changes nothing."""
        return _result(await self._stage.shelve(SYSTEM, payload, client_key, frozen_at))

    async def find(self, client_key: str) -> PublishResult | None:
        """What stands under the key."""
        entry = await self._stage.entry(client_key)
        return _result(entry) if entry else None

    async def delete(self, remote_id: str) -> None:
        """Take a post off the page."""
        await self._stage.remove(SYSTEM, remote_id)


def _result(entry: StageEntry) -> PublishResult:
    return PublishResult(remote_id=entry.id, at=entry.published_at)
