import numpy as np
import pytest

from media.effects import compressor
from tests.media.tones import RATE, sine


def test_compressor_follows_its_ratio() -> None:
    loud = sine(300, level=1.0)
    out = compressor.compress(loud, RATE, threshold_db=-20, ratio=4)[:, RATE // 2 :]
    assert 20 * np.log10(np.abs(out).max()) == pytest.approx(-15, abs=0.5)
    quiet = sine(300, level=0.05)
    assert np.allclose(compressor.compress(quiet, RATE, threshold_db=-20, ratio=4), quiet)


def test_deesser_tames_hiss_and_leaves_vowels() -> None:
    hiss, vowel = sine(8000, level=0.4), sine(400, level=0.4)
    tamed = compressor.deess(hiss + vowel, RATE, hz=5500, threshold_db=-30, ratio=4)[:, RATE // 4 :]
    frequencies = np.fft.rfftfreq(tamed.shape[1], 1 / RATE)
    found = np.abs(np.fft.rfft(tamed[0])) / (tamed.shape[1] / 2)
    assert 20 * np.log10(found[np.argmin(np.abs(frequencies - 8000))] / 0.4) < -10
    assert found[np.argmin(np.abs(frequencies - 400))] == pytest.approx(0.4, rel=0.05)


def test_deesser_leaves_a_voice_without_hiss_alone() -> None:
    vowel = sine(300, level=0.3)
    assert np.allclose(compressor.deess(vowel, RATE, threshold_db=-30), vowel, atol=1e-4)
