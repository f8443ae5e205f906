"""An artist's channels: where it publishes besides the stage, and how each account stands."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import Response

from api.context import ApiContext, Context
from api.security import FromOurPage, LocalOperator
from api.web.artist_views import ArtistHead, head_of
from api.web.operator_views import Notice
from api.web.page import Page
from domain.actor import Actor
from domain.artist import Artist
from domain.channel import ChannelAccount
from domain.errors import GreenroomError
from domain.ports.network import NetworkCapabilities

router = APIRouter(prefix="/operator/artists/{handle}/channels", include_in_schema=False)
SEE_OTHER = 303
DONE = {
    "connected": "Connected. The next posts go there too, once you approve them.",
    "pause": "Paused. Nothing is sent or read there.",
    "resume": "Resumed.",
    "test": "The server answered.",
    "disconnect": "Disconnected. Its password is forgotten.",
}


class ChannelForm(BaseModel):
    """What was typed and what is wrong with it; a password is never shown again."""

    model_config = ConfigDict(frozen=True)

    network: str
    identifier: str = ""
    server: str = ""
    field: str | None = None


class ChannelCard(BaseModel):
    """A network, with the artist's account where there is one."""

    model_config = ConfigDict(frozen=True)

    network: NetworkCapabilities
    account: ChannelAccount | None
    waiting: int
    form: ChannelForm


class ChannelsPage(Page):
    """An artist's channels."""

    template: ClassVar[str] = "channels.html"

    head: ArtistHead = Field(description="The top of the artist's pages.")
    artist: Artist = Field(description="Whose channels they are.")
    cards: tuple[ChannelCard, ...] = Field(description="Every network, connected or not.")
    notice: Notice | None = Field(description="The outcome, or what went wrong.")


@router.get("")
async def show(
    handle: str, context: Context, operator: LocalOperator, done: str | None = None
) -> HTMLResponse:
    """The artist's channels."""
    told = Notice(kind="good", text=DONE[done]) if done in DONE else None
    return (await _page(context, operator, handle, told)).response()


@router.post("/{network}/connect", dependencies=[FromOurPage])
async def connect(
    handle: str,
    network: str,
    context: Context,
    operator: LocalOperator,
    identifier: Annotated[str, Form(max_length=512)] = "",
    password: Annotated[str, Form(max_length=512)] = "",
    server: Annotated[str, Form(max_length=512)] = "",
) -> Response:
    """Try the typed credentials and keep them; what is wrong stands beside its field."""
    artist = await context.artists.find(operator, handle)
    try:
        await context.channels.connect(
            operator,
            artist.id,
            network,
            identifier=identifier,
            password=SecretStr(password),
            server=server.strip() or None,
        )
    except GreenroomError as error:
        form = ChannelForm(network=network, identifier=identifier, server=server, field=error.field)
        page = await _page(context, operator, handle, _bad(error), form)
        return page.response(error.status)
    return _done(handle, "connected")


@router.post("/{network}/{act}", dependencies=[FromOurPage])
async def steer(
    handle: str,
    network: str,
    act: Literal["pause", "resume", "test", "disconnect"],
    context: Context,
    operator: LocalOperator,
) -> Response:
    """Pause, resume, ask or forget an account."""
    artist = await context.artists.find(operator, handle)
    channels = context.channels
    acts = {"pause": channels.pause, "resume": channels.resume, "test": channels.test}
    try:
        if act == "disconnect":
            await channels.disconnect(operator, artist.id, network)
        else:
            await acts[act](operator, artist.id, network)
    except GreenroomError as error:
        page = await _page(context, operator, handle, _bad(error))
        return page.response(error.status)
    return _done(handle, act)


async def _page(
    context: ApiContext,
    operator: Actor,
    handle: str,
    notice: Notice | None = None,
    typed: ChannelForm | None = None,
) -> ChannelsPage:
    artist = await context.artists.find(operator, handle)
    accounts = {a.network: a for a in await context.channels.of_artist(operator, artist.id)}
    waiting = await context.publishing.waiting(operator, artist.id)
    cards = [
        ChannelCard(
            network=kind.capabilities,
            account=accounts.get(name),
            waiting=sum(post.payload.channel == name for post in waiting),
            form=typed if typed and typed.network == name else ChannelForm(network=name),
        )
        for name, kind in context.channels.kinds.items()
    ]
    return ChannelsPage(
        title=f"Channels of {artist.stage_name} · Greenroom",
        head=head_of(context, artist),
        artist=artist,
        cards=tuple(sorted(cards, key=lambda card: card.account is None)),
        notice=notice,
    )


def _done(handle: str, done: str) -> Response:
    return RedirectResponse(f"/operator/artists/{handle}/channels?done={done}", SEE_OTHER)


def _bad(error: GreenroomError) -> Notice:
    text = f"{error.message[:1].upper()}{error.message[1:]}."
    return Notice(kind="bad", text=text, remedy=error.remedy)
