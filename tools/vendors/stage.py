"""The label's own stage as a network: real publishing with no account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.actor import SYSTEM
from domain.errors import InvalidInput, NotFound
from domain.ports.network import AccountState, Inbox, NetworkCapabilities, PublishResult
from domain.post import Draft, Payload, PostNumbers
from domain.stage import StageEntry
from services.stage import StageService
from tools.vendors.limits import check_limits, shortened

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
            title="Stage",
            text_max_graphemes=GRAPHEMES_MAX,
            media_max=MEDIA_MAX,
            duplicate_guard="client_key",
            metrics=frozenset({"plays", "likes", "comments"}),
        )

    def validate(self, payload: Payload) -> None:
        """Raise `InvalidInput` naming `text`, `media` or `alt`."""
        check_limits(payload, self.capabilities)

    async def render(self, draft: Draft) -> Payload:
        """The draft, cut to length, without its link: the page itself is where that leads."""
        return Payload(
            channel=STAGE,
            text=shortened(draft.text, self.capabilities),
            media=draft.media[:MEDIA_MAX],
            release_id=draft.release_id,
        )

    async def prepare(self, payload: Payload) -> None:
        """The files are in the label's own store already."""

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Shelve the payload under its key; a second time changes nothing."""
        return _result(await self._stage.shelve(SYSTEM, payload, client_key, frozen_at))

    async def poll(self, remote_id: str) -> PublishResult:
        """What stands under the id; nothing is ever pending here."""
        found = await self._stage.entry(_key(remote_id))
        if found is None:
            raise NotFound(f"nothing stands under {remote_id!r}", field="remote_id")
        return _result(found)

    async def find(self, client_key: str, frozen_at: datetime) -> PublishResult | None:
        """What stands under the key."""
        entry = await self._stage.entry(client_key)
        return _result(entry) if entry else None

    async def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, PostNumbers]:
        """Nothing by post: visitors' plays and likes are events of the label itself."""
        return {}

    async def inbox(self, cursor: str | None) -> Inbox:
        """Empty: comments arrive at the label's own pages."""
        return Inbox(cursor=cursor)

    async def reply(
        self, to_remote_id: str, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Refused: the stage has no threads."""
        raise InvalidInput(
            "the stage has no replies", field="channel", remedy="Write a post instead."
        )

    async def delete(self, remote_id: str) -> None:
        """Take a post off the page; one that was never there is gone already."""
        if await self._stage.entry(_key(remote_id)) is not None:
            await self._stage.remove(SYSTEM, remote_id)

    async def refresh(self) -> AccountState:
        """The label's own page needs no account."""
        return AccountState(remote_id=STAGE, account=STAGE)


def _key(remote_id: str) -> str:
    return remote_id.removeprefix("stage_")


def _result(entry: StageEntry) -> PublishResult:
    return PublishResult(remote_id=entry.id, at=entry.published_at)
