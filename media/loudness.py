"""Loudness after ITU-R BS.1770 and EBU R 128: integrated, short-term, range, true peak."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import soxr
from scipy.signal import sosfilt

from media.effects.eq import Sections
from media.sound import Curve, Sound, decibels, require_sound

HOP_S = 0.1
MOMENTARY_HOPS, SHORT_TERM_HOPS = 4, 30
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU, RANGE_GATE_LU = 10.0, 20.0
SILENT_LUFS = -120.0
OVERSAMPLING = 4
_BLOCK_S = 10


@dataclass(frozen=True)
class Loudness:
    """What a listener's meter would show."""

    integrated_lufs: float
    range_lu: float
    short_term_max_lufs: float


def _k_weighting(sample_rate_hz: int) -> Sections:
    """The two filters of BS.1770, derived for any rate from their analogue prototypes."""
    f0, gain_db, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * f0 / sample_rate_hz)
    vh = 10.0 ** (gain_db / 20.0)
    vb = vh**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf = [
        (vh + vb * k / q + k * k) / a0, 2.0 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0,
        1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0,
    ]  # fmt: skip
    f0, q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * f0 / sample_rate_hz)
    a0 = 1.0 + k / q + k * k
    high = [1.0, -2.0, 1.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]
    return np.array([shelf, high])


def hop_powers(sound: Sound, sample_rate_hz: int) -> Curve:
    """Weighted power of each tenth of a second, channels summed."""
    require_sound(sound)
    hop = round(HOP_S * sample_rate_hz)
    hops = sound.shape[1] // hop
    sections = _k_weighting(sample_rate_hz)
    powers = np.zeros(hops)
    if not hops:
        return powers
    for channel in sound:
        weighted = sosfilt(sections, channel)[: hops * hop]
        powers += np.mean(np.square(weighted).reshape(hops, hop), axis=1)
    return powers


def _lufs(power: Curve) -> Curve:
    return np.asarray(-0.691 + 10.0 * np.log10(np.maximum(power, 1e-12)))


def _windows(powers: Curve, hops: int) -> Curve:
    if len(powers) < hops:
        return np.array([powers.mean()]) if len(powers) else np.zeros(0)
    sums = np.cumsum(np.concatenate([[0.0], powers]))
    return np.asarray((sums[hops:] - sums[:-hops]) / hops)


def measure(sound: Sound, sample_rate_hz: int) -> Loudness:
    """Measure a whole sound; silence measures `SILENT_LUFS`."""
    return loudness_of(hop_powers(sound, sample_rate_hz))


def loudness_of(powers: Curve) -> Loudness:
    """The loudness that hop powers amount to."""
    short = _lufs(_windows(powers, SHORT_TERM_HOPS))
    return Loudness(
        integrated_lufs=_gated(_windows(powers, MOMENTARY_HOPS)),
        range_lu=_range(short),
        short_term_max_lufs=float(short.max(initial=SILENT_LUFS)),
    )


def range_of(powers: Curve) -> float:
    """The loudness range that hop powers amount to."""
    return _range(_lufs(_windows(powers, SHORT_TERM_HOPS)))


def _gated(powers: Curve) -> float:
    loud = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return SILENT_LUFS
    threshold = _lufs(np.array([loud.mean()]))[0] - RELATIVE_GATE_LU
    return float(_lufs(np.array([loud[_lufs(loud) > threshold].mean()]))[0])


def _range(short_term: Curve) -> float:
    loud = short_term[short_term > ABSOLUTE_GATE_LUFS]
    if len(loud) < 2:
        return 0.0
    mean = _lufs(np.array([np.mean(10.0 ** ((loud + 0.691) / 10.0))]))[0]
    kept = loud[loud > mean - RANGE_GATE_LU]
    low, high = np.percentile(kept, [10, 95])
    return float(high - low)


def peaks(sound: Sound, sample_rate_hz: int) -> Sound:
    """Inter-sample peak near each sample, of the louder channel; worked in blocks."""
    require_sound(sound)
    samples = sound.shape[1]
    out: Sound = np.abs(sound).max(axis=0)
    block, margin = _BLOCK_S * sample_rate_hz, 256
    for first in range(0, samples, block):
        start, stop = max(0, first - margin), min(samples, first + block + margin)
        for channel in sound[:, start:stop]:
            up = soxr.resample(channel, sample_rate_hz, sample_rate_hz * OVERSAMPLING, quality="HQ")
            grid = np.abs(up[: (stop - start) * OVERSAMPLING])
            grid = np.pad(grid, (0, (stop - start) * OVERSAMPLING - len(grid)))
            near = grid.reshape(-1, OVERSAMPLING).max(axis=1)
            end = min(samples, first + block)
            np.maximum(out[first:end], near[first - start : end - start], out=out[first:end])
    return out


def true_peak_dbtp(sound: Sound, sample_rate_hz: int) -> float:
    """Highest inter-sample peak in dBTP."""
    return decibels(float(peaks(sound, sample_rate_hz).max(initial=0.0)))
