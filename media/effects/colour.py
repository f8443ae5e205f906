"""Colour: saturation, tape and record noise."""

from __future__ import annotations

import numpy as np
import soxr
from scipy.signal import butter, sosfilt

from media.sound import Sound, gain, require_sound

OVERSAMPLING = 2
CRACKLES_PER_S = 9.0


def saturate(sound: Sound, sample_rate_hz: int, *, drive_db: float) -> Sound:
    """Soft clipping at twice the rate, so that the new harmonics do not fold back."""
    require_sound(sound)
    drive = gain(drive_db)
    out = []
    for channel in sound:
        up = soxr.resample(channel, sample_rate_hz, sample_rate_hz * OVERSAMPLING, quality="HQ")
        bent = np.tanh(up * drive) / np.tanh(drive)
        down = soxr.resample(bent, sample_rate_hz * OVERSAMPLING, sample_rate_hz, quality="HQ")
        out.append(_exactly(down.astype(np.float32), sound.shape[1]))
    return np.stack(out)


def _exactly(channel: Sound, samples: int) -> Sound:
    return np.pad(channel[:samples], (0, max(0, samples - len(channel))))


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
