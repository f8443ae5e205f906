"""The front of the stage: every artist of the label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from api.web.page import Page
from api.web.stage_urls import cover_url, picture_url
from services.stage import CARDS_A_PAGE, StageCard


class ArtistCard(BaseModel):
    """One artist in the list."""

    model_config = ConfigDict(frozen=True)

    handle: str
    stage_name: str
    display: str
    genre: str
    first_words: str
    picture_url: str | None
    cover_url: str | None
    newest_title: str | None
    releases: int
    plays: int


class StageListPage(Page):
    """All artists with a page."""

    template: ClassVar[str] = "stage_list.html"

    artists: tuple[ArtistCard, ...] = Field(description="Newest artist first.")
    themes_url: str = Field(description="Style sheet with the colours of these artists.")
    next_url: str | None = Field(description="Where those who came before them stand.")


def stage_list(
    found: Sequence[StageCard], genre_name: Callable[[str], str], after: str | None
) -> StageListPage:
    """Lay out a page of the list that begins behind the artist `after`.

    One more than a page holds tells that there is another.
    """
    cards = found[:CARDS_A_PAGE]
    begin = {} if after is None else {"after": after}
    more = len(found) > len(cards)
    version = f"{len(cards)}.{sum(card.artist.profile_number for card in cards)}"
    return StageListPage(
        title="Greenroom",
        artists=tuple(_card(card, genre_name(card.artist.genre_pack)) for card in cards),
        themes_url=f"/themes.css?{urlencode({'v': version, **begin})}",
        next_url=f"/?{urlencode({'after': cards[-1].artist.id})}" if more else None,
    )


def _card(card: StageCard, genre: str) -> ArtistCard:
    artist, newest = card.artist, card.newest
    return ArtistCard(
        handle=artist.handle,
        stage_name=artist.stage_name,
        display=card.profile.visual.display_typeface.value,
        genre=genre,
        first_words=first_sentence(card.profile.biography),
        picture_url=picture_url(artist.handle, artist.portrait_sha256, "portrait")
        or picture_url(artist.handle, artist.banner_sha256, "banner"),
        cover_url=cover_url(artist.handle, card.works),
        newest_title=newest.title if newest else None,
        releases=card.releases,
        plays=card.plays,
    )


def first_sentence(text: str, longest: int = 180) -> str:
    """The first sentence, or as many words as fit."""
    end = min((i + 1 for i in (text.find(mark + " ") for mark in ".!?") if i >= 0), default=0)
    sentence = text[:end] if end else text
    if len(sentence) <= longest:
        return sentence
    return sentence[:longest].rpartition(" ")[0].rstrip(",;:") + "…"
