from __future__ import annotations

from datetime import timedelta

import pytest

from domain.actor import OPERATOR
from domain.errors import InvalidInput
from domain.post import MediaPart, Payload
from tests.services.build import artist, asked, ids
from tests.support.label import TestLabel
from tools.vendors.stage import GRAPHEMES_MAX, MEDIA_MAX, StageNetwork

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
PICTURE = MediaPart(sha256="0" * 64, media_type="image/jpeg", alt="A boat.")


def payload(text: str = "It is out.", media: tuple[MediaPart, ...] = ()) -> Payload:
    return Payload(channel="stage", text=text, media=media)


@pytest.fixture
def network(label: TestLabel) -> StageNetwork:
    return StageNetwork(label.stage)


@pytest.mark.parametrize(
    "text", ["x", "x" * GRAPHEMES_MAX, FAMILY * GRAPHEMES_MAX, "e\u0301" * GRAPHEMES_MAX]
)
def test_length_is_counted_as_people_count(network: StageNetwork, text: str) -> None:
    network.validate(payload(text))


@pytest.mark.parametrize("text", ["", "x" * (GRAPHEMES_MAX + 1), FAMILY * (GRAPHEMES_MAX + 1)])
def test_empty_and_overlong_posts_are_refused(network: StageNetwork, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        network.validate(payload(text))
    assert refused.value.field == "text"
    assert str(GRAPHEMES_MAX) in str(refused.value.remedy)


def test_pictures_are_few_and_described(network: StageNetwork) -> None:
    network.validate(payload(media=(PICTURE,) * MEDIA_MAX))
    with pytest.raises(InvalidInput) as many:
        network.validate(payload(media=(PICTURE,) * (MEDIA_MAX + 1)))
    assert many.value.field == "media"
    for alt in ("", " \n"):
        with pytest.raises(InvalidInput) as bare:
            network.validate(payload(media=(PICTURE, PICTURE.model_copy(update={"alt": alt}))))
        assert bare.value.field == "alt"


def test_its_limits_are_what_it_says(network: StageNetwork) -> None:
    told = network.capabilities
    assert (told.text_max_graphemes, told.media_max) == (GRAPHEMES_MAX, MEDIA_MAX)
    assert (told.duplicate_guard, told.key_valid_s) == ("client_key", None)


async def test_publishing_twice_shows_once_and_can_be_found_and_taken_down(
    label: TestLabel, network: StageNetwork
) -> None:
    who = await artist(label)
    post = await label.catalogue.post(OPERATOR, ids(await asked(label, who))["post"])
    at = label.clock.now()
    assert await network.find(post.id, at) is None
    first = await network.publish(post.payload, post.id, at)
    again = await network.publish(post.payload, post.id, at + timedelta(hours=1))
    assert first == again == await network.find(post.id, at)
    assert first.at == at
    (entry,) = (await label.stage.page(who.handle)).entries
    assert (entry.id, entry.payload) == (first.remote_id, post.payload)
    await network.delete(first.remote_id)
    assert (await label.stage.page(who.handle)).entries == ()
    await network.delete("stage_unknown")
