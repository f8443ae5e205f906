import numpy as np
import pyloudnorm
import pytest

from media.loudness import SILENT_LUFS, measure, true_peak_dbtp
from media.sound import silence
from tests.media.tones import RATE, noise, sine


def test_reference_tone() -> None:
    """BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LKFS."""
    tone = sine(997, 5.0, level=1.0, channels=1)
    assert measure(tone, RATE).integrated_lufs == pytest.approx(-3.01, abs=0.05)


def test_agrees_with_another_meter_on_music_like_sound() -> None:
    sound = np.concatenate([noise(4, 0.02), noise(6, 0.2), noise(2, 0.001)], axis=1)
    other = pyloudnorm.Meter(RATE).integrated_loudness(sound.T.astype(np.float64))
    assert measure(sound, RATE).integrated_lufs == pytest.approx(other, abs=0.1)


def test_other_rates_read_the_same() -> None:
    t = np.arange(48_000 * 4) / 48_000
    tone = np.sin(2 * np.pi * 997 * t).astype(np.float32)[None]
    assert measure(tone, 48_000).integrated_lufs == pytest.approx(-3.01, abs=0.05)


def test_range_of_two_levels_is_their_distance() -> None:
    sound = np.concatenate([sine(997, 20, 0.05), sine(997, 20, 0.2)], axis=1)
    assert measure(sound, RATE).range_lu == pytest.approx(12.0, abs=0.7)
    assert measure(sine(997, 20), RATE).range_lu == pytest.approx(0.0, abs=0.1)


def test_silence_and_nothing() -> None:
    assert measure(silence(RATE), RATE).integrated_lufs == SILENT_LUFS
    assert measure(silence(0), RATE).integrated_lufs == SILENT_LUFS


def test_true_peak_sees_between_samples() -> None:
    n = np.arange(RATE)
    tone = np.sin(2 * np.pi * RATE / 4 * n / RATE + np.pi / 4).astype(np.float32)[None]
    assert 20 * np.log10(np.abs(tone).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(tone, RATE) == pytest.approx(0.0, abs=0.2)
