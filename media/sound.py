"""The sound contract: 32-bit float, channels first, sample rate always passed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidInput

Sound = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float64]

SAMPLE_RATE_HZ = 44_100
CHANNELS = 2


def require_sound(sound: Sound, name: str = "sound") -> Sound:
    """Return `sound` when it is float32 of shape (channels, samples); otherwise raise by name."""
    if sound.ndim != 2 or sound.shape[0] not in (1, 2):
        raise InvalidInput(
            f"{name} has shape {sound.shape}",
            field=name,
            remedy="pass channels first: (1, samples) or (2, samples)",
        )
    if sound.dtype != np.float32:
        raise InvalidInput(
            f"{name} is {sound.dtype}", field=name, remedy="pass 32-bit floating point samples"
        )
    return sound


def gain(db: float) -> np.float32:
    """Linear factor of a level in decibels."""
    return np.float32(10.0 ** (db / 20.0))


def decibels(amplitude: float) -> float:
    """Level of an amplitude in decibels, never below -200."""
    return float(20.0 * np.log10(max(amplitude, 1e-10)))


def silence(samples: int, channels: int = CHANNELS) -> Sound:
    """Nothing, as many samples as asked."""
    return np.zeros((channels, samples), dtype=np.float32)


def panned(mono: Sound, position: float) -> Sound:
    """Place a (samples,) signal in stereo with constant power; -1 is left, 1 is right."""
    angle = (position + 1.0) * np.pi / 4.0
    return np.stack([mono * np.float32(np.cos(angle)), mono * np.float32(np.sin(angle))])
