import json
from pathlib import Path

import numpy as np
import pytest

from domain.errors import InvalidInput, PartMissing
from domain.score import Score
from media.compose import compose
from media.encode import decode, pcm_sha256, to_pcm24
from media.gates.audio import check_audio
from media.loudness import measure, true_peak_dbtp
from media.song import render_song
from media.soundfont import prepare
from packs import SOUND_FONT, load_pack, pack_ids
from tests.media.songs import sketch_brief


@pytest.fixture(scope="module")
def sf2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(SOUND_FONT, tmp_path_factory.mktemp("soundfont"))


@pytest.mark.parametrize("pack_id", pack_ids())
def test_sketch_of_every_genre_becomes_a_song(pack_id: str, sf2: Path, tmp_path: Path) -> None:
    pack = load_pack(pack_id)
    score = compose(sketch_brief(pack_id), pack)
    seen: list[float] = []
    song = render_song(score, pack, tmp_path, sf2, lambda stage, share: seen.append(share))

    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    sound, rate = decode(song.flac)
    assert pcm_sha256(to_pcm24(sound)) == song.pcm_sha256
    assert measure(sound, rate).integrated_lufs == pytest.approx(-14.0, abs=0.3)
    for path in (song.flac, song.mp3):
        assert true_peak_dbtp(*decode(path)) <= -1.0
    assert score.duration_s * 0.9 <= song.duration_s <= score.duration_s + 4
    assert Score.model_validate(json.loads(song.score.read_text())) == score
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "score.json", "song.flac", "song.mid", "song.mp3"
    ]  # fmt: skip
    report = check_audio(song.flac, song.mp3, score, pack)
    assert report.passed, [g.reason for g in report.failures]


def test_same_score_gives_same_samples_and_another_seed_does_not(tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    score = compose(sketch_brief("synthwave", 2), pack)
    first, again = (render_song(score, pack, tmp_path / name, None) for name in "ab")
    assert first.pcm_sha256 == again.pcm_sha256
    other = compose(sketch_brief("synthwave", 3), pack)
    assert render_song(other, pack, tmp_path / "c", None).pcm_sha256 != first.pcm_sha256


def test_acoustic_song_without_sound_font_names_the_remedy(tmp_path: Path) -> None:
    pack = load_pack("indie-folk")
    with pytest.raises(PartMissing) as caught:
        render_song(compose(sketch_brief("indie-folk"), pack), pack, tmp_path, None)
    assert "sf3" in (caught.value.remedy or "")


def test_song_without_notes_is_refused(tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    score = compose(sketch_brief("synthwave"), pack).model_copy(update={"tracks": (), "lyrics": ()})
    with pytest.raises(InvalidInput, match="silent"):
        render_song(score, pack, tmp_path, None)


def test_samples_are_stereo_and_finite(tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    song = render_song(compose(sketch_brief("synthwave"), pack), pack, tmp_path, None)
    sound, rate = decode(song.flac)
    assert rate == song.sample_rate_hz
    assert sound.shape[0] == 2
    assert np.isfinite(sound).all()
