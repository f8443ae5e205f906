"""Taking a spoken line apart (WORLD vocoder) and singing it anew with another pitch and timing.

The analysis of a line is kept, so that doubles and harmonies cost only their synthesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyworld
from scipy.ndimage import binary_dilation, uniform_filter1d

from media.sound import Curve
from media.voice.speech import Spoken
from media.voice.timing import TimedPhone

FRAME_S = 0.005
_PERIOD_MS = 1000.0 * FRAME_S
_FLOOR_HZ, _CEILING_HZ = 65.0, 400.0
_USUAL_HZ = 130.0
# Unstretched stretches at both ends of a held sound, where it joins its neighbours.
JOIN_S = 0.05
# Around a border what was heard decides about voicing, further inside what the sound is.
BORDER_S = 0.03
# How far a vowel's level goes towards that of the others: 0 as spoken, 1 all alike.
LEVELLING = 0.7
LIFT_DB = (-6.0, 15.0)
LEVEL_FRAMES = 9
# The tracker finds a voice a period or two late and leaves it as early.
LATE_FRAMES = 2
# Their hiss is half of them: voiced only where heard.
_BUZZING = frozenset({"z", "ʒ", "dʒ"})
_SILENCE = 1e-16
WHISPER_GAIN = 1.0
_NOISE_AT_BOTTOM, _NOISE_AT_TOP = 0.02, 0.45
_NOISE_RISES_FROM = 0.25

Flags = npt.NDArray[np.bool_]
Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Take:
    """A spoken line taken apart, one row a frame of `FRAME_S`, and where its phones lie."""

    samples: Curve
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
    tracked = pitch > _FLOOR_HZ
    sounding = binary_dilation(tracked, iterations=LATE_FRAMES)
    frames = np.arange(len(pitch))
    # Whispered frames get the pitch of their neighbours: the analysis window follows it.
    filled = (
        np.interp(frames, frames[tracked], pitch[tracked])
        if tracked.any()
        else np.full(len(pitch), _USUAL_HZ)
    )
    envelope = pyworld.cheaptrick(samples, filled, times, rate)
    noise = pyworld.d4c(samples, filled, times, rate, threshold=0.0)
    return Take(
        samples=samples,
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
    envelope *= _levels(take, timed, at, frame)[:, None]
    envelope[~voiced] = _SILENCE
    noise = _rows(take.noise, frame)
    noise[held] = np.minimum(noise[held], _most_noise(noise.shape[1], manner.breath))
    sung = pyworld.synthesize(
        np.where(voiced, pitch_hz, 0.0), np.ascontiguousarray(envelope),
        np.ascontiguousarray(noise), take.sample_rate_hz, _PERIOD_MS,
    )  # fmt: skip
    return np.asarray(sung) + _whispered(take, frame, ~voiced, len(sung))


def _whispered(take: Take, frame: Curve, whispered: Flags, samples: int) -> Curve:
    """Voiceless frames as they were spoken, pieced together from overlapping grains.

    A vocoder makes smooth noise of them; the bursts by which p, t and k are told apart are lost.
    """
    hop = FRAME_S * take.sample_rate_hz
    reach = int(hop)
    window = np.hanning(2 * reach + 1)
    made = np.zeros(samples + 4 * reach)
    source = np.pad(take.samples, 2 * reach)
    for index in np.flatnonzero(whispered):
        to = round(index * hop) + reach
        come = round(float(np.clip(frame[index], 0.0, len(take.sounding) - 1.0)) * hop) + reach
        made[to : to + len(window)] += window * source[come : come + len(window)]
    return WHISPER_GAIN * made[2 * reach : 2 * reach + samples]


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
    """Frames of vowels, and frames that sound at all.

    A sound decides by what it is; where sounding meets voiceless, a border which the network
    draws only roughly, what was heard decides.
    """
    heard = take.sounding[np.clip(np.round(frame).astype(int), 0, len(take.sounding) - 1)]
    vowel = np.zeros(len(at), dtype=bool)
    voiced = np.zeros(len(at), dtype=bool)
    for here, phone in enumerate(timed):
        before, after = timed[here - 1 : here] or None, timed[here + 1 : here + 2] or None
        first = phone.start_s + (BORDER_S if _meets(phone, before) else 0.0)
        last = phone.end_s - (BORDER_S if _meets(phone, after) else 0.0)
        inside = (at >= phone.start_s) & (at < phone.end_s)
        middle = (at >= first) & (at < last)
        if phone.phone.symbol in _BUZZING:
            voiced |= inside & heard
        elif phone.phone.voiced:
            voiced |= inside & (middle | heard)
        else:
            voiced |= inside & ~middle & heard
        if phone.phone.place in ("vowel", "glide"):
            vowel |= inside
    return vowel & voiced, voiced


def _meets(phone: TimedPhone, neighbour: Sequence[TimedPhone] | None) -> bool:
    """Whether the neighbour (silence when None) differs in voice."""
    return not phone.phone.voiced if neighbour is None else (
        neighbour[0].phone.voiced != phone.phone.voiced
    )  # fmt: skip


def _levels(take: Take, timed: Sequence[TimedPhone], at: Curve, frame: Curve) -> Curve:
    """Power factors that hold the vowels at one level, as a singer does and a speaker does not."""
    power = uniform_filter1d(take.envelope.mean(axis=1).astype(np.float64), LEVEL_FRAMES)
    loud = 10.0 * np.log10(np.interp(frame, np.arange(len(power)), power) + 1e-12)
    core = np.zeros(len(at), dtype=bool)
    for phone in timed:
        if phone.phone.place == "vowel":
            edge = min(JOIN_S, 0.35 * (phone.end_s - phone.start_s))
            core |= (at >= phone.start_s + edge) & (at < phone.end_s - edge)
    if not core.any():
        return np.ones(len(at))
    lifts = LEVELLING * np.clip(np.percentile(loud[core], 75) - loud[core], *LIFT_DB)
    return np.asarray(10.0 ** (np.interp(at, at[core], lifts) / 10.0))


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
