from pathlib import Path

import numpy as np
import pytest

from domain.errors import PartMissing
from media.voice import model
from media.voice.model import CONFIG_FILE, MODEL_FILE, prepare
from media.voice.phonemes import Phone
from media.voice.speech import Speaker

HELLO = (
    Phone("h", "onset", 0, opens_word=True),
    Phone("ɑː", "vowel", 0, stress=2),
    Phone("t", "coda", 0),
)


def test_prepared_once_and_found_again(voice: Path) -> None:
    before = voice.stat().st_mtime_ns
    assert prepare(voice.parent) == voice
    assert voice.stat().st_mtime_ns == before
    assert [path.name for path in voice.parent.iterdir()] == [voice.name]


def test_missing_package_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "PACKAGE", "no_such_voice_package")
    with pytest.raises(PartMissing) as caught:
        prepare(tmp_path)
    assert caught.value.field == "voice"
    assert "make setup" in (caught.value.remedy or "")


def test_incomplete_package_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PartMissing, match=MODEL_FILE):
        prepare(tmp_path / "cache", data_dir=tmp_path)


def test_damaged_package_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / MODEL_FILE).write_bytes(b"not the voice")
    (tmp_path / CONFIG_FILE).write_text("{}")
    with pytest.raises(PartMissing, match="not the expected one"):
        prepare(tmp_path / "cache", data_dir=tmp_path)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_damaged_cache_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "joe.onnx"
    path.write_bytes(content)
    with pytest.raises(PartMissing, match=r"joe\.onnx"):
        Speaker(path)


def test_absent_cache_is_named(tmp_path: Path) -> None:
    with pytest.raises(PartMissing):
        Speaker(tmp_path / "joe.onnx")


def test_vowels_last_as_long_as_asked(voice: Path) -> None:
    speaker = Speaker(voice)
    short, long = (speaker.speak(HELLO, vowel_s) for vowel_s in (0.3, 0.9))
    lengths = np.diff(long.edges_s) - np.diff(short.edges_s)
    assert lengths == pytest.approx([0.0, 0.6, 0.0], abs=0.025)
    more = (len(long.samples) - len(short.samples)) / short.sample_rate_hz
    assert more == pytest.approx(0.6, abs=0.025)


def test_same_words_same_samples(voice: Path) -> None:
    first = Speaker(voice).speak(HELLO, 0.2).samples
    speaker = Speaker(voice)
    speaker.speak(HELLO, 0.3)
    assert (speaker.speak(HELLO, 0.2).samples == first).all()
