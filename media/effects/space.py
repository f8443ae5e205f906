"""Space and time: chorus, delay, reverb."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, oaconvolve, sosfilt

from domain.errors import InvalidInput
from media.sound import Sound, require_sound

_EARLY_MS = (11.0, 17.0, 23.0, 31.0, 43.0, 57.0)
SIXTY_DB = 6.908


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


def width(sound: Sound, *, amount: float) -> Sound:
    """Scale the difference of the channels: 0 is mono, 1 unchanged."""
    require_sound(sound)
    if sound.shape[0] == 1:
        return sound.copy()
    middle = (sound[0] + sound[1]) * np.float32(0.5)
    side = (sound[0] - sound[1]) * np.float32(0.5 * amount)
    return np.stack([middle + side, middle - side])
