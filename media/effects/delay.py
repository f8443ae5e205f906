"""Delay: echoes in time."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from domain.errors import InvalidInput
from media.sound import Sound, require_sound


def delay(
    sound: Sound, sample_rate_hz: int, *, time_s: float, feedback: float, mix: float
) -> Sound:
    """Echoes that cross between the channels and darken."""
    require_sound(sound)
    if not 0.0 <= feedback < 1.0:
        raise InvalidInput("feedback would grow", field="feedback", remedy="keep it below 1")
    step = max(1, round(time_s * sample_rate_hz))
    dark = butter(1, 4500.0, "lowpass", fs=sample_rate_hz, output="sos")
    out = sound.copy()
    echo, level, offset = sound, mix, step
    while level > 0.01 and offset < sound.shape[1]:
        echo = np.stack([sosfilt(dark, c).astype(np.float32) for c in echo[::-1]])
        out[:, offset:] += np.float32(level) * echo[:, : sound.shape[1] - offset]
        level *= feedback
        offset += step
    return out
