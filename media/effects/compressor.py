"""The compressor, and the de-esser that compresses only the treble."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt

from media.effects.eq import check_frequency
from media.sound import Curve, Sound, require_sound

HOP = 64


def compress(
    sound: Sound, sample_rate_hz: int, *, threshold_db: float, ratio: float,
    attack_ms: float = 10.0, release_ms: float = 120.0, makeup_db: float = 0.0,
) -> Sound:  # fmt: skip
    """Turn down what is louder than the threshold; both channels move together."""
    require_sound(sound)
    reduction = _smoothed(
        _overshoot(sound, threshold_db, ratio), sample_rate_hz, attack_ms, release_ms
    )
    return sound * _drawn_out(10.0 ** ((makeup_db - reduction) / 20.0), sound.shape[1])


def _drawn_out(gains: Curve, samples: int) -> Sound:
    """Straight lines from hop to hop, one gain per sample."""
    points = np.append(gains, gains[-1:]).astype(np.float32)
    ramp = np.arange(HOP, dtype=np.float32) / np.float32(HOP)
    lines: Sound = (points[:-1, None] + np.diff(points)[:, None] * ramp).ravel()
    return lines[:samples]


def deess(
    sound: Sound, sample_rate_hz: int, *, hz: float = 6000.0, threshold_db: float = -30.0,
    ratio: float = 4.0,
) -> Sound:  # fmt: skip
    """Turn down what is above `hz` while it is louder than the threshold."""
    check_frequency(hz, sample_rate_hz)
    # Forth and back: the band must be in phase with the sound it is taken out of.
    sections = butter(2, hz, "highpass", fs=sample_rate_hz, output="sos")
    hiss = np.stack([sosfiltfilt(sections, channel) for channel in require_sound(sound)])
    hiss = hiss.astype(np.float32)
    tamed = compress(
        hiss, sample_rate_hz, threshold_db=threshold_db, ratio=ratio, attack_ms=1.5, release_ms=45.0
    )
    return np.asarray(sound - hiss + tamed, np.float32)


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
