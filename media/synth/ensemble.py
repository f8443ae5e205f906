"""Ensembles: each harmonic a narrow band of noise, which sounds like many players.

A table of some seconds is made from a spectrum with random phases (P. Nasca's PADsynth); it
loops without a seam, holds nothing above the audible limit, and playing it is copying it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from media.sound import Curve, Sound
from media.synth.control import drawn_out, envelope, times
from media.synth.patch import Ensemble
from media.theory import hertz

TABLE = 1 << 17
HIGHEST_HZ = 14_000.0
_REACH = 3.0


def render(
    patch: Ensemble, pitch: int, held_s: float, strength: float, sample_rate_hz: int
) -> Sound:
    """One note in stereo, opening from dark to bright."""
    loud = envelope(patch.envelope, held_s, sample_rate_hz)
    samples = len(loud)
    t = times(samples, sample_rate_hz)
    dark, bright = tables(patch, pitch, sample_rate_hz)
    first = (pitch * 7919) % TABLE
    open_ = drawn_out((0.35 + 0.65 * strength) * np.minimum(1.0, t / patch.opening_s), samples)
    shape = loud * np.float32(patch.level * strength**1.3)
    low = _looped(dark, first, samples)
    return np.asarray((low + (_looped(bright, first, samples) - low) * open_) * shape)


def _looped(table: Sound, first: int, samples: int) -> Sound:
    turns = -(-(first + samples) // TABLE)
    if turns == 1:
        return table[:, first : first + samples]
    return np.tile(table, (1, turns))[:, first : first + samples]


@lru_cache(maxsize=40)
def tables(patch: Ensemble, pitch: int, sample_rate_hz: int) -> tuple[Sound, Sound]:
    """The dark and the bright table of a pitch, equally loud."""
    base = hertz(pitch)
    numbers = np.array(patch.harmonics or range(1, max(2, int(HIGHEST_HZ / base))), dtype=float)
    numbers = numbers[numbers * base < HIGHEST_HZ]
    levels = numbers**-patch.slope * _formants(patch, numbers * base)
    rng = np.random.default_rng(pitch * 101 + len(numbers))
    phases = rng.uniform(0.0, 2.0 * np.pi, TABLE // 2 + 1)
    turned = phases + patch.stereo * rng.uniform(-np.pi, np.pi, TABLE // 2 + 1)
    found = []
    for cutoff in (patch.dark_hz, patch.bright_hz):
        filtered = levels / (1.0 + (numbers * base / cutoff) ** 4)
        spectrum = _bands(patch, numbers, filtered, base, sample_rate_hz)
        both = np.stack([spectrum * np.exp(1j * phases), spectrum * np.exp(1j * turned)])
        table = np.fft.irfft(both, TABLE, axis=1)
        found.append((table / table.std() * 0.25).astype(np.float32))
    return found[0], found[1]


def _formants(patch: Ensemble, at_hz: Curve) -> Curve:
    if not patch.formants:
        return np.ones_like(at_hz)
    peaks = [f.gain * np.exp(-(((at_hz - f.hz) / f.width_hz) ** 2)) for f in patch.formants]
    return np.asarray(0.06 + np.sum(peaks, axis=0))


def _bands(
    patch: Ensemble, numbers: Curve, levels: Curve, base_hz: float, sample_rate_hz: int
) -> Curve:
    """A bell curve around each harmonic, as wide as the players are apart."""
    spectrum = np.zeros(TABLE // 2 + 1)
    bin_hz = sample_rate_hz / TABLE
    width_hz = (2.0 ** (patch.width_cents / 1200.0) - 1.0) * base_hz
    for number, level in zip(numbers, levels, strict=True):
        width = max(bin_hz, width_hz * number**patch.spread / 2.0)
        centre = number * base_hz
        low = max(1, int((centre - _REACH * width) / bin_hz))
        high = min(len(spectrum) - 1, int((centre + _REACH * width) / bin_hz) + 1)
        distance = (np.arange(low, high) * bin_hz - centre) / width
        spectrum[low:high] += level * np.exp(-(distance**2)) * np.sqrt(bin_hz / width)
    return spectrum
