"""Hear what the audience does on artists' channels, and count what posts got there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

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
from domain.errors import GreenroomError, NotFound, ProviderError, StaleVersion
from domain.plain import plain_line, plain_text
from domain.ports.network import Inbox, InboxItem, InboxKind, Network
from domain.post import Post, PostNumbers
from services.base import Service
from services.channels import ChannelService
from services.holds import standing_hold
from services.servers import by_server
from store.unit import UnitOfWork

LISTEN_EVERY = timedelta(minutes=2)
COUNTED_FOR = timedelta(days=30)
COUNTED_MAX = 50
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

        One that fails keeps no other waiting, nor does a server that hangs keep other servers'.
        Does nothing while everything is held.
        """
        actor.must("operate", "system")
        actor.must_see_all()
        now = self.clock.now()
        async with self.database.unit() as unit:
            if await standing_hold(unit) is not None:
                return 0
            accounts = await unit.channels.in_status([ChannelStatus.CONNECTED])
        due = [account for account in accounts if _due(account, now)]
        servers: defaultdict[str, list[ChannelAccount]] = defaultdict(list)
        # Who waits longest comes first, should the round end before all have been heard.
        for account in sorted(due, key=lambda each: each.heard_at or each.created_at):
            servers[account.server].append(account)
        return sum(await by_server(servers, partial(self._listen_to, actor)))

    async def _listen_to(self, actor: Actor, account: ChannelAccount) -> int:
        """Hear one; what goes wrong there is told, and it is asked again when its time comes."""
        try:
            return await self._hear(account)
        except (NotFound, StaleVersion) as error:
            # It was disconnected or changed meanwhile; the next round sees it as it is.
            _log.info("channel changed while it was heard", why=error.message)
            return 0
        except Exception as error:  # noqa: BLE001 - one account's defect must not stop the others
            defect = not isinstance(error, GreenroomError)
            _log.info("channel not heard", channel=account.id, why=str(error), exc_info=defect)
            if isinstance(error, ProviderError):
                await self.channels.note(actor, account, error)
        with suppress(NotFound, StaleVersion):
            await self._heard(account, Inbox(cursor=account.cursor), {})
        return 0

    async def _hear(self, account: ChannelAccount) -> int:
        network = self.channels.opened(account)
        async with self.channels.circuits.to(account.server):
            inbox = await network.inbox(account.cursor)
            young = await self._young(account, network)
            ids = [p.remote_id for p in young if p.remote_id is not None]
            counted = dict(await network.metrics(ids)) if ids else {}
        named = {item.post_remote_id for item in inbox.items if item.post_remote_id is not None}
        async with self.database.unit() as unit:
            answered = await unit.posts.by_remote_ids(account.artist_id, account.network, named)
        ours = {p.remote_id: p for p in (*young, *answered) if p.remote_id is not None}
        return await self._heard(account, inbox, ours, counted)

    async def _young(self, account: ChannelAccount, network: Network) -> list[Post]:
        """The posts whose numbers are counted."""
        if not network.capabilities.metrics:
            return []
        since = self.clock.now() - COUNTED_FOR
        async with self.database.unit() as unit:
            return await unit.posts.published_since(
                account.artist_id, account.network, since, COUNTED_MAX
            )

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
