"""What a meter says about a synthesised note."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.sound import Sound
from tests.media.tones import RATE

Spectrum = npt.NDArray[np.float64]


def spectrum(signal: Sound) -> tuple[Spectrum, Spectrum]:
    """Frequencies and magnitudes; the window's side lobes lie below -90 dB."""
    window = np.blackman(len(signal))
    magnitudes = np.abs(np.fft.rfft(signal.astype(np.float64) * window))
    return np.asarray(np.fft.rfftfreq(len(signal), 1 / RATE), np.float64), magnitudes


def pitch_error_cents(signal: Sound, hertz: float) -> float:
    """How far the middle of the power within half a semitone of `hertz` lies from it.

    Copies that are detuned evenly around the pitch have their middle on it.
    """
    frequencies, magnitudes = spectrum(np.pad(signal, (0, 3 * len(signal))))
    near = np.abs(frequencies / hertz - 1.0) < 0.03
    power = magnitudes[near] ** 2
    middle = float((frequencies[near] * power).sum() / power.sum())
    return float(1200.0 * np.log2(middle / hertz))


def centre_hz(signal: Sound) -> float:
    """Centre of the spectrum."""
    frequencies, magnitudes = spectrum(signal)
    return float((frequencies * magnitudes).sum() / magnitudes.sum())


def sharpest_edge(signal: Sound) -> float:
    """The largest step between neighbouring samples, as a share of the peak."""
    return float(np.abs(np.diff(signal, prepend=0.0, append=0.0)).max() / np.abs(signal).max())
