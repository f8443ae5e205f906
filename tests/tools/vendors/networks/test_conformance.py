"""What every network must keep to, run over all of them; Bluesky is a real server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import InvalidInput
from tests.support.bluesky.server import BlueskyServer
from tests.support.label import TestLabel
from tests.tools.vendors.networks import stands
from tests.tools.vendors.networks.stands import Stand
from tools.vendors.limits import graphemes

NETWORKS = ["stage", "scripted", "bluesky"]


@pytest.fixture(params=NETWORKS)
async def stand(request: pytest.FixtureRequest, label: TestLabel) -> Stand:
    if request.param == "stage":
        return await stands.stage(label)
    if request.param == "scripted":
        return await stands.scripted(label)
    server: BlueskyServer = request.getfixturevalue("bluesky")
    return await stands.bluesky(label, server)


async def test_what_it_renders_it_takes_and_names_itself(stand: Stand) -> None:
    limits = stand.network.capabilities
    assert limits.name
    assert limits.title
    for text in ("Out.", "A word " * 400, "👩\u200d👩\u200d👧\u200d👦" * 1200, "no-spaces" * 200):
        payload = await stand.draft(text)
        stand.network.validate(payload)
        assert payload.channel == limits.name
        assert graphemes(payload.text) <= limits.text_max_graphemes


async def test_rendering_twice_gives_one_digest(stand: Stand) -> None:
    assert (await stand.draft(picture=True)).digest() == (await stand.draft(picture=True)).digest()


@pytest.mark.parametrize("text", ["", "x" * 4000])
async def test_what_does_not_fit_is_refused_by_name(stand: Stand, text: str) -> None:
    payload = (await stand.draft()).model_copy(update={"text": text, "facets": ()})
    with pytest.raises(InvalidInput) as refused:
        stand.network.validate(payload)
    assert refused.value.field == "text"


async def test_pictures_are_few_and_described(stand: Stand) -> None:
    payload = await stand.draft(picture=True)
    (part,) = payload.media
    most = stand.network.capabilities.media_max
    with pytest.raises(InvalidInput) as many:
        stand.network.validate(payload.model_copy(update={"media": (part,) * (most + 1)}))
    assert many.value.field == "media"
    bare = part.model_copy(update={"alt": " "})
    with pytest.raises(InvalidInput) as undescribed:
        stand.network.validate(payload.model_copy(update={"media": (bare,)}))
    assert undescribed.value.field == "alt"


@pytest.mark.parametrize("picture", [False, True])
async def test_the_same_post_again_shows_once_and_is_found(stand: Stand, picture: bool) -> None:
    payload = await stand.draft(picture=picture)
    key, at = await stand.new_key(payload), stand.now
    assert await stand.network.find(key, at) is None
    for _ in range(2):
        await stand.network.prepare(payload)
    assert await stand.shown() == 0
    first = await stand.network.publish(payload, key, at)
    again = await stand.network.publish(payload, key, at)
    found = await stand.network.find(key, at)
    assert found is not None
    assert first.remote_id == again.remote_id == found.remote_id
    assert not first.pending
    assert await stand.network.poll(first.remote_id) == found
    assert await stand.shown() == 1


async def test_two_posts_of_one_moment_both_stand(stand: Stand) -> None:
    payload = await stand.draft()
    keys = [await stand.new_key(payload) for _ in range(2)]
    made = [await stand.network.publish(payload, key, stand.now) for key in keys]
    assert made[0].remote_id != made[1].remote_id
    assert await stand.shown() == 2


async def test_what_is_taken_down_is_gone_and_may_be_taken_down_again(stand: Stand) -> None:
    payload = await stand.draft()
    key = await stand.new_key(payload)
    made = await stand.network.publish(payload, key, stand.now)
    for _ in range(2):
        await stand.network.delete(made.remote_id)
    assert await stand.shown() == 0


async def test_it_says_whose_account_it_is_and_that_nothing_came_yet(stand: Stand) -> None:
    state = await stand.network.refresh()
    assert state.remote_id
    assert state.account
    inbox = await stand.network.inbox(None)
    assert inbox.items == ()
    assert (await stand.network.inbox(inbox.cursor)).items == ()


async def test_a_later_time_of_the_same_post_is_another_place(stand: Stand) -> None:
    """Why the time is frozen: on a network without keys of its own it is part of the key."""
    payload = await stand.draft()
    key = await stand.new_key(payload)
    await stand.network.publish(payload, key, stand.now)
    assert await stand.network.find(key, stand.now) is not None
    other = await stand.network.find(f"{key}x", stand.now + timedelta(days=1))
    assert other is None
