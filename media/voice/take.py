"""Taking a spoken line apart (WORLD) into its envelope, its noise and where its sounds lie.

The analysis of a line is kept, so that doubles and harmonies cost only their synthesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyworld

from media.sound import Curve
from media.voice.align import Flags, refined
from media.voice.phonemes import Phone
from media.voice.speech import Spoken

FRAME_S = 0.005
PERIOD_MS = 1000.0 * FRAME_S
HISS_FROM_HZ = 3500.0
VOICE_HZ = (80.0, 900.0)
VOICE_FLOOR_DB = -24.0
SILENT_BELOW_DB = -45.0
_FLOOR_HZ, _CEILING_HZ = 65.0, 400.0
_USUAL_HZ = 130.0

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Take:
    """A spoken line taken apart, one row a frame of `FRAME_S`, and where its phones lie."""

    samples: Curve
    envelope: Frames
    noise: Frames
    sounding: Flags
    edges_s: Curve
    sample_rate_hz: int

    @property
    def lengths_s(self) -> Curve:
        """How long each phone lasts in speech."""
        return np.diff(self.edges_s)


def frame_times(start_s: float, frames: int) -> Curve:
    """Times of `frames` frames from `start_s` on, in seconds."""
    return np.asarray(start_s + FRAME_S * np.arange(frames), dtype=np.float64)


def take_apart(spoken: Spoken, phones: Sequence[Phone]) -> Take:
    """Analyse a spoken line."""
    samples, rate = np.ascontiguousarray(spoken.samples), spoken.sample_rate_hz
    rough, times = pyworld.dio(
        samples, rate, f0_floor=_FLOOR_HZ, f0_ceil=_CEILING_HZ, frame_period=PERIOD_MS
    )
    pitch = _filled(pyworld.stonemask(samples, rough, times, rate))
    envelope = pyworld.cheaptrick(samples, pitch, times, rate)
    noise = pyworld.d4c(samples, pitch, times, rate, threshold=0.0)
    sounding = _sounding(envelope, rate)
    return Take(
        samples=samples,
        envelope=envelope.astype(np.float32),
        noise=noise.astype(np.float32),
        sounding=sounding,
        edges_s=refined(phones, spoken.edges_s, sounding, _audible(envelope), FRAME_S),
        sample_rate_hz=rate,
    )


def _filled(pitch: Curve) -> Curve:
    """Frames without a pitch get that of their neighbours: the analysis window follows it."""
    tracked = pitch > _FLOOR_HZ
    if not tracked.any():
        return np.full(len(pitch), _USUAL_HZ)
    frames = np.arange(len(pitch))
    return np.interp(frames, frames[tracked], pitch[tracked])


def _sounding(envelope: Curve, rate_hz: int) -> Flags:
    """Frames with a voice in them: strong where voices are and stronger there than above.

    The pitch tracker is no judge of it: it loses the voice in the middle of gliding vowels.
    """
    low, high = low_and_high(envelope, rate_hz)
    floor = float(np.percentile(low, 95)) * 10.0 ** (VOICE_FLOOR_DB / 10.0)
    return np.asarray((low > floor) & (low > high))


def _audible(envelope: Curve) -> Flags:
    """Frames that are not silence."""
    power = envelope.mean(axis=1)
    return np.asarray(power > np.percentile(power, 95) * 10.0 ** (SILENT_BELOW_DB / 10.0))


def low_and_high(envelope: npt.NDArray[np.floating], rate_hz: int) -> tuple[Curve, Curve]:
    """Power of each frame where voices are strong and where hisses are."""
    place = np.linspace(0.0, rate_hz / 2.0, envelope.shape[1])
    low = envelope[:, (place > VOICE_HZ[0]) & (place < VOICE_HZ[1])].sum(axis=1)
    high = envelope[:, place > HISS_FROM_HZ].sum(axis=1)
    return low.astype(np.float64), high.astype(np.float64)
