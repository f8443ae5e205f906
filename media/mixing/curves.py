"""Gain over time: curves in decibels with one value a hundredth of a second."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from media.sound import Curve, Sound, require_sound

GRID_S = 0.01
_BLOCK_S = 4
_FLOOR = 1e-12


def grid_size(samples: int, sample_rate_hz: int) -> int:
    """How many values a curve needs to reach past the end of a sound."""
    return int(samples / sample_rate_hz / GRID_S) + 2


def flat(samples: int, sample_rate_hz: int) -> Curve:
    """A curve that changes nothing."""
    return np.zeros(grid_size(samples, sample_rate_hz))


def smooth(curve: Curve, seconds: float) -> Curve:
    """Running mean over a span of time."""
    return np.asarray(uniform_filter1d(curve, max(1, round(seconds / GRID_S)), mode="nearest"))


def level_db(sound: Sound, sample_rate_hz: int) -> Curve:
    """Mean level of each grid step, over all channels."""
    require_sound(sound)
    hop = round(GRID_S * sample_rate_hz)
    hops = sound.shape[1] // hop
    power = np.zeros(grid_size(sound.shape[1], sample_rate_hz))
    for channel in sound:
        frames = channel[: hops * hop].reshape(hops, hop)
        power[:hops] += np.einsum("ij,ij->i", frames, frames) / hop
    return np.asarray(10.0 * np.log10(power / len(sound) + _FLOOR))


def ride(sound: Sound, curve_db: Curve, sample_rate_hz: int) -> None:
    """Apply a curve in place, block by block."""
    require_sound(sound)
    if not curve_db.any():
        return
    grid = np.arange(len(curve_db)) * (GRID_S * sample_rate_hz)
    block = _BLOCK_S * sample_rate_hz
    for first in range(0, sound.shape[1], block):
        stop = min(sound.shape[1], first + block)
        db = np.interp(np.arange(first, stop), grid, curve_db)
        sound[:, first:stop] *= (10.0 ** (db / 20.0)).astype(np.float32)


def glue(sound: Sound, sample_rate_hz: int, *, over_db: float, ratio: float) -> Curve:
    """A gentle bus compressor as a curve; `over_db` counts from the bus's own usual level."""
    level = level_db(sound, sample_rate_hz)
    heard = level[level > level.max(initial=-120.0) - 40.0]
    if not len(heard):
        return np.zeros(len(level))
    threshold = float(np.median(heard)) + over_db
    wanted = np.maximum(0.0, level - threshold) * (1.0 - 1.0 / ratio)
    return -_attack_release(wanted, attack_s=0.02, release_s=0.2)


def _attack_release(wanted: Curve, *, attack_s: float, release_s: float) -> Curve:
    attack, release = np.exp(-GRID_S / attack_s), np.exp(-GRID_S / release_s)
    held, out = 0.0, []
    for target in wanted.tolist():
        keep = attack if target > held else release
        held = keep * held + (1.0 - keep) * target
        out.append(held)
    return np.array(out)
