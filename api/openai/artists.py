"""Artists as a chat client meets them: each is a model, named by its handle."""

from __future__ import annotations

from collections.abc import AsyncIterator

from api.context import ApiContext
from api.openai.errors import UNKNOWN_MODEL
from api.openai.wire import ModelCard
from domain.actor import Actor
from domain.artist import Artist, ArtistStatus
from domain.errors import Forbidden, NotFound

PAGE = 200
# A candidate is nobody yet, and who has retired does not talk any more.
TALKING = {ArtistStatus.ACTIVE, ArtistStatus.EVOLVING, ArtistStatus.PAUSED}


async def artists_of(context: ApiContext, actor: Actor) -> AsyncIterator[Artist]:
    """The artists that talk and that the actor may see, in the order they came."""
    after: str | None = None
    while found := await context.artists.page(actor, after, PAGE):
        for artist in found:
            if _talks(artist):
                yield artist
        after = found[-1].id


async def artist_of(context: ApiContext, actor: Actor, model: str) -> Artist:
    """The artist of this handle, or `NotFound`: who may not see it is told no more."""
    actor.must("read")
    try:
        artist = await context.artists.find(actor, model)
    except (NotFound, Forbidden) as error:
        raise _unknown(model) from error
    if artist.handle != model or not _talks(artist):
        raise _unknown(model)
    return artist


def card_of(artist: Artist) -> ModelCard:
    """The artist as a model."""
    return ModelCard(id=artist.handle, created=int(artist.created_at.timestamp()))


def _talks(artist: Artist) -> bool:
    return artist.status in TALKING and artist.profile_number > 0


def _unknown(model: str) -> NotFound:
    return NotFound(
        f"the model `{model}` does not exist or you do not have access to it",
        field="model",
        remedy="GET /v1/models lists the artists that this key may talk with.",
        **UNKNOWN_MODEL,
    )
