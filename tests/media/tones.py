"""Generated signals for tests."""

from __future__ import annotations

import numpy as np

from media.sound import Sound

RATE = 44_100


def sine(hertz: float, seconds: float = 1.0, level: float = 0.5, channels: int = 2) -> Sound:
    """A steady tone."""
    t = np.arange(int(seconds * RATE)) / RATE
    return np.tile((level * np.sin(2 * np.pi * hertz * t)).astype(np.float32), (channels, 1))


def noise(seconds: float = 1.0, level: float = 0.2, seed: int = 0) -> Sound:
    """White noise, channels independent."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def rms_db(sound: Sound) -> float:
    """Mean level in decibels."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))
