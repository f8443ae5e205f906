"""Oscillators without aliasing.

For each pitch a stack of single cycles is built from sines below the audible limit, one cycle
per low-pass cutoff. Playing reads two neighbouring cycles and blends them, which is a filter
sweep that needs no filter. The phase is a 32-bit integer whose overflow is the cycle's end.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from media.sound import Curve, Sound

Wave = Literal["saw", "square", "triangle", "sine", "pulse"]
Phase = npt.NDArray[np.uint32]
Signal = npt.NDArray[np.float32]
TABLE_BITS = 11
TABLE = 1 << TABLE_BITS
CUTOFF_LOW_HZ, CUTOFF_HIGH_HZ, CUTOFFS = 120.0, 16_000.0, 24
HIGHEST_HZ = 16_000.0
SLOPE = 4.0
_TURN = 2.0**32
_BELOW = np.uint32(32 - TABLE_BITS)
_FRACTION = np.uint32((1 << (32 - TABLE_BITS)) - 1)
_UNIT = np.float32(1.0 / (1 << (32 - TABLE_BITS)))


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


def phase_of(hertz: Signal | float, samples: int, sample_rate_hz: int, start: float = 0.0) -> Phase:
    """Phase over time of a steady or moving frequency; a whole turn is 2**32."""
    first = np.uint32(int(start * _TURN) & 0xFFFFFFFF)
    if isinstance(hertz, float):
        step = np.uint32(round(hertz / sample_rate_hz * _TURN))
        return np.asarray(np.arange(samples, dtype=np.uint32) * step + first, dtype=np.uint32)
    steps = (hertz * np.float32(_TURN / sample_rate_hz)).astype(np.uint32)
    return np.asarray(np.cumsum(steps, dtype=np.uint32) + first, dtype=np.uint32)


def turns(phase: Phase) -> Signal:
    """The phase as a share of a turn, 0 to 1."""
    return phase.astype(np.float32) * np.float32(1.0 / _TURN)


def rows(cutoff_hz: Curve) -> Curve:
    """Place of a cutoff in the stack."""
    span = np.log(CUTOFF_HIGH_HZ / CUTOFF_LOW_HZ)
    level = np.log(np.clip(cutoff_hz, CUTOFF_LOW_HZ, CUTOFF_HIGH_HZ) / CUTOFF_LOW_HZ) / span
    return np.asarray(level * (CUTOFFS - 1.001))


@lru_cache(maxsize=1)
def _flat_offsets() -> npt.NDArray[np.int64]:
    return np.arange(CUTOFFS, dtype=np.int64) * (TABLE + 1)


def read(cycles: Sound, phase: Phase, row: Signal) -> Signal:
    """Read the stack at a phase and a row over time."""
    between = (phase & _FRACTION).astype(np.float32) * _UNIT
    lower = row.astype(np.int64)
    blend = row - lower.astype(np.float32)
    flat = cycles.ravel()
    base = _flat_offsets()[lower] + (phase >> _BELOW)
    dark = flat[base]
    dark += between * (flat[base + 1] - dark)
    base += TABLE + 1
    bright = flat[base]
    bright += between * (flat[base + 1] - bright)
    return np.asarray(dark + blend * (bright - dark), dtype=np.float32)
