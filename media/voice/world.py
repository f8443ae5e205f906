"""Taking a spoken line apart (WORLD vocoder) and singing it anew with another pitch and timing.

The analysis of a line is kept, so that doubles and harmonies cost only their synthesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyworld
from scipy.ndimage import uniform_filter1d

from media.sound import Curve
from media.voice.align import Flags, refined
from media.voice.phonemes import BUZZING, Phone
from media.voice.speech import Spoken
from media.voice.timing import TimedPhone

FRAME_S = 0.005
_PERIOD_MS = 1000.0 * FRAME_S
_FLOOR_HZ, _CEILING_HZ = 65.0, 400.0
_USUAL_HZ = 130.0
# Both ends of a vowel, where it joins its neighbours and keeps their level.
JOIN_S = 0.05
HISS_FROM_HZ = 3500.0
VOICE_HZ = (80.0, 900.0)
VOICE_FLOOR_DB = -24.0
SILENT_BELOW_DB = -45.0
# A t between vowels is often no t: voiced when this much of it was.
FLAPPED = 0.6
HELD_WITHIN_DB = 10.0
# How far a vowel's level goes towards that of the others: 0 as spoken, 1 all alike.
LEVELLING = 0.7
LIFT_DB = (-6.0, 15.0)
LEVEL_FRAMES = 9
_SILENCE = 1e-16
WHISPER_GAIN = 1.0
_NOISE_AT_BOTTOM, _NOISE_AT_TOP = 0.02, 0.45
_NOISE_RISES_FROM = 0.25

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


@dataclass(frozen=True)
class Manner:
    """How a take is sung: the stretch of its envelope and the share of breath in its vowels."""

    formant: float
    breath: float


def frame_times(start_s: float, frames: int) -> Curve:
    """Times of `frames` frames from `start_s` on, in seconds."""
    return np.asarray(start_s + FRAME_S * np.arange(frames), dtype=np.float64)


def take_apart(spoken: Spoken, phones: Sequence[Phone]) -> Take:
    """Analyse a spoken line."""
    samples, rate = np.ascontiguousarray(spoken.samples), spoken.sample_rate_hz
    rough, times = pyworld.dio(
        samples, rate, f0_floor=_FLOOR_HZ, f0_ceil=_CEILING_HZ, frame_period=_PERIOD_MS
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
    low, high = _low_and_high(envelope, rate_hz)
    floor = float(np.percentile(low, 95)) * 10.0 ** (VOICE_FLOOR_DB / 10.0)
    return np.asarray((low > floor) & (low > high))


def _audible(envelope: Curve) -> Flags:
    """Frames that are not silence."""
    power = envelope.mean(axis=1)
    return np.asarray(power > np.percentile(power, 95) * 10.0 ** (SILENT_BELOW_DB / 10.0))


def _low_and_high(envelope: npt.NDArray[np.floating], rate_hz: int) -> tuple[Curve, Curve]:
    """Power of each frame where voices are strong and where hisses are."""
    place = np.linspace(0.0, rate_hz / 2.0, envelope.shape[1])
    low = envelope[:, (place > VOICE_HZ[0]) & (place < VOICE_HZ[1])].sum(axis=1)
    high = envelope[:, place > HISS_FROM_HZ].sum(axis=1)
    return low.astype(np.float64), high.astype(np.float64)


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
    song: list[float] = [timed[0].start_s - take.edges_s[0]]
    spoken: list[float] = [0.0]
    for phone, start, end in zip(timed, take.edges_s, take.edges_s[1:], strict=False):
        extra = (phone.end_s - phone.start_s) - (end - start)
        song.append(phone.start_s)
        spoken.append(float(start))
        if phone.phone.place == "vowel" and extra > 0.0:
            at, share = _where_held(take, float(start), float(end))
            song += (phone.start_s + (at - start) + extra * np.cumsum(share)).tolist()
            spoken += at.tolist()
        song.append(phone.end_s)
        spoken.append(float(end))
    tail = max(len(take.envelope) * FRAME_S - spoken[-1], FRAME_S)
    return np.array([*song, song[-1] + tail]), np.array([*spoken, spoken[-1] + tail])


def _where_held(take: Take, start_s: float, end_s: float) -> tuple[Curve, Curve]:
    """Times inside a vowel and which share of a long note is spent at each.

    A singer holds the middle of a vowel, where it is loud, and not the way into a consonant.
    """
    first, last = int(np.ceil(start_s / FRAME_S)), int(end_s / FRAME_S)
    frames = np.arange(first, max(first, min(last, len(take.envelope) - 1)) + 1)
    low, _ = _low_and_high(take.envelope[frames], take.sample_rate_hz)
    loud = 10.0 * np.log10(low + 1e-12)
    middle = np.sin(np.pi * (np.arange(len(frames)) + 0.5) / len(frames)) ** 2
    weight = middle * np.clip(1.0 + (loud - loud.max()) / HELD_WITHIN_DB, 0.01, None)
    return np.clip(frames * FRAME_S, start_s, end_s), weight / weight.sum()


def _voicing(
    take: Take, timed: Sequence[TimedPhone], at: Curve, frame: Curve
) -> tuple[Flags, Flags]:
    """Frames of vowels, and frames that sound at all: by what a sound is, not by the tracker."""
    heard = take.sounding[np.clip(np.round(frame).astype(int), 0, len(take.sounding) - 1)]
    vowel = np.zeros(len(at), dtype=bool)
    voiced = np.zeros(len(at), dtype=bool)
    for phone in timed:
        inside = (at >= phone.start_s) & (at < phone.end_s)
        if phone.phone.symbol in BUZZING:
            voiced |= inside & heard
        elif phone.phone.voiced or heard[inside].mean() > FLAPPED:
            voiced |= inside
        if phone.phone.place in ("vowel", "glide"):
            vowel |= inside
    return vowel, voiced


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
