"""Taking a spoken line apart (WORLD vocoder) and singing it anew with another pitch and timing.

The analysis of a line is kept, so that doubles and harmonies cost only their synthesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyworld

from media.sound import Curve
from media.voice.speech import Spoken
from media.voice.timing import TimedPhone

FRAME_S = 0.005
_PERIOD_MS = 1000.0 * FRAME_S
_FLOOR_HZ, _CEILING_HZ = 65.0, 400.0
_USUAL_HZ = 130.0
# Unstretched stretches at both ends of a held sound, where it joins its neighbours.
JOIN_S = 0.05
_NOISE_AT_BOTTOM, _NOISE_AT_TOP = 0.02, 0.45
_NOISE_RISES_FROM = 0.25

Flags = npt.NDArray[np.bool_]
Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Take:
    """A spoken line taken apart, one row a frame of `FRAME_S`, and where its phones lie."""

    envelope: Frames
    noise: Frames
    sounding: Flags
    starts_s: Curve
    ends_s: Curve
    sample_rate_hz: int

    @property
    def bytes(self) -> int:
        """Memory it holds."""
        return int(self.envelope.nbytes + self.noise.nbytes)


@dataclass(frozen=True)
class Manner:
    """How a take is sung: the stretch of its envelope and the share of breath in its vowels."""

    formant: float
    breath: float


def frame_times(start_s: float, frames: int) -> Curve:
    """Times of `frames` frames from `start_s` on, in seconds."""
    return np.asarray(start_s + FRAME_S * np.arange(frames), dtype=np.float64)


def take_apart(spoken: Spoken) -> Take:
    """Analyse a spoken line."""
    samples, rate = np.ascontiguousarray(spoken.samples), spoken.sample_rate_hz
    rough, times = pyworld.dio(
        samples, rate, f0_floor=_FLOOR_HZ, f0_ceil=_CEILING_HZ, frame_period=_PERIOD_MS
    )
    pitch = pyworld.stonemask(samples, rough, times, rate)
    sounding = pitch > _FLOOR_HZ
    frames = np.arange(len(pitch))
    # Whispered frames get the pitch of their neighbours: the analysis window follows it.
    filled = (
        np.interp(frames, frames[sounding], pitch[sounding])
        if sounding.any()
        else np.full(len(pitch), _USUAL_HZ)
    )
    envelope = pyworld.cheaptrick(samples, filled, times, rate)
    noise = pyworld.d4c(samples, filled, times, rate, threshold=0.0)
    return Take(
        envelope=envelope.astype(np.float32),
        noise=noise.astype(np.float32),
        sounding=sounding,
        starts_s=spoken.starts_s,
        ends_s=spoken.ends_s,
        sample_rate_hz=rate,
    )


def sing_take(
    take: Take, timed: Sequence[TimedPhone], pitch_hz: Curve, start_s: float, manner: Manner
) -> Curve:
    """Sing a take: `pitch_hz` has a value per frame from `start_s` on; returns samples."""
    at = frame_times(start_s, len(pitch_hz))
    frame = np.interp(at, *_map(take, timed)) / FRAME_S
    held, voiced = _voicing(take, timed, at, frame)
    envelope = _reshaped(_rows(take.envelope, frame), manner.formant)
    noise = _rows(take.noise, frame)
    noise[held] = np.minimum(noise[held], _most_noise(noise.shape[1], manner.breath))
    noise[~voiced] = 1.0
    sung = pyworld.synthesize(
        np.where(voiced, pitch_hz, 0.0), np.ascontiguousarray(envelope),
        np.ascontiguousarray(noise), take.sample_rate_hz, _PERIOD_MS,
    )  # fmt: skip
    return np.asarray(sung)


def _map(take: Take, timed: Sequence[TimedPhone]) -> tuple[Curve, Curve]:
    """Knots from time in the song to time in the take."""
    song: list[float] = [timed[0].start_s - take.starts_s[0]]
    spoken: list[float] = [0.0]
    for phone, start, end in zip(timed, take.starts_s, take.ends_s, strict=True):
        song += [phone.start_s, phone.end_s]
        spoken += [float(start), float(end)]
        join = min(JOIN_S, 0.3 * (end - start), 0.3 * (phone.end_s - phone.start_s))
        if phone.phone.held:
            song[-1:-1] = [phone.start_s + join, phone.end_s - join]
            spoken[-1:-1] = [float(start) + join, float(end) - join]
    tail = len(take.envelope) * FRAME_S - spoken[-1]
    song.append(song[-1] + max(tail, FRAME_S))
    spoken.append(spoken[-1] + max(tail, FRAME_S))
    return np.array(song), np.array(spoken)


def _voicing(
    take: Take, timed: Sequence[TimedPhone], at: Curve, frame: Curve
) -> tuple[Flags, Flags]:
    """Frames of held sounds, and frames that sound at all."""
    heard = take.sounding[np.clip(np.round(frame).astype(int), 0, len(take.sounding) - 1)]
    held = np.zeros(len(at), dtype=bool)
    voiced = np.zeros(len(at), dtype=bool)
    for phone in timed:
        inside = (at >= phone.start_s - 0.5 * FRAME_S) & (at < phone.end_s)
        if phone.phone.held:
            held |= inside & np.full(len(at), phone.phone.place in ("vowel", "glide"))
            voiced |= inside
        elif phone.phone.voiced:
            voiced |= inside & heard
    return held, voiced


def _rows(rows: Frames, frame: Curve) -> Curve:
    """Rows at fractional places."""
    place = np.clip(frame, 0.0, len(rows) - 1.0)
    below = place.astype(int)
    above = np.minimum(below + 1, len(rows) - 1)
    share = (place - below)[:, None]
    return np.asarray(rows[below] * (1.0 - share) + rows[above] * share)


def _reshaped(envelope: Curve, formant: float) -> Curve:
    """Stretch the envelope along frequency; above 1 the vocal tract gets shorter."""
    if formant == 1.0:
        return envelope
    bins = envelope.shape[1]
    source = np.clip(np.arange(bins) / formant, 0.0, bins - 1.0)
    below = source.astype(int)
    above = np.minimum(below + 1, bins - 1)
    share = source - below
    return np.asarray(envelope[:, below] * (1.0 - share) + envelope[:, above] * share)


def _most_noise(bins: int, breath: float) -> Curve:
    """The most aperiodicity a held sound may have, from the lowest to the highest bin."""
    rise = np.clip((np.linspace(0.0, 1.0, bins) - _NOISE_RISES_FROM), 0.0, None)
    rise = rise / (1.0 - _NOISE_RISES_FROM)
    return np.asarray(np.clip(_NOISE_AT_BOTTOM + _NOISE_AT_TOP * rise + breath, 0.0, 1.0))
