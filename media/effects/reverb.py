"""Reverb: a room built from noise, and sound played in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, oaconvolve, sosfilt

from media.sound import Sound, require_sound

_EARLY_MS = (11.0, 17.0, 23.0, 31.0, 43.0, 57.0)
SIXTY_DB = 6.908


def impulse(
    sample_rate_hz: int,
    *,
    decay_s: float,
    damping_hz: float,
    predelay_ms: float = 18.0,
    seed: int = 1,
) -> Sound:
    """A stereo room: early reflections, then noise whose treble dies sooner than its bass."""
    rng = np.random.default_rng(seed)
    length = int(decay_s * 1.1 * sample_rate_hz)
    t = np.arange(length) / sample_rate_hz
    noise = rng.standard_normal((2, length))
    low = sosfilt(butter(2, damping_hz, "lowpass", fs=sample_rate_hz, output="sos"), noise)
    bright = noise - low
    tail = low * np.exp(-SIXTY_DB * t / decay_s) + bright * np.exp(-SIXTY_DB * t / (0.4 * decay_s))
    tail *= np.minimum(1.0, t / 0.03)
    room = np.zeros((2, length + int(predelay_ms / 1000.0 * sample_rate_hz)))
    room[:, -length:] += tail / np.sqrt((tail**2).sum(axis=1, keepdims=True))
    for place in _EARLY_MS:
        for channel in range(2):
            at = int((place + rng.uniform(0, 6)) / 1000.0 * sample_rate_hz)
            room[channel, min(at, room.shape[1] - 1)] += rng.choice((-1.0, 1.0)) * 0.09
    return room.astype(np.float32)


def reverb(sound: Sound, room: Sound) -> Sound:
    """The sound of the room alone, as long as the input."""
    require_sound(sound)
    require_sound(room, "room")
    samples = sound.shape[1]
    out: npt.NDArray[np.float32] = np.empty_like(sound)
    for index, channel in enumerate(sound):
        out[index] = oaconvolve(channel, room[index % len(room)])[:samples]
    return out
