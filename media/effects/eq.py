"""Equaliser sections after Bristow-Johnson's cookbook, run as second-order sections."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from domain.errors import InvalidInput
from media.sound import Sound, require_sound

Sections = npt.NDArray[np.float64]
BUTTERWORTH_Q = 0.7071


def check_frequency(hz: float, sample_rate_hz: int) -> None:
    """Raise InvalidInput unless the sample rate can hold the frequency."""
    if not 0 < hz < sample_rate_hz / 2:
        raise InvalidInput(
            f"{hz:g} Hz is not between 0 and half the sample rate",
            field="hz",
            remedy=f"choose a frequency below {sample_rate_hz / 2:g} Hz",
        )


def apply(sound: Sound, sections: Sections) -> Sound:
    """Filter each channel; a channel at a time keeps the double-precision copy small."""
    require_sound(sound)
    return np.stack([sosfilt(sections, channel).astype(np.float32) for channel in sound])


def _pass(
    sound: Sound, sample_rate_hz: int, hz: float, kind: Literal["highpass", "lowpass"]
) -> Sound:
    check_frequency(hz, sample_rate_hz)
    return apply(sound, butter(2, hz, kind, fs=sample_rate_hz, output="sos"))


def highpass(sound: Sound, sample_rate_hz: int, *, hz: float) -> Sound:
    """Remove what is below `hz`."""
    return _pass(sound, sample_rate_hz, hz, "highpass")


def lowpass(sound: Sound, sample_rate_hz: int, *, hz: float) -> Sound:
    """Remove what is above `hz`."""
    return _pass(sound, sample_rate_hz, hz, "lowpass")


def peak(sound: Sound, sample_rate_hz: int, *, hz: float, db: float, q: float = 1.0) -> Sound:
    """Raise or lower a band around `hz`."""
    check_frequency(hz, sample_rate_hz)
    a = 10.0 ** (db / 40.0)
    w = 2.0 * math.pi * hz / sample_rate_hz
    alpha, c = math.sin(w) / (2.0 * q), math.cos(w)
    b = (1 + alpha * a, -2 * c, 1 - alpha * a)
    return apply(sound, _section(b, (1 + alpha / a, -2 * c, 1 - alpha / a)))


def shelf(
    sound: Sound, sample_rate_hz: int, *, hz: float, db: float, side: Literal["low", "high"]
) -> Sound:
    """Raise or lower everything below (low) or above (high) `hz`."""
    check_frequency(hz, sample_rate_hz)
    a = 10.0 ** (db / 40.0)
    w = 2.0 * math.pi * hz / sample_rate_hz
    c = math.cos(w) if side == "high" else -math.cos(w)
    s = 2.0 * math.sqrt(a) * math.sin(w) / (2.0 * BUTTERWORTH_Q)
    sign = -1.0 if side == "high" else 1.0
    b = (a * ((a + 1) + (a - 1) * c + s), sign * 2 * a * ((a - 1) + (a + 1) * c),
         a * ((a + 1) + (a - 1) * c - s))  # fmt: skip
    d = ((a + 1) - (a - 1) * c + s, -sign * 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - s)
    return apply(sound, _section(b, d))


def low_shelf(sound: Sound, sample_rate_hz: int, *, hz: float, db: float) -> Sound:
    """Raise or lower the bass."""
    return shelf(sound, sample_rate_hz, hz=hz, db=db, side="low")


def high_shelf(sound: Sound, sample_rate_hz: int, *, hz: float, db: float) -> Sound:
    """Raise or lower the treble."""
    return shelf(sound, sample_rate_hz, hz=hz, db=db, side="high")


def _section(b: tuple[float, float, float], a: tuple[float, float, float]) -> Sections:
    return np.array([[*b, *a]]) / a[0]
