"""Every network of the house, each with an account to publish in, behind one shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from domain.actor import OPERATOR, SYSTEM
from domain.ids import new_id
from domain.ports.network import Network
from domain.post import Draft, MediaPart, Payload
from services.channels import ChannelService
from services.sessions import SessionKeeper
from tests.services.build import artist
from tests.support import label as play
from tests.support.bluesky.server import BlueskyAccount, BlueskyServer
from tests.support.label import TestLabel
from tools.vendors.bluesky.kind import BlueskyKind
from tools.vendors.scripted_network import ScriptedNetwork
from tools.vendors.stage import StageNetwork


@dataclass
class Stand:
    """A network, how many posts the public sees there, and a way to name a new post."""

    label: TestLabel
    network: Network
    shown: Callable[[], Awaitable[int]]
    new_key: Callable[[Payload], Awaitable[str]]

    async def draft(self, text: str = "It is out. #ferry", *, picture: bool = False) -> Payload:
        """A payload as the network renders it."""
        media: tuple[MediaPart, ...] = ()
        if picture:
            sha256 = await self.label.media.put_bytes(play.picture(64, 48))
            media = (MediaPart(sha256=sha256, media_type="image/png", alt="A boat at night."),)
        return await self.network.render(Draft(text=text, media=media, langs=("en",)))

    @property
    def now(self) -> datetime:
        """The label's time."""
        return self.label.clock.now()


async def stage(label: TestLabel) -> Stand:
    """The label's own stage."""
    who = await artist(label)
    run = await play.cycle(label, who)

    async def shown() -> int:
        return len((await label.stage.page(who.handle)).entries)

    async def new_key(payload: Payload) -> str:
        key = new_id("post")
        await label.catalogue.draft_post(SYSTEM, key, who.id, run.id, payload)
        return key

    return Stand(label, StageNetwork(label.stage), shown, new_key)


async def scripted(label: TestLabel) -> Stand:
    """The double."""
    network = ScriptedNetwork(label.clock)

    async def shown() -> int:
        return len(network.public)

    return Stand(label, network, shown, _fresh_key)


async def bluesky(label: TestLabel, server: BlueskyServer, address: str | None = None) -> Stand:
    """A new account on a real server."""
    account = server.new_account()
    network = await connected(label, account, address or account.server)

    async def shown() -> int:
        return len(account.posts())

    return Stand(label, network, shown, _fresh_key)


async def connected(label: TestLabel, account: BlueskyAccount, address: str) -> Network:
    """A new artist's network in this account's name."""
    channels = far_channels(label)
    who = await artist(label, f"Signal {account.handle[:15]}")
    channel = await channels.connect(
        OPERATOR,
        who.id,
        "bluesky",
        identifier=account.handle,
        password=SecretStr(account.password),
        server=address,
    )
    return channels.opened(channel)


def far_channels(label: TestLabel) -> ChannelService:
    """Channels that may lead to servers on this machine."""
    keeper: SessionKeeper = label.channels.sessions
    return ChannelService(
        label.database,
        label.clock,
        keeper,
        house=label.channels.house,
        kinds=[BlueskyKind(label.media, loopback=True)],
    )


async def _fresh_key(payload: Payload) -> str:
    return new_id("post")
