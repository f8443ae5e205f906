"""Tape and record: pitch wander, soft ceiling, hiss and ticks."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from media.effects.saturation import saturate
from media.sound import Sound, gain, require_sound

CRACKLES_PER_S = 9.0


def tape(
    sound: Sound,
    sample_rate_hz: int,
    *,
    wow_cents: float = 4.0,
    drive_db: float = 2.0,
    seed: int = 0,
) -> Sound:
    """The slow and quick pitch wander of a tape machine, and its soft ceiling."""
    require_sound(sound)
    samples = sound.shape[1]
    rng = np.random.default_rng(seed)
    t = np.arange(samples) / sample_rate_hz
    offset = np.zeros(samples)
    for hz, share in ((0.45, 0.75), (1.1, 0.2), (6.3, 0.05)):
        # A delay swinging by d seconds at f hertz bends pitch by at most 2 pi f d.
        bend = (2.0 ** (wow_cents * share / 1200.0) - 1.0) / (2.0 * np.pi * hz)
        offset += bend * np.sin(2.0 * np.pi * hz * t + rng.uniform(0, 2 * np.pi))
    at = np.arange(samples) + (offset - offset.max()) * sample_rate_hz
    grid = np.arange(samples, dtype=np.float64)
    moved = np.stack([np.interp(at, grid, channel).astype(np.float32) for channel in sound])
    return saturate(moved, sample_rate_hz, drive_db=drive_db)


def crackle(sound: Sound, sample_rate_hz: int, *, level_db: float, seed: int = 0) -> Sound:
    """Add the hiss and the ticks of a worn record under the music, only where it plays."""
    require_sound(sound)
    channels, samples = sound.shape
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((channels, samples), dtype=np.float32) * gain(level_db - 6.0)
    count = int(samples / sample_rate_hz * CRACKLES_PER_S)
    ticks = np.zeros(samples, dtype=np.float32)
    ticks[rng.integers(0, samples, count)] = rng.exponential(1.0, count).astype(np.float32)
    band = butter(2, (900.0, 6500.0), "bandpass", fs=sample_rate_hz, output="sos")
    ticks = sosfilt(band, ticks).astype(np.float32) * gain(level_db + 26.0)
    return sound + noise + ticks
