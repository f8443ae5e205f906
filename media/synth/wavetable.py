"""Oscillators without aliasing.

For each pitch a stack of single cycles is built from sines below the audible limit, one cycle
per low-pass cutoff. Playing reads two neighbouring cycles and blends them, which is a filter
sweep that needs no filter.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from media.sound import Curve, Sound

Wave = Literal["saw", "square", "triangle", "sine", "pulse"]
TABLE = 2048
CUTOFF_LOW_HZ, CUTOFF_HIGH_HZ, CUTOFFS = 120.0, 16_000.0, 24
HIGHEST_HZ = 16_000.0
SLOPE = 4.0


@lru_cache(maxsize=256)
def stack(wave: Wave, hertz: float, resonance: float = 0.0) -> Sound:
    """Cycles of shape (CUTOFFS, TABLE + 1); the last sample repeats the first."""
    count = max(1, min(TABLE // 2 - 1, int(HIGHEST_HZ / hertz)))
    k = np.arange(1.0, count + 1.0)
    cutoffs = np.geomspace(CUTOFF_LOW_HZ, CUTOFF_HIGH_HZ, CUTOFFS)[:, None]
    ratio = k * hertz / cutoffs
    response = 1.0 / (1.0 + ratio**SLOPE)
    response += resonance * np.exp(-(((ratio - 1.0) / 0.3) ** 2))
    spectrum = np.zeros((CUTOFFS, TABLE // 2 + 1), dtype=np.complex128)
    spectrum[:, 1 : count + 1] = -1j * _harmonics(wave, k) * response * (TABLE / 2)
    cycles = np.fft.irfft(spectrum, TABLE, axis=1)
    return np.concatenate([cycles, cycles[:, :1]], axis=1).astype(np.float32)


def _harmonics(wave: Wave, k: Curve) -> Curve:
    if wave == "sine":
        return np.where(k == 1, 1.0, 0.0)
    if wave == "square":
        return np.where(k % 2 == 1, 1.0 / k, 0.0) * 1.2
    if wave == "triangle":
        sign = np.where((k // 2) % 2 == 0, 1.0, -1.0)
        return np.where(k % 2 == 1, sign / k**2, 0.0) * 1.4
    if wave == "pulse":
        return np.sin(np.pi * k * 0.28) / k
    return 1.0 / k * 0.8


def play(
    cycles: Sound, hertz: Curve | float, cutoff_hz: Curve, sample_rate_hz: int, phase: float
) -> Sound:
    """Read the stack at a frequency and a cutoff over time; `phase` is 0 to 1."""
    samples = len(cutoff_hz)
    step = np.asarray(hertz, dtype=np.float64) / sample_rate_hz
    turns = np.cumsum(step) if step.ndim else np.arange(samples) * step
    place = ((turns + phase) % 1.0 * TABLE).astype(np.float32)
    # Rounding to 32 bits can land on the table's end, which is its beginning again.
    left = np.minimum(place.astype(np.int32), TABLE - 1)
    between = place - left
    span = np.log(CUTOFF_HIGH_HZ / CUTOFF_LOW_HZ)
    level = np.log(np.clip(cutoff_hz, CUTOFF_LOW_HZ, CUTOFF_HIGH_HZ) / CUTOFF_LOW_HZ) / span
    row = (level * (CUTOFFS - 1.001)).astype(np.float32)
    lower = row.astype(np.int32)
    blend = row - lower
    flat = cycles.ravel()
    base = lower * (TABLE + 1) + left
    dark = flat[base] + between * (flat[base + 1] - flat[base])
    base += TABLE + 1
    bright = flat[base] + between * (flat[base + 1] - flat[base])
    return np.asarray(dark + blend * (bright - dark), dtype=np.float32)
