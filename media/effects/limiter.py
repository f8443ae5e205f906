"""A look-ahead limiter for true peaks."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from media.loudness import peaks
from media.sound import Sound, gain, require_sound

LOOK_AHEAD_S = 0.004
RELEASE_S = 0.08


def limit(sound: Sound, sample_rate_hz: int, *, ceiling_dbtp: float) -> Sound:
    """Keep inter-sample peaks under the ceiling by turning down around them.

    A running minimum followed by a running mean of the same width never rises above what a
    sample in its window asked for; a wide pair gives the release, a narrow one the attack.
    """
    require_sound(sound)
    ceiling = gain(ceiling_dbtp)
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks(sound, sample_rate_hz), 1e-9))
    if float(wanted.min(initial=1.0)) >= 1.0:
        return sound.copy()
    curve = np.minimum(
        _held(wanted, RELEASE_S, sample_rate_hz), _held(wanted, LOOK_AHEAD_S, sample_rate_hz)
    )
    return sound * curve.astype(np.float32)


def _held(wanted: Sound, seconds: float, sample_rate_hz: int) -> Sound:
    half = max(1, int(seconds * sample_rate_hz / 2))
    width = 2 * half + 1
    held: Sound = uniform_filter1d(minimum_filter1d(wanted, width), width)
    return held
