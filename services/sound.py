"""How an artist sounds: its genre pack with its own overrides, and who sings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.actor import Actor
from domain.artist import Artist
from domain.genre import Form, GenrePack, TempoRange
from domain.profile import Profile, ProfileVersion
from domain.seen import Seen
from domain.singer import INSTRUMENTAL, Singer
from packs import load_pack, overridden
from packs.singers import choose_singer, load_singer, load_singers
from services.artists import ArtistService

AUTO = "auto"
Override = str | float | int | bool


class Sound(BaseModel):
    """What an artist's songs are made with, and why nobody sings where nobody does."""

    model_config = ConfigDict(frozen=True)

    genre: str
    genre_name: str
    overrides: dict[str, Override]
    wish: str = Field(description="Singer preset asked for, `auto` or `none`.")
    singer: Singer | None = None
    language: str
    instrumental: bool = Field(description="Whether songs have no words at all.")
    unsung: str | None = Field(default=None, description="Why an instrument sings, if one does.")


class SoundService:
    """Use cases of an artist's sound."""

    def __init__(self, artists: ArtistService) -> None:
        self._artists = artists

    async def of(self, actor: Actor, handle: str) -> Sound:
        """The sound in force; raises `NotFound` before the debut."""
        artist = await self._artists.find(actor, handle)
        version = await self._artists.profile(actor, artist.id)
        return sound_of(artist, version.profile)

    async def choose(
        self,
        actor: Actor,
        handle: str,
        *,
        singer: str | None = None,
        overrides: dict[str, Override | None] | None = None,
        seen: Seen | None = None,
    ) -> ProfileVersion:
        """Choose a singer and bend the genre, as a new profile version; None leaves as it is.

        An override of None goes back to the pack's own value. Raises `InvalidInput` naming
        `singer` or the override's path, before anything is written.
        """
        actor.must("steer", "artist", "system")
        artist = await self._artists.find(actor, handle)
        current = await self._artists.profile(actor, artist.id)
        profile = current.profile
        bent = {**profile.genre_overrides, **(overrides or {})}
        kept = {path: value for path, value in bent.items() if value is not None}
        overridden(load_pack(profile.genre_pack), kept)
        wish = profile.music.singer if singer is None else _known(singer)
        changed = profile.model_copy(
            update={
                "genre_overrides": kept,
                "music": profile.music.model_copy(update={"singer": wish}),
            }
        )
        return await self._artists.adopt_profile(
            actor, artist.id, changed, reason=_reason(singer, overrides), seen=seen
        )


def singers() -> tuple[Singer, ...]:
    """Every preset to choose from."""
    return load_singers()


def own_forms(pack: GenrePack, profile: Profile) -> list[Form]:
    """The pack's forms that the profile names; all where it names none."""
    return [f for f in pack.forms if f.id in profile.music.forms] or list(pack.forms)


def pack_of(profile: Profile) -> GenrePack:
    """The profile's genre pack, bent by its overrides and narrowed to its musical ranges.

    A range that shares nothing with the pack's leaves the pack's as it is.
    """
    pack = overridden(load_pack(profile.genre_pack), profile.genre_overrides)
    low = max(pack.tempo_bpm.low, profile.music.tempo_bpm[0])
    high = min(pack.tempo_bpm.high, profile.music.tempo_bpm[1])
    keys = tuple(key for key in pack.keys if key in profile.music.keys)
    modes = {mode: weight for mode, weight in pack.modes.items() if mode in profile.music.modes}
    return pack.model_copy(
        update={
            "tempo_bpm": TempoRange(low=low, high=high) if low <= high else pack.tempo_bpm,
            "keys": keys or pack.keys,
            "modes": modes or pack.modes,
        }
    )


def sound_of(artist: Artist, profile: Profile) -> Sound:
    """All about an artist's sound; `auto` chooses by the artist's seed, once and for all."""
    pack = pack_of(profile)
    wish, language = profile.music.singer, profile.languages[0]
    singer = None
    unsung = None
    if wish == INSTRUMENTAL:
        unsung = "the artist is instrumental"
    elif wish == AUTO and not pack.vocal.sung:
        unsung = f"{pack.name} is played, not sung; choose a singer to change that"
    else:
        chosen = choose_singer(artist.seed, pack) if wish == AUTO else load_singer(wish)
        singer = chosen if chosen.sings(language) else None
    instrumental = unsung is not None
    if singer is None and unsung is None:
        unsung = f"no singer has the sounds of the language {language!r}; an instrument sings"
    return Sound(
        genre=pack.id,
        genre_name=pack.name,
        overrides=profile.genre_overrides,
        wish=wish,
        singer=singer,
        language=language,
        instrumental=instrumental,
        unsung=unsung,
    )


def _known(wish: str) -> str:
    return wish if wish in (AUTO, INSTRUMENTAL) else load_singer(wish).id


def _reason(singer: str | None, overrides: dict[str, Override | None] | None) -> str:
    told = [f"singer {singer}"] if singer is not None else []
    told += [
        f"{path} {'as the genre has it' if value is None else f'= {value}'}"
        for path, value in (overrides or {}).items()
    ]
    return f"sound chosen by a person: {', '.join(told) or 'nothing changed'}"
