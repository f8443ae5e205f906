"""Artists' accounts on networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import delete

from domain.channel import ChannelAccount, ChannelStatus
from domain.listing import Listing
from store.listing import listed
from store.mapper import Mapper
from store.repository import Repository, one_of
from store.tables import channels


class ChannelRepository(Repository[ChannelAccount]):
    """Accounts by artist; an artist has one a network."""

    mapper: ClassVar[Mapper[ChannelAccount]] = Mapper(
        "channel", ChannelAccount, channels, unique="network"
    )

    async def of_artist(
        self, artist_id: str, statuses: Sequence[ChannelStatus] | None = None
    ) -> list[ChannelAccount]:
        """The artist's accounts, by network."""
        query = one_of(self._all().where(channels.c.artist_id == artist_id), channels, statuses)
        return await self._list(query.order_by(channels.c.network))

    async def by_network(self, artist_id: str, network: str) -> ChannelAccount | None:
        """The artist's account on a network."""
        return await self._first(
            self._all().where(channels.c.artist_id == artist_id, channels.c.network == network)
        )

    async def of_network(self, network: str) -> list[ChannelAccount]:
        """Every artist's account on the network, oldest first."""
        return await self._list(
            self._all().where(channels.c.network == network).order_by(channels.c.id)
        )

    async def of_artists(self, artist_ids: Iterable[str]) -> list[ChannelAccount]:
        """All accounts of these artists."""
        return await self._list(self._all().where(channels.c.artist_id.in_(set(artist_ids))))

    async def in_status(self, statuses: Sequence[ChannelStatus]) -> list[ChannelAccount]:
        """All accounts that stand so, oldest first."""
        return await self._list(one_of(self._all(), channels, statuses).order_by(channels.c.id))

    async def listed(self, wanted: Listing) -> list[ChannelAccount]:
        """One page of accounts that fit."""
        return await self._list(listed(self._all(), channels, wanted))

    async def remove(self, channel_id: str) -> None:
        """Forget an account."""
        await self._session.write(delete(channels).where(channels.c.id == channel_id), "channel")
