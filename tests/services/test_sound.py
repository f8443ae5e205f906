from __future__ import annotations

import pytest

from domain.actor import OPERATOR, visitor_actor
from domain.errors import Forbidden, InvalidInput
from services.sound import SoundService
from tests.support.label import TestLabel, debut


async def test_an_artist_has_a_singer_from_the_start(label: TestLabel) -> None:
    artist = await debut(label)
    sound = await SoundService(label.artists).of(OPERATOR, artist.handle)
    assert sound.wish == "auto"
    assert sound.singer is not None
    assert sound.unsung is None
    assert await SoundService(label.artists).of(OPERATOR, artist.id) == sound


async def test_choosing_a_singer_is_a_new_profile_version(label: TestLabel) -> None:
    artist = await debut(label)
    service = SoundService(label.artists)
    auto = (await service.of(OPERATOR, artist.handle)).singer
    version = await service.choose(OPERATOR, artist.handle, singer="none")
    assert version.number == artist.profile_number + 1
    assert "singer none" in version.reason
    silent = await service.of(OPERATOR, artist.handle)
    assert silent.singer is None
    assert silent.unsung == "the artist is instrumental"
    await service.choose(OPERATOR, artist.handle, singer="auto")
    assert (await service.of(OPERATOR, artist.handle)).singer == auto


async def test_bending_the_genre_and_straightening_it_again(label: TestLabel) -> None:
    artist = await debut(label)
    service = SoundService(label.artists)
    await service.choose(OPERATOR, artist.handle, overrides={"mix.reverb_s": 3.5})
    assert (await service.of(OPERATOR, artist.handle)).overrides == {"mix.reverb_s": 3.5}
    await service.choose(OPERATOR, artist.handle, overrides={"mix.reverb_s": None})
    assert (await service.of(OPERATOR, artist.handle)).overrides == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"singer": "nobody-we-know"}, "singer"),
        ({"overrides": {"mix.reverb_s": 900}}, "mix.reverb_s"),
        ({"overrides": {"no.such.path": 1}}, "no.such.path"),
    ],
)
async def test_bad_choices_are_named_and_change_nothing(
    label: TestLabel, change: dict[str, object], field: str
) -> None:
    artist = await debut(label)
    service = SoundService(label.artists)
    before = await service.of(OPERATOR, artist.handle)
    with pytest.raises(InvalidInput) as refused:
        await service.choose(OPERATOR, artist.handle, **change)  # type: ignore[arg-type]
    assert field in str(refused.value.field)
    assert refused.value.remedy
    assert await service.of(OPERATOR, artist.handle) == before


async def test_a_visitor_chooses_nothing(label: TestLabel) -> None:
    artist = await debut(label)
    with pytest.raises(Forbidden):
        await SoundService(label.artists).choose(visitor_actor("v1"), artist.handle, singer="none")
