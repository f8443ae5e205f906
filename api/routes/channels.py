"""Channels: an artist's accounts on networks. Passwords go in and never come out."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.context import Context
from api.security import Operator
from domain.channel import ChannelAccount
from domain.ports.network import NetworkCapabilities

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


@router.get("/networks")
async def list_networks(context: Context, operator: Operator) -> list[NetworkCapabilities]:
    """List the networks that artists can be connected to, with their limits."""
    return [kind.capabilities for kind in context.channels.kinds.values()]


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
