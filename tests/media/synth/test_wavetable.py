import numpy as np
import pytest

from media.synth.wavetable import Wave, phase_of, read, rows, stack
from media.theory import hertz
from tests.media.synth.hearing import pitch_error_cents, spectrum
from tests.media.tones import RATE

OPEN = rows(np.array([16_000.0]))[0]


def _strays_db(signal: np.ndarray, base: float) -> float:
    """Strongest component that is no harmonic, under the strongest of all."""
    frequencies, magnitudes = spectrum(signal)
    distance = np.abs(frequencies / base - np.round(frequencies / base)) * base
    strays = magnitudes[(distance > 8) & (frequencies > 20)].max()
    return float(20 * np.log10(strays / magnitudes.max()))


@pytest.mark.parametrize("wave", ["saw", "square", "pulse", "triangle"])
@pytest.mark.parametrize("pitch", [45, 76, 100])
def test_oscillators_do_not_alias(wave: Wave, pitch: int) -> None:
    base = hertz(pitch)
    row = np.full(RATE, OPEN, dtype=np.float32)
    sound = read(stack(wave, base), phase_of(base, RATE, RATE, 0.1), row)
    assert _strays_db(sound, base) < -60
    assert abs(pitch_error_cents(sound, base)) < 0.5


def test_a_naive_saw_would_be_caught() -> None:
    base = hertz(100)
    naive = (2.0 * (np.arange(RATE) * base / RATE % 1.0) - 1.0).astype(np.float32)
    assert _strays_db(naive, base) > -60


def test_a_moving_frequency_arrives_where_it_should() -> None:
    moving = np.linspace(220.0, 440.0, RATE, dtype=np.float32)
    row = np.full(RATE, OPEN, dtype=np.float32)
    sound = read(stack("sine", 440.0), phase_of(moving, RATE, RATE), row)
    assert abs(pitch_error_cents(sound[-2048:], 437.0)) < 20


def test_a_closed_filter_is_darker() -> None:
    base = hertz(45)
    phase = phase_of(base, RATE, RATE)
    dark, bright = (
        read(stack("saw", base), phase, np.full(RATE, rows(np.array([hz]))[0], dtype=np.float32))
        for hz in (300.0, 8000.0)
    )
    frequencies, low = spectrum(dark)
    _, high = spectrum(bright)
    above = frequencies > 2000
    assert 20 * np.log10(low[above].max() / high[above].max()) < -30
