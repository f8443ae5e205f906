"""Chorus: moving copies of a sound."""

from __future__ import annotations

import numpy as np

from media.sound import Sound, require_sound


def chorus(
    sound: Sound, sample_rate_hz: int, *, rate_hz: float, depth_ms: float, mix: float
) -> Sound:
    """Two slowly moving copies, opposite in the channels."""
    require_sound(sound)
    samples = sound.shape[1]
    grid = np.arange(samples, dtype=np.float64)
    out = sound * np.float32(1.0 - 0.5 * mix)
    for index, channel in enumerate(sound):
        phase = 2.0 * np.pi * rate_hz * grid / sample_rate_hz + index * np.pi / 2.0
        delay = (7.0 + depth_ms * (1.0 + np.sin(phase)) / 2.0) * sample_rate_hz / 1000.0
        out[index] += np.float32(mix) * np.interp(grid - delay, grid, channel, left=0.0).astype(
            np.float32
        )
    return out
