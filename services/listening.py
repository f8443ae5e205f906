"""Hear what the audience does on artists' channels, and count what posts got there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from domain.actor import SYSTEM, Actor
from domain.audience import (
    COMMENT_MAX_CHARS,
    NAME_MAX_CHARS,
    AudienceEvent,
    AudienceKind,
    Untrusted,
)
from domain.channel import ChannelAccount, ChannelStatus
from domain.errors import InvalidInput, NotFound, ProviderError, StaleVersion
from domain.plain import plain_line, plain_text
from domain.ports.network import Inbox, InboxItem, InboxKind, Network
from domain.post import Post, PostNumbers
from services.base import Service
from services.channels import ChannelService
from services.holds import standing_hold
from store.unit import UnitOfWork

LISTEN_EVERY = timedelta(minutes=2)
COUNTED_FOR = timedelta(days=30)
COUNTED_MAX = 50
POSTS_KNOWN = 1000
# A mention of the account alone answers no post of ours and is left where it is.
HEARD: dict[InboxKind, AudienceKind] = {
    "like": "like",
    "repost": "repost",
    "reply": "comment",
    "quote": "comment",
    "follow": "follow",
}
_log = structlog.get_logger(__name__)


class ListeningService(Service):
    """Use cases of listening."""

    def __init__(self, channels: ChannelService) -> None:
        super().__init__(channels.database, channels.clock)
        self.channels = channels

    async def listen(self, actor: Actor) -> int:
        """Ask every connected channel whose time has come; returns how much was new.

        One that fails keeps no other waiting. Does nothing while everything is held.
        """
        actor.must_be("system", "operator")
        now = self.clock.now()
        async with self.database.unit() as unit:
            if await standing_hold(unit) is not None:
                return 0
            accounts = await unit.channels.in_status([ChannelStatus.CONNECTED])
        heard = 0
        for account in accounts:
            if not _due(account, now):
                continue
            try:
                heard += await self._hear(account)
            except (InvalidInput, ProviderError) as error:
                _log.info("channel not heard", channel=account.id, why=error.message)
                await self.channels.note(actor, account, error)
                await self._heard(account, Inbox(cursor=account.cursor), {})
            except (NotFound, StaleVersion) as error:
                # It was disconnected or changed meanwhile; the next round sees it as it is.
                _log.info("channel changed while it was heard", why=error.message)
        return heard

    async def _hear(self, account: ChannelAccount) -> int:
        network = self.channels.opened(account)
        async with self.database.unit() as unit:
            published = await unit.posts.published(account.artist_id, limit=POSTS_KNOWN)
        ours = {
            p.remote_id: p
            for p in published
            if p.payload.channel == account.network and p.remote_id is not None
        }
        inbox = await network.inbox(account.cursor)
        counted = await self._counted(network, ours)
        return await self._heard(account, inbox, ours, counted)

    async def _counted(self, network: Network, ours: dict[str, Post]) -> dict[str, PostNumbers]:
        if not network.capabilities.metrics:
            return {}
        since = self.clock.now() - COUNTED_FOR
        young = [
            i for i, p in ours.items() if p.published_at is not None and p.published_at > since
        ]
        return dict(await network.metrics(young[:COUNTED_MAX])) if young else {}

    async def _heard(
        self,
        account: ChannelAccount,
        inbox: Inbox,
        ours: dict[str, Post],
        counted: dict[str, PostNumbers] | None = None,
    ) -> int:
        """Keep what is new, in one transaction with the place to go on from."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            events = [e for item in inbox.items if (e := _event(account, item, ours, now))]
            known = await unit.audience.many(e.id for e in events)
            fresh = list({e.id: e for e in events if e.id not in known}.values())
            for event in fresh:
                await unit.audience.add(event)
                self._tell(unit, event)
            await _count(unit, ours, counted or {}, now)
            standing = await unit.channels.get(account.id)
            await unit.channels.save(standing.amend(now, cursor=inbox.cursor, heard_at=now))
            await unit.commit()
        return len(fresh)

    def _tell(self, unit: UnitOfWork, event: AudienceEvent) -> None:
        unit.emit(
            self.event(
                "audience.event",
                SYSTEM,
                artist_id=event.artist_id,
                subject_id=event.id,
                what=event.kind,
                channel=event.channel,
                post_id=event.post_id,
            )
        )


async def _count(
    unit: UnitOfWork, ours: dict[str, Post], counted: dict[str, PostNumbers], now: datetime
) -> None:
    """Keep the newest numbers with the posts whose numbers changed."""
    for remote_id, numbers in counted.items():
        post = ours.get(remote_id)
        if post is None or _same(post.numbers, numbers):
            continue
        standing = await unit.posts.get(post.id)
        await unit.posts.save(standing.amend(now, numbers=numbers))


def _same(known: PostNumbers | None, numbers: PostNumbers) -> bool:
    return known is not None and known.model_copy(update={"at": numbers.at}) == numbers


def _due(account: ChannelAccount, now: datetime) -> bool:
    if account.quiet_until is not None and account.quiet_until > now:
        return False
    return account.heard_at is None or now - account.heard_at >= LISTEN_EVERY


def _event(
    account: ChannelAccount, item: InboxItem, ours: dict[str, Post], now: datetime
) -> AudienceEvent | None:
    """An item as an event, with an id of its own making, so that it is kept once."""
    kind = HEARD.get(item.kind)
    post = ours.get(item.post_remote_id or "")
    if kind is None or (post is None and kind != "follow"):
        return None
    text = plain_text(item.text or "")[:COMMENT_MAX_CHARS].strip()
    if kind == "comment" and not text:
        return None
    name = plain_line(item.author_name)[:NAME_MAX_CHARS]
    return AudienceEvent(
        id=_id((account.id, item.kind, item.remote_id)),
        created_at=now,
        updated_at=now,
        artist_id=account.artist_id,
        kind=kind,
        channel=account.network,
        post_id=post.id if post else None,
        visitor_id=item.author_id,
        visitor_name=name or None,
        text=Untrusted(text=text, source=f"{item.kind}:{account.network}") if text else None,
    )


def _id(parts: Iterable[str]) -> str:
    return f"audience_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:26]}"
