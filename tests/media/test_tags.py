from pathlib import Path

import pytest
import soundfile

from domain.errors import InvalidInput
from media.encode import decode, flac_bytes, mp3_bytes, pcm_sha256, to_pcm24
from media.tags import SongTags, key_tag, read_tags, write_tags
from tests.media.tones import RATE, sine

TAGS = SongTags(
    title="Kettle & Söhne",
    artist="The Ünderpass",
    album="Single",
    genre="Lo-fi hip hop",
    bpm=82.5,
    key="F#m",
    lyrics="First line\n\nSecond line – déjà",
    ai_disclosure="Composed and rendered by rules; words by a language model",
    isrc="USABC2500001",
    cover_jpeg=b"\xff\xd8\xff\xe0" + bytes(range(256)),
)


@pytest.fixture(params=["song.flac", "song.mp3", "song.ogg"])
def song(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    sound = sine(440, 0.5)
    if path.suffix == ".ogg":
        soundfile.write(path, sound.T, RATE, format="OGG", subtype="VORBIS")
    else:
        flac = path.suffix == ".flac"
        path.write_bytes(flac_bytes(to_pcm24(sound), RATE) if flac else mp3_bytes(sound, RATE))
    return path


def test_tags_round_trip(song: Path) -> None:
    write_tags(song, TAGS)
    assert read_tags(song) == TAGS


def test_tagging_again_replaces_everything(song: Path) -> None:
    write_tags(song, TAGS)
    second = SongTags(title="B", artist="C", bpm=100, ai_disclosure="d")
    write_tags(song, second)
    assert read_tags(song) == second


def test_tagging_leaves_the_audio_alone(song: Path) -> None:
    before = pcm_sha256(to_pcm24(decode(song)[0]))
    write_tags(song, TAGS)
    assert pcm_sha256(to_pcm24(decode(song)[0])) == before
    assert [p.name for p in song.parent.iterdir()] == [song.name]


def test_untagged_and_unknown_files_are_refused(song: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_tags(song)
    with pytest.raises(InvalidInput, match="neither"):
        write_tags(tmp_path / "song.wav", TAGS)


def test_broken_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    path.write_bytes(b"not audio")
    with pytest.raises(InvalidInput):
        write_tags(path, TAGS)
    assert path.read_bytes() == b"not audio"


def test_disclosure_is_not_optional() -> None:
    with pytest.raises(ValueError, match="ai_disclosure"):
        SongTags(title="A", artist="B", bpm=100, ai_disclosure="")


def test_key_names() -> None:
    assert key_tag("F#", "dorian") == "F#m"
    assert key_tag("G", "mixolydian") == "G"
