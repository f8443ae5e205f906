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
from media.song import render_song, wordless
from media.soundfont import prepare
from media.voice.model import prepare as prepare_voice
from packs import SOUND_FONT, load_pack, pack_ids
from packs.singers import load_singer
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
    for path in (song.flac, song.mp3, song.ogg):
        decoded, rate = decode(path)
        assert true_peak_dbtp(decoded, rate) <= -1.0
        assert measure(decoded, rate).integrated_lufs == pytest.approx(-14.0, abs=0.3)
    assert score.duration_s * 0.9 <= song.duration_s <= score.duration_s + 4
    assert Score.model_validate(json.loads(song.score.read_text())) == score
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "lyrics.lrc", "score.json", "score.musicxml", "song.flac", "song.mid", "song.mp3",
        "song.ogg",
    ]  # fmt: skip
    report = check_audio(song.flac, song.mp3, score, pack, ogg=song.ogg)
    assert report.passed, [g.reason for g in report.failures]


def test_what_has_no_words_is_left_to_an_instrument() -> None:
    score = compose(sketch_brief("synthwave"), load_pack("synthwave"))
    assert score.vocal is not None
    claimed = sum(len(line.syllables) for line in score.lyrics)
    assert len(wordless(score.vocal, score).notes) == len(score.vocal.notes) - claimed
    mute = score.model_copy(update={"lyrics": ()})
    assert wordless(score.vocal, mute).notes == score.vocal.notes


def test_same_score_gives_same_samples_and_another_seed_does_not(tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    score = compose(sketch_brief("synthwave", 2), pack)
    first, again = (render_song(score, pack, tmp_path / name, None) for name in "ab")
    assert first.pcm_sha256 == again.pcm_sha256
    other = compose(sketch_brief("synthwave", 3), pack)
    assert render_song(other, pack, tmp_path / "c", None).pcm_sha256 != first.pcm_sha256


@pytest.fixture(scope="module")
def voice_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_voice(tmp_path_factory.mktemp("voice"))


def test_singer_takes_the_melody_over_the_instrument(voice_model: Path, tmp_path: Path) -> None:
    pack, singer = load_pack("synthwave"), load_singer("finch")
    brief = sketch_brief("synthwave").model_copy(update={"singer": singer})
    score = compose(brief, pack)
    sung = render_song(
        score, pack, tmp_path / "sung", None, singer=singer, voice_model=voice_model, stems=True
    )
    played = render_song(score, pack, tmp_path / "played", None)
    assert sung.sung
    assert not played.sung
    assert played.voice is None
    assert sung.pcm_sha256 != played.pcm_sha256
    names = {path.name[3:] for path in sung.stems}
    assert {"vocal-lead.flac", "vocal-reverb.flac", "drums.flac"} <= names
    assert "vocal.flac" not in names
    assert sung.voice is not None
    dry, rate = decode(sung.voice)
    assert dry.shape[0] == 1
    assert rate == sung.sample_rate_hz
    assert score.vocal is not None
    first = score.vocal.notes[0]
    begin, end = (int(score.seconds(b) * rate) for b in (first.start, first.start + first.duration))
    assert np.abs(dry[0, begin:end]).max() > 0.05
    assert np.abs(dry[0, int(score.duration_s * rate) + rate :]).max(initial=0.0) < 0.01
    report = check_audio(sung.flac, sung.mp3, score, pack, ogg=sung.ogg)
    assert report.passed, [g.reason for g in report.failures]


def test_singer_without_words_leaves_the_instrument(voice_model: Path, tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    score = compose(sketch_brief("synthwave").model_copy(update={"lyrics": ()}), pack)
    plain = render_song(score, pack, tmp_path / "plain", None)
    asked = render_song(
        score, pack, tmp_path / "asked", None, singer=load_singer("finch"), voice_model=voice_model
    )
    assert asked.pcm_sha256 == plain.pcm_sha256
    assert asked.lyrics is None
    assert not asked.sung


def test_take_is_another_mix_of_the_same_song(tmp_path: Path) -> None:
    pack = load_pack("synthwave")
    score = compose(sketch_brief("synthwave"), pack)
    first = render_song(score, pack, tmp_path / "first", None)
    take = render_song(score, pack, tmp_path / "take", None, mix_take=1, repair=("stereo",))
    assert take.pcm_sha256 != first.pcm_sha256
    assert take.midi.read_bytes() == first.midi.read_bytes()


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
