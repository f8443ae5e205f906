"""Level control: compressor, ducking envelope, automation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from media.sound import Curve, Sound, require_sound

HOP = 64
ATTACK_MS_OF_DUCK = 6.0


def compress(
    sound: Sound, sample_rate_hz: int, *, threshold_db: float, ratio: float,
    attack_ms: float = 10.0, release_ms: float = 120.0, makeup_db: float = 0.0,
) -> Sound:  # fmt: skip
    """Turn down what is louder than the threshold; both channels move together."""
    require_sound(sound)
    samples = sound.shape[1]
    reduction = _smoothed(
        _overshoot(sound, threshold_db, ratio), sample_rate_hz, attack_ms, release_ms
    )
    at = np.arange(samples, dtype=np.float64)
    curve = np.interp(at, np.arange(len(reduction)) * HOP, makeup_db - reduction)
    return sound * (10.0 ** (curve / 20.0)).astype(np.float32)


def _overshoot(sound: Sound, threshold_db: float, ratio: float) -> Curve:
    """Wanted reduction in decibels per hop, from the peak of each hop."""
    samples = sound.shape[1]
    hops = -(-samples // HOP)
    padded = np.zeros(hops * HOP, dtype=np.float32)
    padded[:samples] = np.abs(sound).max(axis=0)
    level = 20.0 * np.log10(padded.reshape(hops, HOP).max(axis=1).astype(np.float64) + 1e-9)
    return np.asarray(np.maximum(0.0, level - threshold_db) * (1.0 - 1.0 / ratio))


def _smoothed(wanted: Curve, sample_rate_hz: int, attack_ms: float, release_ms: float) -> Curve:
    attack = np.exp(-HOP / sample_rate_hz / (attack_ms / 1000.0))
    release = np.exp(-HOP / sample_rate_hz / (release_ms / 1000.0))
    out, held = [], 0.0
    for target in wanted.tolist():
        keep = attack if target > held else release
        held = keep * held + (1.0 - keep) * target
        out.append(held)
    return np.array(out)


def duck_curve(
    samples: int, sample_rate_hz: int, times_s: Sequence[float], *, depth_db: float,
    hold_s: float = 0.03, release_s: float = 0.22,
) -> Curve:  # fmt: skip
    """Gain over time that dips at each kick and recovers, for side-chain pumping."""
    length = int((hold_s + 3.0 * release_s) * sample_rate_hz)
    t = np.arange(length) / sample_rate_hz
    dip = np.where(t < hold_s, 1.0, np.exp(-(t - hold_s) * 2.2 / release_s))
    shape = 10.0 ** (-depth_db * dip / 20.0)
    curve = np.ones(samples)
    for time_s in times_s:
        first = int(time_s * sample_rate_hz)
        count = min(length, samples - first)
        if count > 0:
            part = curve[first : first + count]
            np.minimum(part, shape[:count], out=part)
    width = max(1, int(ATTACK_MS_OF_DUCK / 1000.0 * sample_rate_hz))
    smoothed: Curve = uniform_filter1d(curve, width)
    return smoothed


def automate(sound: Sound, curve: Curve) -> Sound:
    """Multiply by a gain per sample."""
    require_sound(sound)
    return sound * curve[: sound.shape[1]].astype(np.float32)
