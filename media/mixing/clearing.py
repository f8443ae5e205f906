"""Room for the voice: the band steps back while words are sung, most where words live."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from media.mixing.curves import GRID_S
from media.sound import Curve, Sound, require_sound

# Consonants and the second formant: what tells words apart.
SPEECH_BAND_HZ = (1000.0, 4000.0)
BROAD_SHARE, BAND_SHARE = 0.5, 1.8
_BLOCK_S = 4


def broad_db(activity: Curve, duck_db: float) -> Curve:
    """The small part of the step back that all frequencies take."""
    return -BROAD_SHARE * duck_db * activity


def dip_band(sound: Sound, activity: Curve, duck_db: float, sample_rate_hz: int) -> None:
    """Turn the speech band down in place while the voice is active.

    Linear in the sound: dipping stems one by one equals dipping their sum.
    """
    require_sound(sound)
    if not duck_db or not activity.any():
        return
    sections = butter(1, SPEECH_BAND_HZ, "bandpass", fs=sample_rate_hz, output="sos")
    depth_db = -BAND_SHARE * duck_db
    grid = np.arange(len(activity)) * (GRID_S * sample_rate_hz)
    block = _BLOCK_S * sample_rate_hz
    for channel in sound:
        state = np.zeros((len(sections), 2))
        for first in range(0, len(channel), block):
            part = channel[first : first + block]
            band, state = sosfilt(sections, part, zi=state)
            active = np.interp(np.arange(first, first + len(part)), grid, activity)
            part += (band * (10.0 ** (depth_db * active / 20.0) - 1.0)).astype(np.float32)
