"""Send one post over its network: who is reached, within which limits, and never twice blindly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from domain.actor import Actor
from domain.attempt import Attempt
from domain.errors import GreenroomError, NotFound, ProviderRateLimited, ProviderTimeout
from domain.ports.clock import Clock
from domain.ports.network import Network, NetworkCapabilities, PublishResult
from domain.post import Post
from services.channels import ChannelService
from services.post_attempts import PostAttempts
from store.database import Database

A_DAY = timedelta(days=1)


class SendsPosts(PostAttempts):
    """Reaches the label's own networks by name, and artists' accounts through their channels."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        networks: Mapping[str, Network],
        channels: ChannelService | None = None,
    ) -> None:
        super().__init__(database, clock)
        self.networks = networks
        self.channels = channels

    async def _network(self, post: Post) -> Network:
        """Where the post goes, however that stands; raises `NotFound`."""
        network = self.networks.get(post.payload.channel)
        if network is not None:
            return network
        if self.channels is None:
            raise NotFound(
                f"no network named {post.payload.channel} is connected",
                field="channel",
                remedy=f"Use one of: {', '.join(sorted(self.networks))}.",
            )
        return await self.channels.network(post.artist_id, post.payload.channel)

    @asynccontextmanager
    async def _reached(self, post: Post) -> AsyncIterator[Network]:
        """The same around calls; raises the `ProviderError` that stands in the way."""
        if self.channels is None or post.payload.channel in self.networks:
            yield await self._network(post)
            return
        async with self.channels.reached(post.artist_id, post.payload.channel) as network:
            yield network

    async def _send(self, post: Post, attempt: Attempt, in_doubt: bool) -> PublishResult:
        """Send, or only look up what an earlier try may have sent."""
        async with self._reached(post) as network:
            if not in_doubt or self._may_resend(network.capabilities, attempt):
                network.validate(post.payload)
                await self._within_quota(post, network.capabilities)
                await network.prepare(post.payload)
                return await network.publish(post.payload, post.id, attempt.created_at)
            found = await network.find(post.id, attempt.created_at)
        if found is None:
            raise ProviderTimeout(
                f"it is not known whether {post.payload.channel} published post {post.id}",
                remedy="Look at the account, then mark the post as published or failed.",
            )
        return found

    async def _within_quota(self, post: Post, limits: NetworkCapabilities) -> None:
        """Raise `ProviderRateLimited` when the account has posted as much as it may in a day."""
        if limits.posts_day is None:
            return
        since = self.clock.now() - A_DAY
        async with self.database.unit() as unit:
            sent, first = await unit.posts.sent_since(
                post.artist_id, post.payload.channel, post.payload.account, since
            )
        if first is not None and sent >= limits.posts_day:
            raise ProviderRateLimited(
                f"{limits.posts_day} posts were sent within a day",
                retry_after_s=(first - since).total_seconds(),
            )

    async def _note(self, actor: Actor, post: Post, error: GreenroomError) -> None:
        """Let the channel know what its network said."""
        name = post.payload.channel
        if self.channels is None or name in self.networks:
            return
        try:
            account = await self.channels.account(post.artist_id, name)
        except NotFound:
            return  # It was disconnected meanwhile; the post's own row still says what happened.
        await self.channels.note(actor, account, error)

    def _may_resend(self, network: NetworkCapabilities, attempt: Attempt) -> bool:
        """Whether the network itself will refuse the same key a second time.

        A timed key is remembered from its first arrival on, which is not before the attempt was
        written down: counting from there errs on the safe side. How old an attempt is that lies
        ahead of the clock, nobody knows.
        """
        if network.duplicate_guard == "client_key":
            return True
        age_s = (self.clock.now() - attempt.created_at).total_seconds()
        return network.key_valid_s is not None and 0 <= age_s < network.key_valid_s
