"""What is measured of real renders tells genres, words and covers apart, and songs from noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from domain.errors import InvalidInput
from evals.audience.features import FURTHEST, NAMES, Features, Rendered, measure
from media.compose import compose
from media.encode import decode
from media.song import render_song
from media.soundfont import prepare
from packs import SOUND_FONT, load_pack
from tests.media.pictures.samples import small_cover, spec
from tests.media.songs import CHORUS, VERSE, sketch_brief

RATE_HZ = 44_100
PACKS = ("ambient", "house", "trap")


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendered]:
    """Four bars of each genre, by the whole path from a brief to a decoded file."""
    folder = tmp_path_factory.mktemp("songs")
    sf2 = prepare(SOUND_FONT, folder)
    return {pack_id: _rendered(pack_id, sf2, folder / pack_id) for pack_id in PACKS}


def _rendered(pack_id: str, sf2: Path, folder: Path) -> Rendered:
    pack = load_pack(pack_id)
    score = compose(sketch_brief(pack_id), pack)
    sound, rate = decode(render_song(score, pack, folder, sf2).flac)
    return Rendered(sound, rate, score, lyrics=(*VERSE, *CHORUS))


def test_genres_differ_as_a_listener_would_say(songs: dict[str, Rendered]) -> None:
    found = {pack_id: measure(song) for pack_id, song in songs.items()}
    assert found["trap"]["tempo"] > found["house"]["tempo"] > found["ambient"]["tempo"]
    assert min(found["house"]["notes"], found["trap"]["notes"]) > found["ambient"]["notes"]
    assert found["ambient"]["spectrum"] == min(song["spectrum"] for song in found.values())
    assert found["house"]["chords"] > found["trap"]["chords"]
    # A component that is the same for all says nothing about anybody's taste.
    for name in ("tempo", "harmony", "chords", "notes", "spectrum", "noisiness", "attacks"):
        values = [song[name] for song in found.values()]
        assert max(values) - min(values) > 0.3, name
    assert all(np.abs(song.vector).max() < FURTHEST for song in found.values())


def test_measuring_twice_gives_the_same(songs: dict[str, Rendered]) -> None:
    first, again = (measure(songs["house"]).vector for _ in range(2))
    assert first.tolist() == again.tolist()


def test_silence_and_noise_are_told_from_songs_and_from_each_other(
    songs: dict[str, Rendered],
) -> None:
    rng = np.random.default_rng(1)
    silence = measure(Rendered(np.zeros((2, 8 * RATE_HZ), np.float32), RATE_HZ))
    hiss = (0.1 * rng.standard_normal((2, 8 * RATE_HZ))).astype(np.float32)
    noise = measure(Rendered(hiss, RATE_HZ))
    heard = [measure(song) for song in songs.values()]
    assert silence["loudness"] == -FURTHEST
    assert all(abs(song["loudness"]) < 0.2 for song in heard)
    assert noise["noisiness"] > max(song["noisiness"] for song in heard) + 0.5
    assert noise["spectrum"] > max(song["spectrum"] for song in heard) + 0.5


def test_words_and_covers_are_heard_and_seen() -> None:
    sound = np.full((1, RATE_HZ), 0.1, np.float32)
    rhymed = measure(Rendered(sound, RATE_HZ, lyrics=VERSE))
    plain = measure(Rendered(sound, RATE_HZ, lyrics=("I went out", "the door is red", "my cat")))
    assert rhymed["rhyme"] > plain["rhyme"]
    turning = measure(Rendered(sound, RATE_HZ, lyrics=("stone stone", "stone stone")))
    assert turning["words"] < rhymed["words"]
    grey, red = np.full((64, 64, 3), 128, np.uint8), np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    dull, vivid = (measure(Rendered(sound, RATE_HZ, cover=picture)) for picture in (grey, red))
    assert vivid["colour"] > dull["colour"] + 1.0
    drawn = small_cover(spec(), 5).image
    day, night = (
        measure(Rendered(sound, RATE_HZ, cover=picture)) for picture in (drawn, drawn // 3)
    )
    assert day["light"] > night["light"] + 0.3


def test_what_cannot_be_measured_is_the_middle() -> None:
    bare = measure(Rendered(np.full((1, RATE_HZ), 0.1, np.float32), RATE_HZ))
    unknown = ("tempo", "harmony", "singing", "rhyme", "words", "light", "colour", "newness")
    assert [bare[name] for name in unknown] == [0.0] * len(unknown)


def test_a_work_is_new_by_its_distance_to_the_latest() -> None:
    sound = np.full((1, RATE_HZ), 0.1, np.float32)
    work = Rendered(sound, RATE_HZ, lyrics=VERSE)
    same, other = measure(work), Features(np.full(len(NAMES), 2.0))
    assert measure(work, [other])["newness"] > measure(work, [other, same])["newness"]
    # Five works later nobody remembers.
    assert measure(work, [same, *[other] * 5])["newness"] > measure(work, [same])["newness"]


@pytest.mark.parametrize("shape", [(0,), (2, 0), (8, 100)])
def test_what_is_no_sound_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput):
        measure(Rendered(np.zeros(shape, np.float32), RATE_HZ))
