"""A label full of artists that have made their debut, put there without running anything."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert

from domain.actor import OPERATOR, artist_actor
from domain.art import ArtDirection, DisplayTypeface, Style, TextTypeface
from domain.artist import Artist
from domain.ids import new_id
from domain.post import Payload, Post, PostStatus
from domain.profile import MusicalRanges, Personality, PostingStyle, Profile, Voice
from domain.run import Run, RunStatus
from runtime.clock import SystemClock
from services.artists import ArtistService
from store import tables
from store.database import Database
from store.repositories.posts import PostRepository

PAST = timedelta(days=90)
AT_ONCE = 500
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


async def crowd(database: Database, artists: Sequence[Artist], posts: int, events: int) -> None:
    """A past for these artists: a run each, published posts, and lines of the log."""
    start = SystemClock().now() - PAST
    async with database.unit() as unit:
        for artist in artists:
            await unit.runs.add(_ended_run(artist, start))
            await unit.commit()
    for first in range(0, posts, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, posts))
        made = [_post(artists[n % len(artists)], start + n * PAST / posts) for n in numbers]
        rows = [PostRepository.mapper.to_row(post) for post in made]
        async with database.session() as session:
            await session.write(insert(tables.posts).values(rows))
    for first in range(0, events, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, events))
        lines = [_line(artists[n % len(artists)], start + n * PAST / events) for n in numbers]
        async with database.session() as session:
            await session.write(insert(tables.events).values(lines))


def _ended_run(artist: Artist, at: datetime) -> Run:
    return Run(
        id=f"run_{artist.id}",
        created_at=at,
        updated_at=at,
        kind="cycle",
        artist_ids=(artist.id,),
        status=RunStatus.SUCCEEDED,
        seed=1,
    )


def _post(artist: Artist, at: datetime) -> Post:
    return Post(
        id=new_id("post"),
        created_at=at,
        updated_at=at,
        artist_id=artist.id,
        run_id=f"run_{artist.id}",
        status=PostStatus.PUBLISHED,
        published_at=at,
        payload=Payload(channel="stage", text=f"It is out. {random.choice(THEMES)} again."),
    )


def _line(artist: Artist, at: datetime) -> dict[str, object]:
    return {
        "kind": "post.changed",
        "at": at,
        "actor": f"artist:{artist.id}",
        "artist_id": artist.id,
        "run_id": f"run_{artist.id}",
        "subject_id": artist.id,
        "data": {"network": "stage", "status": "published"},
    }


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
