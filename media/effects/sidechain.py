"""Side-chain: gain that follows something else in the song."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from media.sound import Curve, Sound, require_sound

ATTACK_MS_OF_DUCK = 6.0


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
