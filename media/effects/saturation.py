"""Saturation: soft clipping without aliases."""

from __future__ import annotations

import numpy as np
import soxr

from media.sound import Sound, gain, require_sound

OVERSAMPLING = 2


def saturate(sound: Sound, sample_rate_hz: int, *, drive_db: float) -> Sound:
    """Soft clipping at twice the rate, so that the new harmonics do not fold back."""
    require_sound(sound)
    drive = gain(drive_db)
    out = []
    for channel in sound:
        up = soxr.resample(channel, sample_rate_hz, sample_rate_hz * OVERSAMPLING, quality="HQ")
        bent = np.tanh(up * drive) / np.tanh(drive)
        down = soxr.resample(bent, sample_rate_hz * OVERSAMPLING, sample_rate_hz, quality="HQ")
        out.append(_exactly(down.astype(np.float32), sound.shape[1]))
    return np.stack(out)


def _exactly(channel: Sound, samples: int) -> Sound:
    return np.pad(channel[:samples], (0, max(0, samples - len(channel))))
