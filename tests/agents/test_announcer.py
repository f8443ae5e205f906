from __future__ import annotations

import pytest

from agents.announcer import SongFacts, cover_alt, write_announcement, write_update
from domain.errors import InvalidInput, UnusableAnswer
from domain.ports.network import NetworkCapabilities
from tests.agents.house import PROFILE, SCOPE, House

SONG = SongFacts(title="Between Floors", theme="night shifts", story="A mechanic waits.")


def channel(most: int = 300) -> NetworkCapabilities:
    return NetworkCapabilities(
        name="stage",
        text_max_graphemes=most,
        media_max=4,
        duplicate_guard="client_key",
        metrics=frozenset(),
    )


async def announced(house: House, song: SongFacts = SONG, most: int = 300) -> str:
    text, report = await write_announcement(
        house.gateway, profile=PROFILE, song=song, capabilities=channel(most), seed=1, scope=SCOPE
    )
    assert report.role == "announcer"
    return text


async def updated(
    house: House, subject: str = "a quiet week", earlier: tuple[str, ...] = ()
) -> str:
    text, _ = await write_update(
        house.gateway,
        profile=PROFILE,
        subject=subject,
        facts=["the last song is “Between Floors”"],
        capabilities=channel(),
        seed=1,
        scope=SCOPE,
        earlier_posts=earlier,
    )
    return text


@pytest.mark.parametrize("small", [True, False])
async def test_an_announcement_names_the_song_and_says_more(small: bool) -> None:
    text = await announced(House(small=small))
    assert '"Between Floors" is out now.' in text
    assert len(text) > len('"Between Floors" is out now.') + 10


@pytest.mark.parametrize("most", [60, 90, 300])
async def test_the_limit_of_the_channel_holds(most: int) -> None:
    assert len(await announced(House(), most=most)) <= most


async def test_a_title_longer_than_the_channel_is_refused_at_once() -> None:
    house = House()
    with pytest.raises(InvalidInput) as caught:
        await announced(house, SONG.model_copy(update={"title": "x" * 60}), most=50)
    assert caught.value.field == "title"
    assert house.endpoint.calls == []


async def test_hashtags_mentions_and_emoji_are_taken_out() -> None:
    text = await announced(
        House({"post.announcement": ["I wrote it at night. 🎵🔥 #newmusic @you"]})
    )
    assert text == '"Between Floors" is out now. I wrote it at night.'


@pytest.mark.parametrize(
    "claim",
    [
        "Stream it on Spotify.",
        "See you on tour, tickets are live.",
        "More at https://x.example.",
        "The album comes on Friday.",
        "Fuck the night shift.",
        "It is about revenge.",
        "Our last stop was at a small venue.",
    ],
)
async def test_unfounded_or_forbidden_words_are_refused(claim: str) -> None:
    with pytest.raises(UnusableAnswer):
        await updated(House({"post.update": [claim]}))


async def test_what_the_subject_names_may_be_said() -> None:
    text = await updated(House({"post.update": ["The tickets are blue."]}), "the new tickets")
    assert text == "The tickets are blue."


async def test_a_post_is_not_posted_twice() -> None:
    posts = ["The kettle is on again.", "I found my second notebook."]
    first = await updated(House({"post.update": list(posts)}))
    second = await updated(House({"post.update": list(posts)}), earlier=(first,))
    assert {first, second} == set(posts)


async def test_examples_of_the_prompt_are_not_posts() -> None:
    copied = "I keep taking notes off the piano until only the good ones are left."
    with pytest.raises(UnusableAnswer):
        await updated(House({"post.update": [copied]}))


def test_alternative_text_tells_the_facts_of_the_cover() -> None:
    alt = cover_alt("Between Floors", "Mara Voss", PROFILE.visual)
    assert alt == (
        "Cover of “Between Floors” by Mara Voss: a neon horizon picture with city, rain."
    )
