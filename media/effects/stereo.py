"""Stereo: how wide a sound is."""

from __future__ import annotations

import numpy as np

from media.sound import Sound, require_sound


def width(sound: Sound, *, amount: float) -> Sound:
    """Scale the difference of the channels: 0 is mono, 1 unchanged."""
    require_sound(sound)
    if sound.shape[0] == 1:
        return sound.copy()
    middle = (sound[0] + sound[1]) * np.float32(0.5)
    side = (sound[0] - sound[1]) * np.float32(0.5 * amount)
    return np.stack([middle + side, middle - side])
