"""A label full of artists that have made their debut, put there without running anything."""

from __future__ import annotations

import random

from domain.actor import OPERATOR, artist_actor
from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface
from domain.artist import Artist
from domain.profile import MusicalRanges, Personality, PostingStyle, Profile, Voice
from runtime.clock import SystemClock
from services.artists import ArtistService
from store.database import Database

BRIEF = "A lighthouse keeper who sings about the sea at night."
FIRST = ("Mara", "Otto", "June", "Silas", "Wren", "Dana", "Ansel", "Ida", "Theo", "Lena")
LAST = ("Voss", "Lindqvist", "Calloway", "Fenn", "Halloway", "Kest", "Moreau", "Brandt", "Marsh")
THEMES = (
    "night crossings", "radio static", "home ports", "unsent postcards", "borrowed umbrellas",
    "houses with one lit window", "the smell of solder", "rivers under bridges", "the first frost",
)  # fmt: skip


async def stock(database: Database, count: int, first: int = 0) -> list[Artist]:
    """So many active artists, each with a profile of its own, numbered from `first`."""
    artists = ArtistService(database, SystemClock())
    random_ = random.Random(first)
    made = []
    for number in range(first, first + count):
        artist = await artists.create(OPERATOR, f"{BRIEF} Number {number}.", "synthwave", number)
        actor = artist_actor(artist.id)
        await artists.adopt_profile(actor, artist.id, _profile(number, random_), reason="debut")
        made.append(await artists.find(OPERATOR, artist.id))
    return made


def _profile(number: int, random_: random.Random) -> Profile:
    name = f"{random_.choice(FIRST)} {random_.choice(LAST)} {number}"
    return Profile(
        stage_name=name,
        biography="Pilots the last ferry of the night and writes to whoever is still awake. "
        "The songs are slow, bright at the edges, and always leave the engine running.",
        voice=Voice(register_="intimate", vocabulary=("radar", "salt")),
        personality=Personality(
            openness=round(random_.uniform(0.3, 0.8), 2),
            conscientiousness=0.6,
            extraversion=0.3,
            agreeableness=0.7,
            neuroticism=0.4,
        ),
        genre_pack="synthwave",
        music=MusicalRanges(tempo_bpm=(78, 96)),
        themes=tuple(random_.sample(THEMES, 3)),
        visual=ArtDirection(
            style=Style.NEON_HORIZON,
            palette=("#14213d", "#1b2a4a", "#fca311", "#e5e5e5", "#ffffff"),
            display_typeface=DisplayTypeface.SYNE,
            text_typeface=TextTypeface.INTER,
        ),
        posting=PostingStyle(tone="dry"),
    )
