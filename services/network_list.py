"""Every artist's accounts on networks, and how each stands; writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict

from domain.artist import Artist, ArtistStatus
from domain.channel import ChannelAccount, ChannelStatus
from services.publishing import ON_THEIR_WAY
from store.unit import UnitOfWork

ARTISTS_READ = 200
POSTS_COUNTED = 500
# What somebody has to look after comes first.
TROUBLE_FIRST = (ChannelStatus.BROKEN, ChannelStatus.PAUSED, ChannelStatus.CONNECTED)
# Who has no public life cannot post anywhere.
UNHEARD = (ArtistStatus.CANDIDATE, ArtistStatus.RETIRED)


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Connected(_View):
    """An account with whose it is; `waiting` are posts that are on their way there."""

    account: ChannelAccount
    artist: Artist
    waiting: int


class NetworkList(_View):
    """`accounts` with the broken ones first; `alone` are artists that have none."""

    accounts: list[Connected]
    alone: list[Artist]


async def read_networks(unit: UnitOfWork, only: Collection[str] | None) -> NetworkList:
    """The accounts of these artists, or of all, in four queries."""
    found = await with_artists(unit, await _accounts(unit, only))
    newest = await unit.artists.page(None, ARTISTS_READ, only=only)
    posting = {one.artist.id for one in found}
    alone = [a for a in newest if a.id not in posting and a.status not in UNHEARD]
    return NetworkList(accounts=sorted(found, key=_rank), alone=alone)


async def with_artists(unit: UnitOfWork, accounts: Sequence[ChannelAccount]) -> list[Connected]:
    """These accounts in the same order, each with whose it is and what waits for it."""
    artists = await unit.artists.many({account.artist_id for account in accounts})
    posts = await unit.posts.in_status(ON_THEIR_WAY, limit=POSTS_COUNTED)
    waiting = Counter((post.artist_id, post.payload.channel) for post in posts)
    return [
        Connected(
            account=account,
            artist=artists[account.artist_id],
            waiting=waiting[account.artist_id, account.network],
        )
        for account in accounts
    ]


async def _accounts(unit: UnitOfWork, only: Collection[str] | None) -> Sequence[ChannelAccount]:
    if only is not None:
        return await unit.channels.of_artists(only)
    return await unit.channels.in_status(TROUBLE_FIRST)


def _rank(one: Connected) -> tuple[int, str, str]:
    status = TROUBLE_FIRST.index(one.account.status)
    return status, one.artist.stage_name.casefold(), one.account.network
