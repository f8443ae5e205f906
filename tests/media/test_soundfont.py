from pathlib import Path

import numpy as np
import pytest

from domain.errors import InvalidInput, PartMissing
from domain.score import Note, Track
from media.soundfont import convert, prepare, render_track
from packs import SOUND_FONT
from tests.media.tones import RATE


@pytest.fixture(scope="module")
def sf2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(SOUND_FONT, tmp_path_factory.mktemp("soundfont"))


def _track(pitch: int = 69, program: int = 73, notes: int = 1) -> Track:
    return Track(
        role="x", part="hook", voice="flute", engine="soundfont", program=program,
        notes=tuple(Note(start=i, duration=1, pitch=pitch, velocity=100) for i in range(notes)),
    )  # fmt: skip


def test_conversion_is_made_once(sf2: Path) -> None:
    before = sf2.stat().st_mtime_ns
    assert prepare(SOUND_FONT, sf2.parent) == sf2
    assert sf2.stat().st_mtime_ns == before
    assert [p.name for p in sf2.parent.iterdir()] == [sf2.name]


def test_missing_sound_font_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(PartMissing) as caught:
        prepare(tmp_path / "none.sf3", tmp_path)
    assert caught.value.remedy


@pytest.mark.parametrize("data", [b"", b"RIFF0000WAVE", SOUND_FONT.read_bytes()[:5000]])
def test_what_is_no_sound_font_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        convert(data)


def test_instrument_plays_in_tune_and_fills_the_length(sf2: Path) -> None:
    sound = render_track(_track(), sf2, 60.0, 2 * RATE, RATE)
    assert sound.shape == (2, 2 * RATE)
    window = sound[0, RATE // 4 : 3 * RATE // 4]
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window))))
    loudest = np.fft.rfftfreq(len(window), 1 / RATE)[spectrum.argmax()]
    assert loudest == pytest.approx(440, abs=4)
    assert np.abs(sound[:, int(1.7 * RATE) :]).max() < 0.01, "the end is not padded with silence"


def test_silent_rendering_is_reported(sf2: Path) -> None:
    silent = _track().model_copy(update={"notes": ()})
    with pytest.raises(PartMissing, match="plays nothing"):
        render_track(silent, sf2, 60.0, RATE, RATE)
