import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from domain.errors import InvalidInput
from media.container import ends_early
from media.encode import decode, flac_bytes, mp3_bytes, ogg_bytes, to_pcm24
from media.foreign import master_file, read_audio
from media.loudness import measure, true_peak_dbtp
from media.sound import SAMPLE_RATE_HZ, Sound, silence
from tests.media.tones import RATE, noise, sine


def wav_bytes(sound: Sound, rate: int = RATE) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, sound.T, rate, subtype="PCM_16", format="WAV")
    return buffer.getvalue()


def song() -> Sound:
    """Three seconds that swell, as music does."""
    sound = noise(3.0, 0.1)
    return sound * np.linspace(0.3, 1.0, sound.shape[1], dtype=np.float32)


WRITERS: dict[str, Callable[[Sound], bytes]] = {
    "wav": wav_bytes,
    "flac": lambda sound: flac_bytes(to_pcm24(sound), RATE),
    "mp3": lambda sound: mp3_bytes(sound, RATE),
    "ogg": lambda sound: ogg_bytes(sound, RATE),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_is_mastered_to_the_same_levels(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "song"
    source.write_bytes(WRITERS[kind](song()))
    seen: list[float] = []
    done = master_file(source, tmp_path / "out", seed=1, progress=lambda _, s: seen.append(s))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert done.integrated_lufs == pytest.approx(-14.0, abs=0.3)
    for path in (done.flac, done.mp3, done.ogg):
        sound, rate = decode(path)
        assert measure(sound, rate).integrated_lufs == pytest.approx(-14.0, abs=0.3)
        assert true_peak_dbtp(sound, rate) <= -1.0


@pytest.mark.parametrize("kind", WRITERS)
def test_truncated_file_is_refused(kind: str, tmp_path: Path) -> None:
    whole = WRITERS[kind](song())
    source = tmp_path / "song"
    source.write_bytes(whole[: len(whole) * 6 // 10 + 100])
    with pytest.raises(InvalidInput, match=r"ends early|cannot be decoded") as caught:
        read_audio(source)
    assert caught.value.field == "audio"


@pytest.mark.parametrize("kind", WRITERS)
def test_whole_file_does_not_end_early(kind: str) -> None:
    assert not ends_early(WRITERS[kind](song()))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<!doctype html><html><body>502 Bad Gateway</body></html>", "is not audio"),
        (b'{"error": "no credit"}', "is not audio"),
        (b"", "is empty"),
        (b"RIFF", "cannot be decoded"),
        (wav_bytes(silence(3 * RATE)), "is silent"),
        (wav_bytes(noise(3.0, 1e-5)), "is silent"),
        (wav_bytes(noise(0.3)), "is shorter"),
    ],
)
def test_what_is_no_song_is_refused_with_its_reason(
    data: bytes, reason: str, tmp_path: Path
) -> None:
    source = tmp_path / "song.mp3"
    source.write_bytes(data)
    with pytest.raises(InvalidInput, match=reason) as caught:
        master_file(source, tmp_path / "out", seed=1)
    assert caught.value.remedy
    assert not (tmp_path / "out" / "song.flac").exists()


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    sound = song()
    sound[0, 100] = np.nan
    buffer = io.BytesIO()
    soundfile.write(buffer, sound.T, RATE, subtype="FLOAT", format="WAV")
    (tmp_path / "song.wav").write_bytes(buffer.getvalue())
    with pytest.raises(InvalidInput, match="no sound"):
        read_audio(tmp_path / "song.wav")


def test_mono_at_another_rate_becomes_stereo_in_tune(tmp_path: Path) -> None:
    t = np.arange(3 * 32_000) / 32_000
    tone = (0.3 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)[None]
    (tmp_path / "song.wav").write_bytes(wav_bytes(tone, 32_000))
    sound, rate = read_audio(tmp_path / "song.wav")
    assert rate == 32_000
    assert sound.shape == (2, 3 * SAMPLE_RATE_HZ)
    spectrum = np.abs(np.fft.rfft(sound[1]))
    assert np.argmax(spectrum) * SAMPLE_RATE_HZ / sound.shape[1] == pytest.approx(1000, abs=1)


def test_silence_around_the_song_is_cut(tmp_path: Path) -> None:
    around = [silence(2 * RATE), sine(440, 3.0, 0.4), silence(3 * RATE)]
    (tmp_path / "song.wav").write_bytes(wav_bytes(np.concatenate(around, axis=1)))
    done = master_file(tmp_path / "song.wav", tmp_path / "out", seed=1)
    assert done.cut_lead_in_s == pytest.approx(1.95, abs=0.02)
    assert 3.0 <= done.duration_s <= 3.5


def test_tagged_mp3_is_whole_and_its_half_is_not() -> None:
    data = mp3_bytes(song(), RATE)
    tagged = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 20]) + bytes(20) + data + b"TAG" + bytes(125)
    assert not ends_early(tagged)
    assert ends_early(tagged[: len(tagged) // 2])


def test_a_small_file_that_unfolds_to_gigabytes_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.foreign.MOST_VALUES", 4 * RATE)
    path = tmp_path / "many.flac"
    soundfile.write(path, np.zeros((RATE, 8), np.float32), RATE, format="FLAC")
    with pytest.raises(InvalidInput, match="more channels"):
        read_audio(path)
    soundfile.write(path, noise(1.5, 0.1).T, RATE, format="FLAC")
    assert read_audio(path)[1] == RATE
