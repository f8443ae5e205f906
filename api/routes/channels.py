"""Channels: an artist's accounts on networks. Passwords go in and never come out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.context import Context
from api.listing import OfArtist, Wanted, narrowed
from api.schemas import Page
from api.security import Operator
from domain.channel import ChannelAccount, ChannelStatus
from domain.ports.network import NetworkCapabilities
from services.network_list import Connected

router = APIRouter(tags=["channels"])
HERE = "/artists/{artist}/channels"


class NewChannel(BaseModel):
    """How to sign in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"identifier": "ferry.example.org", "password": "abcd-efgh-ijkl-mnop"}]
        },
    )

    identifier: str = Field(description="The account's name or address at the network.")
    password: SecretStr = Field(description="An app password, made for this use.")
    server: str | None = Field(default=None, description="The server; none: the network's own.")


class ChannelRow(BaseModel):
    """A channel in the list of all artists' channels."""

    channel: ChannelAccount
    artist: str = Field(description="The artist's handle.")
    stage_name: str
    waiting: int = Field(description="Posts that are on their way there.")


@router.get("/networks")
async def list_networks(context: Context, operator: Operator) -> list[NetworkCapabilities]:
    """List the networks that artists can be connected to, with their limits."""
    return [kind.capabilities for kind in context.channels.kinds.values()]


@router.get("/channels")
async def list_all_channels(
    context: Context,
    operator: Operator,
    wanted: Wanted,
    artist: OfArtist = None,
    status: Annotated[list[ChannelStatus] | None, Query(description="In one of these.")] = None,
) -> Page[ChannelRow]:
    """List the channels of all artists with how each stands."""
    found = await context.overview.channels(operator, narrowed(wanted, status), artist)
    last = found[-1].account.id if len(found) == wanted.limit else None
    return Page(items=[_row(one) for one in found], next=last)


@router.get(HERE)
async def list_channels(artist: str, context: Context, operator: Operator) -> list[ChannelAccount]:
    """List an artist's channels with how each stands."""
    found = await context.artists.find(operator, artist)
    return await context.channels.of_artist(operator, found.id)


@router.post(HERE + "/{network}/connect")
async def connect(
    artist: str, network: str, body: NewChannel, context: Context, operator: Operator
) -> ChannelAccount:
    """Try credentials at the server and keep them; refused ones are not kept."""
    found = await context.artists.find(operator, artist)
    return await context.channels.connect(
        operator,
        found.id,
        network,
        identifier=body.identifier,
        password=body.password,
        server=body.server,
    )


@router.post(HERE + "/{network}/disconnect")
async def disconnect(
    artist: str, network: str, context: Context, operator: Operator
) -> list[ChannelAccount]:
    """Forget a channel with its credentials; lists those that are left."""
    found = await context.artists.find(operator, artist)
    await context.channels.disconnect(operator, found.id, network)
    return await context.channels.of_artist(operator, found.id)


@router.post(HERE + "/{network}/{act}")
async def steer(
    artist: str,
    network: str,
    act: Literal["pause", "resume", "test"],
    context: Context,
    operator: Operator,
) -> ChannelAccount:
    """Pause or resume a channel, or ask its server how the account stands."""
    found = await context.artists.find(operator, artist)
    channels = context.channels
    acts = {"pause": channels.pause, "resume": channels.resume, "test": channels.test}
    return await acts[act](operator, found.id, network)


def _row(one: Connected) -> ChannelRow:
    artist = one.artist
    return ChannelRow(
        channel=one.account,
        artist=artist.handle,
        stage_name=artist.stage_name,
        waiting=one.waiting,
    )
